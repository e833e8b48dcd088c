"""The catalogue: the document of protocol/catalog.md, and one that Node writes."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from prefect_ts.catalog import Catalog
from prefect_ts.dataset import DatasetError

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads(
    re.search(r"```json\n(.*?)```", (ROOT / "protocol/catalog.md").read_text("utf-8"), re.DOTALL)[1]
)


def with_dataset(**changes):
    flights = {**DOCUMENT["datasets"]["flights"], **changes}
    return {"version": 1, "datasets": {"flights": flights}}


def test_the_document_of_the_protocol():
    catalog = Catalog(DOCUMENT)
    assert list(catalog.definitions) == ["flights", "delays"]
    assert catalog.definitions["delays"].columns == {"carrier": "string", "mean": "double"}
    flights = catalog.dataset(
        "flights", rundate="2013-01-01", partitions={"month": "12", "origin": "São/Paulo"}
    )
    assert flights.path == (
        "extracts/csv/dataset=flights/rundate=2013-01-01/origin=S%C3%A3o%2FPaulo/month=12/data.csv.gz"
    )
    assert catalog.dataset("delays", today="2013-01-02").path == (
        "reports/parquet/dataset=delays/rundate=2013-01-02/data.parquet"
    )


def test_node_writes_it_and_both_name_the_same_paths(tmp_path):
    script = """
      import { defineCatalog } from '@prefect-ts/dataset'
      const catalog = defineCatalog({
        flights: { format: 'csv', compression: 'zstd', partitions: { when: 'timestamp', n: 'integer' } },
        maps: { type: 'images', format: 'svg', description: 'Maps' },
      })
      const partitions = { n: -5n, when: '2013-01-31T06:00:00+01:00' }
      const dataset = catalog.dataset('flights', { rundate: '2013-01-01', partitions })
      console.log(JSON.stringify({ catalog, path: dataset.path }))
    """
    done = subprocess.run(
        [
            ROOT / "node_modules/.bin/node",
            "-C",
            "@prefect-ts/source",
            "--input-type=module",
            "-e",
            script,
        ],
        cwd=ROOT / "packages/run",
        check=True,
        capture_output=True,
        text=True,
    )
    answer = json.loads(done.stdout)
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(answer["catalog"]))
    catalog = Catalog.load(file)
    assert catalog.definitions["maps"].description == "Maps"
    partitions = {"n": -5, "when": "2013-01-31T06:00:00+01:00"}
    dataset = catalog.dataset("flights", rundate="2013-01-01", partitions=partitions)
    assert dataset.path == answer["path"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "the catalogue is no object"),
        ({"version": 2, "datasets": {}}, "has version 2, but this package reads version 1"),
        ({"version": True, "datasets": {}}, "has version true"),
        ({"version": 1}, '"datasets" is no object'),
        ({"version": 1, "datasets": {"a": []}}, 'dataset "a" is no object'),
        (with_dataset(fromat="csv"), 'dataset "flights" has a field "fromat" that is not known'),
        (with_dataset(format=None), "format must be"),
        (with_dataset(type="extract"), 'type must be "extracts"'),
        (with_dataset(compression="lz4"), 'compression must be "gzip"'),
        (with_dataset(partitions={}), None),
        (with_dataset(partitions=3), '"partitions" is no list'),
        (with_dataset(partitions=[{"type": "string"}]), "without a name of its own"),
        (with_dataset(partitions=[{"name": "k", "type": "text"}]), 'the type of partition "k"'),
        (with_dataset(columns=[{"name": "c", "type": "float"}]), 'the type of column "c"'),
        ({"version": 1, "datasets": {"a/b": {"format": "csv"}}}, "Dataset name must be"),
    ],
)
def test_a_document_that_is_none(document, message):
    if message is None:
        assert Catalog(document).definitions["flights"].partitions == {}
        return
    with pytest.raises(DatasetError) as raised:
        Catalog(document)
    assert raised.value.code == "INVALID_DATASET"
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("name", "partitions", "message"),
    [
        ("flight", {}, 'it has no dataset "flight"; it has "flights", "delays"'),
        ("flights", {"origin": "JFK"}, 'needs a value for partition "month"'),
        ("delays", {"origin": "JFK"}, 'declares no partition "origin"'),
        ("flights", {"origin": "JFK", "month": "May"}, 'partition "month" must be'),
    ],
)
def test_a_call_that_does_not_fit(name, partitions, message):
    with pytest.raises(DatasetError) as raised:
        Catalog(DOCUMENT).dataset(name, partitions=partitions, today="2013-01-01")
    assert raised.value.code == "INVALID_DATASET"
    assert message in str(raised.value)


def test_a_file_that_cannot_be_read(tmp_path):
    for file, message in (
        (tmp_path / "absent.json", "can't be read"),
        (tmp_path / "x", "not JSON"),
    ):
        (tmp_path / "x").write_text("{")
        with pytest.raises(DatasetError, match=message) as raised:
            Catalog.load(file)
        assert str(file) in str(raised.value)
