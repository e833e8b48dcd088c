"""Writes a parquet file of many columns, flat and nested, and its rows as JSON beside it."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

path, columns = sys.argv[1], int(sys.argv[2])
values = {
    0: lambda row, at: f"{at}.{row}" if row % 3 else None,
    1: lambda row, at: row * at,
    2: lambda row, at: [row, at] if row % 2 else None,
    3: lambda row, at: {"a": row, "b": [at] * row},
}
table = pa.table({f"c{at}": [values[at % 4](row, at) for row in range(5)] for at in range(columns)})
pq.write_table(table, path, row_group_size=2)
with open(f"{path}.json", "w") as file:
    json.dump(table.to_pylist(), file)
