"""The layout's vectors, which the Node tests read too."""

import asyncio
import json
import pickle
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from prefect_ts._layout import resolve_today
from prefect_ts.dataset import Dataset, DatasetError

VECTORS = json.loads(
    (Path(__file__).parents[3] / "protocol/layout.vectors.json").read_text("utf-8")
)


def test_vectors_are_the_ones_this_suite_was_written_for():
    assert VECTORS["version"] == 1
    assert sum(case["origin"] == "PrefectInterfaces.jl" for case in VECTORS["datasets"]) == 6
    assert len(VECTORS["escapes"]) > 150


@pytest.mark.parametrize("case", VECTORS["datasets"], ids=lambda case: case["id"])
def test_dataset(case):
    if "error" in case:
        with pytest.raises(DatasetError) as raised:
            Dataset(**case["options"])
        assert raised.value.code == case["error"]
        return
    dataset = Dataset(**case["options"])
    got = {name: getattr(dataset, name) for name in case["expect"]}
    assert {**got, "write_paths": list(dataset.write_paths)} == case["expect"]


@pytest.mark.parametrize("case", VECTORS["escapes"], ids=lambda case: ascii(case["value"]))
def test_escape(case):
    dataset = Dataset(name="n", format="csv", partitions={"k": case["value"]})
    assert dataset.latest_path == f"extracts/csv/latest/dataset=n/k={case['escaped']}/data.csv"


@pytest.mark.parametrize("case", VECTORS["today"], ids=lambda case: json.dumps(case["options"]))
def test_today(case):
    options = dict(case["options"])
    clock = options.pop("clock", None)
    now = datetime.fromisoformat(clock.replace("Z", "+00:00")) if clock else None

    def call():
        return resolve_today(
            options.get("today"),
            options.get("scheduled_start"),
            options.get("time_zone", "UTC"),
            now and (lambda: now),
        )

    if "error" in case:
        with pytest.raises(DatasetError) as raised:
            call()
        assert raised.value.code == case["error"]
    else:
        assert call() == case["today"]


@pytest.mark.parametrize("case", VECTORS["params"], ids=lambda case: case["id"])
def test_params(case):
    if "error" in case:
        with pytest.raises(DatasetError) as raised:
            Dataset.from_params(case["params"], today=case["today"])
        assert raised.value.code == case["error"]
        for word in case["says"]:
            assert word in str(raised.value)
        return
    dataset = Dataset.from_params(case["params"], today=case["today"])
    got = {"read_path": dataset.read_path, "write_paths": list(dataset.write_paths)}
    assert got == case["expect"]


@pytest.mark.parametrize("rundate_type", ["latest", "specific", None])
@pytest.mark.parametrize("day", ["2023-07-24", "2023-07-23", "2023-07-25", "9999-12-31"])
def test_table(rundate_type, day):
    dataset = Dataset(
        name="n", format="csv", rundate=day, rundate_type=rundate_type, today="2023-07-24"
    )
    is_today = day == "2023-07-24"
    latest = (rundate_type or ("latest" if is_today else "specific")) == "latest"
    assert dataset.read_path == (dataset.latest_path if latest else dataset.path)
    assert (dataset.latest_path in dataset.write_paths) == latest
    assert (dataset.path in dataset.write_paths) == (not latest or is_today)
    assert dataset.write_paths[-1] == dataset.read_path


def test_dates_of_python_are_taken_and_instants_refused():
    day = Dataset(name="n", format="csv", rundate=date(2013, 1, 1), today=date(2013, 1, 1))
    assert (day.rundate, day.rundate_type) == ("2013-01-01", "latest")
    assert Dataset.from_params({"dataset_name": "n", "rundate": date(2013, 1, 1)}).rundate == (
        "2013-01-01"
    )
    instant = datetime(2013, 1, 1, tzinfo=timezone.utc)
    with pytest.raises(DatasetError, match="got a value of type datetime"):
        Dataset(name="n", format="csv", rundate=instant)
    with pytest.raises(DatasetError, match="with its offset"):
        Dataset(name="n", format="csv", scheduled_start=datetime(2013, 1, 1))
    evening = datetime(2013, 1, 1, 23, tzinfo=timezone(timedelta(hours=-5)))
    assert Dataset(name="n", format="csv", scheduled_start=evening).rundate == "2013-01-02"


def test_a_dataset_survives_pickling_and_a_prefect_task():
    from prefect import task

    dataset = Dataset(name="n", format="csv", rundate="2013-01-01", partitions={"k": None})
    assert pickle.loads(pickle.dumps(dataset)) == dataset
    assert hash(dataset) == hash(pickle.loads(pickle.dumps(dataset)))

    @task
    def path_of(given: Dataset) -> str:
        return given.path

    assert path_of.fn(dataset) == dataset.path

    error = DatasetError("message", "NOT_FOUND", "n")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.dataset) == ("message", "NOT_FOUND", "n")


def test_today_is_the_clocks_in_utc_by_default():
    before = datetime.now(timezone.utc).date().isoformat()
    dataset = Dataset(name="n", format="csv")
    after = datetime.now(timezone.utc).date().isoformat()
    assert dataset.rundate in (before, after)
    assert asyncio.iscoroutinefunction(dataset.aread)
