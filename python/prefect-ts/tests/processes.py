"""Processes that the tests start."""

from __future__ import annotations

import subprocess
from typing import Any


def stop_process(process: subprocess.Popen[Any], seconds: float = 20) -> None:
    """Asks it to end, and kills it when it does not: none is left, whatever it does."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
