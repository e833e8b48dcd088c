"""Writes small parquet files of several writers, page versions and encodings into a folder."""

import datetime
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

folder = sys.argv[1]
days = range(12)
table = pa.table(
    {
        "s": [None if day % 7 == 3 else f"text {day % 5}" for day in days],
        "u": [f"x{day * 7919}" for day in days],
        "i": pa.array([None if day % 5 == 1 else day * day for day in days], pa.int64()),
        "j": pa.array(list(days), pa.int32()),
        "d": [day / 3 for day in days],
        "o": [day % 3 == 0 for day in days],
        "y": [datetime.date(2013, 1, 1 + day) for day in days],
        "t": pa.array(
            [datetime.datetime(2013, 1, 1, day) for day in days], pa.timestamp("ms", "UTC")
        ),
        "l": [[1, 2], None, []] * 4,
        "m": [{"a": 1}, None] * 6,
    }
)
pq.write_table(table, f"{folder}/checked.parquet", compression="zstd", write_page_checksum=True)
pq.write_table(
    table,
    f"{folder}/pages-2.parquet",
    compression="snappy",
    data_page_version="2.0",
    row_group_size=7,
)
encodings = {
    "s": "DELTA_BYTE_ARRAY",
    "u": "DELTA_LENGTH_BYTE_ARRAY",
    "i": "DELTA_BINARY_PACKED",
    "j": "DELTA_BINARY_PACKED",
    "d": "BYTE_STREAM_SPLIT",
}
flat = table.drop_columns(["l", "m"])
pq.write_table(
    flat,
    f"{folder}/delta.parquet",
    compression="none",
    use_dictionary=False,
    column_encoding=encodings,
)
pq.write_table(table.select(["s", "i"]), f"{folder}/lz4.parquet", compression="lz4")
duckdb.sql(
    f"copy flat to '{folder}/duckdb.parquet' (format parquet, parquet_version v2, compression uncompressed)"
)
