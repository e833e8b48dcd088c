"""One of several writers of `latest`, like packages/dataset/test/latest-writer.ts, which takes part in the same races.

latest_writer.py FOLDER WRITER WRITERS UPDATES [lock]: prints what each write reported; with `lock` it counts in a
file under the lock instead.
"""

import json
import os
import signal
import sys
from datetime import date, timedelta
from pathlib import Path

from prefect.filesystems import LocalFileSystem

from prefect_ts._latest_lock import latest_lock
from prefect_ts.dataset import Dataset

folder, writer, writers, updates = Path(sys.argv[1]), *map(int, sys.argv[2:5])


def write_days() -> None:
    block = LocalFileSystem(basepath=str(folder))
    outcomes = []
    for update in range(updates):
        # Forward, but every second step goes back.
        index = (update ^ 1) * writers + writer
        day = (date(2000, 1, 1) + timedelta(days=index)).isoformat()
        dataset = Dataset(name="race", format="csv", rundate=day, today=day)
        outcomes.append([day, dataset.write(block, f"{day}\n".encode() * 20_000).latest])
    print(json.dumps(outcomes))


def count_under_lock() -> None:
    counter = folder / "counter"
    for update in range(updates):
        with latest_lock(folder):
            count = int(counter.read_text())
            counter.write_text(str(count + 1))
            # Dies with the lock held: the next one has to take it over.
            if writer % 2 == 1 and update == updates - 1:
                os.kill(os.getpid(), signal.SIGKILL)


count_under_lock() if sys.argv[5:] == ["lock"] else write_days()
