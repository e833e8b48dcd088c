"""Writes Arrow files of one column per type into a folder, and prints what pyarrow reads from a parquet file."""

import datetime
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

kind, path = sys.argv[1:]
micros = [0, 1359604800120456, None]
kept = {
    "seconds": pa.array([0, 1359604800, None], pa.timestamp("s", "UTC")),
    "years": pa.array([253402300799, -62135596800, None], pa.timestamp("s", "UTC")),
    "millis": pa.array([0, 1359604800120, None], pa.timestamp("ms", "UTC")),
    "micros": pa.array(micros, pa.timestamp("us", "UTC")),
    "nanos": pa.array([0, 1359604800120456789, None], pa.timestamp("ns", "UTC")),
    "zone": pa.array(micros, pa.timestamp("us", "America/New_York")),
    "naive": pa.array(micros, pa.timestamp("us")),
    "date32": pa.array([0, 15736, None], pa.date32()),
    "date64": pa.array([0, 15736 * 86_400_000, None], pa.date64()),
    "words": pa.array(["a", "b", None]).dictionary_encode(),
    "large_words": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None], pa.int8()), pa.array(["a", "b"], pa.large_utf8())
    ),
    "large": pa.array(["", "ü", None], pa.large_utf8()),
    "nothing": pa.nulls(3),
    "int64": pa.array([2**63 - 1, -(2**63), None], pa.int64()),
}
refused = {
    "decimal": pa.array([None, None, None], pa.decimal128(10, 2)),
    "list": pa.array([[1], [], None]),
    "struct": pa.array([{"a": 1}, None, {"a": 2}]),
    "time": pa.array([1, 2, None], pa.time64("us")),
    "duration": pa.array([1, 2, None], pa.duration("us")),
    "binary": pa.array([b"a", b"\xff", None]),
    "numbers": pa.array([5, 6, None]).dictionary_encode(),
}


def to_text(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, datetime.date | int) else value


if kind == "write":
    for name, table in {
        "kept": pa.table(kept),
        **{f"refused-{name}": pa.table({name: column}) for name, column in refused.items()},
    }.items():
        with pa.ipc.new_file(f"{path}/{name}.arrow", table.schema) as writer:
            writer.write_table(table)
else:
    read = pq.read_table(path)
    print(
        json.dumps(
            {
                name: [str(read.schema.field(name).type), *map(to_text, read[name].to_pylist())]
                for name in read.column_names
            }
        )
    )
