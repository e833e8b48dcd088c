"""The example flow: each day is extracted by Python, reported by a Node job, and checked by Python."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from prefect import flow, get_run_logger, task
from prefect.runtime import flow_run

from blocks import DATA_BLOCK, DATASTORE_TYPE, SIGNING_KEY_BLOCK, load_data_block
from flights import open_flights, to_csv
from prefect_ts import Dataset, run_node

JOB = Path(__file__).parents[1] / "dist" / "main.js"
CACHE = Path(os.environ.get("PREFECT_TS_CACHE", Path(__file__).parents[3] / ".data" / "cache"))


@task(task_run_name="extract-{rundate}")
def extract(rundate: str) -> int:
    """Writes the day's flights, and the airlines, as csv datasets. Returns the number of flights."""
    block = load_data_block()
    connection = open_flights(CACHE)
    try:
        year, month, day = map(int, rundate.split("-"))
        queries = {
            "airlines": ("SELECT * FROM airlines ORDER BY carrier", ()),
            "flights": (
                "SELECT * FROM flights WHERE year = ? AND month = ? AND day = ? ORDER BY rowid",
                (str(year), str(month), str(day)),
            ),
        }
        count = 0
        for name, (query, parameters) in queries.items():
            cursor = connection.execute(query, parameters)
            data, count = to_csv([column[0] for column in cursor.description], cursor)
            Dataset(name=name, rundate=rundate, format="csv").write(block, data)
        return count
    finally:
        connection.close()


@task(task_run_name="carrier-delays-{rundate}")
def carrier_delays(rundate: str) -> dict[str, Any]:
    """Runs the Node job for the day: small parameters in, a typed result out."""
    return run_node(
        JOB,
        params={
            "dataset_name": "flights",
            "datastore_type": DATASTORE_TYPE,
            "rundate": rundate,
            "signing_key_block": SIGNING_KEY_BLOCK,
        },
        datastores={DATASTORE_TYPE: DATA_BLOCK},
    )


@task(task_run_name="check-{rundate}")
def check(rundate: str, flights: int, result: dict[str, Any]) -> None:
    """Reads back what the Node job wrote and compares it with what it said."""
    block = load_data_block()
    report = Dataset(name="carrier_delays", type="reports", format="parquet", rundate=rundate)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(report.read(block))
        file.flush()
        query = "SELECT count(*), sum(flights) FROM read_parquet(?)"
        rows, counted = duckdb.execute(query, [file.name]).fetchone()
    expected = (result["rows"], result["flights"], flights)
    if (rows, counted, counted) != expected:
        raise ValueError(
            f"{report.path} has {rows} rows of {counted} flights; "
            f"the job said {result['rows']} rows of {result['flights']}, {flights} were extracted."
        )


def day_of_schedule() -> str:
    """The day that a run on a schedule is for: that of its start, but of 2013, the year of the data."""
    start = flow_run.scheduled_start_time
    leap_day = (start.month, start.day) == (2, 29)
    return f"2013-{start.month:02}-{28 if leap_day else start.day:02}"


def run_name() -> str:
    """Names the flow run by its days, as `etl-2013-01-01-and-2-more`."""
    first, *others = flow_run.parameters["rundates"] or [day_of_schedule()]
    return f"etl-{first}" + (f"-and-{len(others)}-more" if others else "")


@flow(name="etl", flow_run_name=run_name)
def etl(rundates: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """Extracts, reports and checks each day. Returns the job's result by day.

    Args:
        rundates: Days of 2013 such as `2013-02-10`; none: the day of the schedule.
    """
    logger = get_run_logger()
    summary = {}
    for rundate in rundates or [day_of_schedule()]:
        flights = extract(rundate)
        logger.info("%s: extracted %s flights", rundate, flights)
        # The job reads what `extract` wrote: no value is passed, so the graph is told.
        result = carrier_delays(rundate, wait_for=[flights])
        logger.info("%s: Node job reported %s carriers", rundate, result["rows"])
        check(rundate, flights, result)
        logger.info("%s: read back and checked", rundate)
        summary[rundate] = result
    return summary
