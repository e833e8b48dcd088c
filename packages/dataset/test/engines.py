"""Asks DuckDB and pyarrow about the cases of protocol/layout.vectors.json: prints how many it checked, exits with 1 on any difference."""

import json
import os
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

VECTORS = json.loads(
    (Path(__file__).parents[3] / "protocol/layout.vectors.json").read_text("utf-8")
)
NULL = "__HIVE_DEFAULT_PARTITION__"
SQL = {"string": "VARCHAR", "integer": "BIGINT", "date": "DATE", "timestamp": "TIMESTAMP"}
ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
problems: list[str] = []
counts = {"duckdb wrote": 0, "pyarrow wrote": 0, "duckdb read": 0, "pyarrow read": 0}
connection = duckdb.connect()


def directories(folder: str) -> set[str]:
    return {os.path.relpath(where, folder) for where, _, files in os.walk(folder) if len(files) > 0}


def to_python(value: object, kind: str) -> object:
    if value is None or kind == "string":
        return value
    if kind == "integer":
        return int(str(value))
    if kind == "date":
        return date.fromisoformat(str(value))
    text = str(value).replace("Z", "+00:00").replace(" ", "T")
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def check(what: str, got: object, expected: object) -> None:
    counts[what] += 1
    if got != expected:
        problems.append(f"{what}: {got!r}, the vectors say {expected!r}")


def written_by_duckdb(values: list[object], kind: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        connection.execute(f"create or replace temp table t (x INTEGER, k {SQL[kind]})")
        connection.executemany("insert into t values (1, ?)", [[value] for value in values])
        connection.execute(f"copy t to '{folder}/o' (format parquet, partition_by (k))")
        return directories(f"{folder}/o")


def written_by_pyarrow(values: list[object], kind: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        # Whole seconds as such: pyarrow writes as many decimals as the unit has.
        seconds = kind == "timestamp" and all(not v or v.microsecond == 0 for v in values)
        arrow = pa.timestamp("s") if seconds else ARROW[kind]
        table = pa.table({"x": [1] * len(values), "k": pa.array(values, arrow)})
        partitioning = ds.partitioning(pa.schema([("k", arrow)]), flavor="hive")
        ds.write_dataset(table, folder, format="parquet", partitioning=partitioning)
        return directories(folder)


def check_writers() -> None:
    expected = {f"k={case['escaped']}" for case in VECTORS["escapes"]}
    texts: list[object] = [case["value"] for case in VECTORS["escapes"]]
    for engine, write in (("duckdb", written_by_duckdb), ("pyarrow", written_by_pyarrow)):
        got = write(texts, "string")
        for directory in expected:
            check(f"{engine} wrote", directory if directory in got else None, directory)
        if len(got) != len(expected):
            problems.append(f"{engine} wrote {len(got)} directories for {len(expected)} texts")
    for case in VECTORS["datasets"]:
        if "error" in case:
            continue
        for key, value, kind, directory in partitions_of(case):
            value = to_python(value, kind)
            expected_directory = f"k={directory.removeprefix(f'{key}=')}"
            check("duckdb wrote", written_by_duckdb([value], kind), {expected_directory})
            # pyarrow keeps the closing zeros of a fraction, which says the same to every reader.
            if not (isinstance(value, datetime) and value.microsecond):
                check("pyarrow wrote", written_by_pyarrow([value], kind), {expected_directory})


def partitions_of(case: dict) -> list[tuple[str, object, str, str]]:
    options = case["options"]
    declared = options.get("partition_types", {})
    below = case["expect"]["path"].split("/")[4:-1]
    return [
        (key, value, declared.get(key, "integer" if isinstance(value, int) else "string"), folder)
        for (key, value), folder in zip(options.get("partitions", {}).items(), below, strict=True)
    ]


def check_readers() -> None:
    for case in VECTORS["datasets"]:
        if "error" in case:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, case["expect"]["path"])
            path.parent.mkdir(parents=True)
            pq.write_table(pa.table({"x": [1]}), path)
            keys = [("dataset", case["options"]["name"], "string", "")]
            keys += [("rundate", case["expect"]["rundate"], "date", "")]
            keys += partitions_of(case)
            expected = [to_python(value, kind) for _, value, kind, _ in keys]

            types = ", ".join(f"'{key}': {SQL[kind]}" for key, _, kind, _ in keys)
            columns = ", ".join(f'"{key}"' for key, *_ in keys)
            files = os.path.join(folder, case["expect"]["glob"]).replace("'", "''")
            # The extension is the format's, the content is parquet here: the file's name says nothing to either reader.
            rows = connection.execute(
                f"select {columns} from read_parquet('{files}', hive_partitioning = true, "
                f"hive_types_autocast = false, hive_types = {{{types}}})"
            ).fetchall()
            check("duckdb read", [list(row) for row in rows], [expected])

            schema = pa.schema([(key, ARROW[kind]) for key, _, kind, _ in keys])
            dataset = ds.dataset(
                str(path),
                format="parquet",
                partitioning=ds.HivePartitioning(
                    schema, segment_encoding="uri", null_fallback=NULL
                ),
            )
            table = dataset.to_table(columns=[key for key, *_ in keys])
            got = [column[0].as_py() for column in table.columns]
            check("pyarrow read", got, expected)


check_writers()
check_readers()
print(json.dumps(counts))
if problems:
    print("\n".join(problems), file=sys.stderr)
    sys.exit(1)
