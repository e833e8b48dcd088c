"""Runs the expressions of `datasetQuery` as they are: reads them from standard input, prints their rows as JSON."""

import json
import sys
from glob import glob  # noqa: F401 -- the expressions name it

import duckdb
import polars as pl
import pyarrow as pa  # noqa: F401
import pyarrow.csv  # noqa: F401
import pyarrow.dataset as ds  # noqa: F401

connection = duckdb.connect()
connection.execute("set timezone = 'UTC'")
answers = []
for query in json.loads(sys.stdin.read()):
    if query["engine"] == "duckdb":
        table = connection.sql(query["expression"]).to_arrow_table()
    else:
        found = eval(query["expression"])
        table = found.collect().to_arrow() if isinstance(found, pl.LazyFrame) else found.to_table()
    types = {field.name: str(field.type) for field in table.schema}
    answers.append({"rows": table.to_pylist(), "types": types})
print(json.dumps(answers, default=str))
