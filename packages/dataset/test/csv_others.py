"""Reads the csv files of a test with Python, DuckDB and pandas, and writes the same tables with Python's csv module."""

import csv
import io
import json
import sys
from pathlib import Path

import duckdb
import pandas

folder = Path(sys.argv[1])
tables = json.loads((folder / "tables.json").read_text("utf-8"))
counts = {"python": 0, "duckdb": 0, "pandas": 0}
connection = duckdb.connect()

for index, rows in enumerate(tables):
    expected = [[row["a"], row["b"], row["c"]] for row in rows]
    file = folder / f"ours-{index}.csv"
    with open(file, newline="", encoding="utf-8") as opened:
        header, *got = csv.reader(opened, strict=True)
    assert header == ["a", "b", "c"] and got == expected, (index, got, expected)
    counts["python"] += 1

    relation = connection.execute(
        "select * from read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', "
        "new_line = '\\n', auto_detect = false, columns = {'a': 'VARCHAR', 'b': 'VARCHAR', 'c': 'VARCHAR'}, "
        "allow_quoted_nulls = false)",
        [str(file)],
    )
    got = [["" if cell is None else cell for cell in row] for row in relation.fetchall()]
    assert got == expected, (index, got, expected)
    counts["duckdb"] += 1

    frame = pandas.read_csv(io.BytesIO(file.read_bytes()), dtype=str, keep_default_na=False)
    # pandas reads a quoted CR or CRLF as it stands with its C engine.
    assert frame.values.tolist() == expected, (index, frame.values.tolist(), expected)
    counts["pandas"] += 1

    # Python leaves a lone CR without quotes when lines end with LF, which RFC 4180 does not allow.
    has_cr = any("\r" in cell for row in expected for cell in row)
    for style, options in {
        "minimal": {
            "lineterminator": "\n",
            "quoting": csv.QUOTE_ALL if has_cr else csv.QUOTE_MINIMAL,
        },
        "all": {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},
        "crlf": {"lineterminator": "\r\n"},
    }.items():
        with open(folder / f"theirs-{style}-{index}.csv", "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, **options)
            writer.writerow(["a", "b", "c"])
            writer.writerows(expected)

print(json.dumps(counts))
