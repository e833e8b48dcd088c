"""Processes that the tests start."""

from __future__ import annotations

import subprocess
from typing import Any

# How long a flow may take to call its job. Prefect's server now and then leaves a request without an answer (seen
# once in a thousand new flow runs on SQLite); its client then waits 60 s and asks again.
START_SECONDS = 150


def stop_process(process: subprocess.Popen[Any], seconds: float = 20) -> None:
    """Asks it to end, and kills it when it does not: none is left, whatever it does."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
