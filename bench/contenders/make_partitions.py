"""Makes so many dated partitions of one dataset, of one byte each."""

import sys
from datetime import date, timedelta
from pathlib import Path

base = Path(sys.argv[1], "extracts/csv/dataset=many")
for index in range(int(sys.argv[2])):
    folder = base / f"rundate={date(1800, 1, 1) + timedelta(index)}"
    folder.mkdir(parents=True)
    (folder / "data.csv").write_bytes(b"x")
