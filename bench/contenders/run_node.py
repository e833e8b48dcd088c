"""Times, inside one flow, run_node of an empty job and ShellOperation of an empty Python script, in turn."""

import json
import shlex
import sys
import time
from pathlib import Path

from prefect import flow
from prefect_shell import ShellOperation

from prefect_ts import run_node

FOLDER = Path(__file__).parent
ROUNDS = int(sys.argv[1])


def timed(call) -> float:
    start = time.perf_counter()
    result = call()
    assert "bench-bucket" in str(result), result
    return (time.perf_counter() - start) * 1000


def shell() -> list[str]:
    command = shlex.join([sys.executable, str(FOLDER / "empty_job.py")])
    return ShellOperation(commands=[command], stream_output=False).run()


@flow
def compare() -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"run_node": [], "ShellOperation": []}
    for _ in range(ROUNDS + 1):
        times["run_node"].append(timed(lambda: run_node(FOLDER / "empty-job.ts")))
        times["ShellOperation"].append(timed(shell))
    # The first round warms the caches of the disk.
    return {name: values[1:] for name, values in times.items()}


print("RESULT", json.dumps(compare()))
