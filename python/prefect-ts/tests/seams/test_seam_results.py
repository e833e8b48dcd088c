"""Results, log lines and stray output of real jobs, in sync and async flows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.sorting import LogSort
from trials import FULL, JOB, use_project_node

FLOW = Path(__file__).parent / "flows" / "seams.py"
# Both ways are the same to the job and cost the server a second per thousand lines.
LINES = {"in_sync": 100_000 if FULL else 10_000, "in_async": 100_000 if FULL else 2_000}
LEVELS = [10, 20, 30, 40, 50]
CONTROLS = "".join(map(chr, [*range(1, 32), 127, 0x85, 0x200E, 0xFEFF, 0xFFFD]))
TEXT = f"a\u2028b\u2029c{CONTROLS} ' \" \\ $`! é \U0001f6eb \U0001f469\u200d\U0001f4bb"


@pytest.fixture
def run_flow(api_url: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    use_project_node()

    def run(*calls: list[dict[str, Any]]) -> dict[str, Any]:
        env = {
            **os.environ,
            "PREFECT_API_URL": api_url,
            "PREFECT_HOME": str(tmp_path / "home"),
            "PREFECT_LOGGING_LEVEL": "DEBUG",
        }
        done = subprocess.run(
            [sys.executable, str(FLOW), str(JOB), *map(json.dumps, calls)],
            check=False,
            env=env,
            text=True,
            capture_output=True,
            timeout=600,
        )
        assert "ANSWER" in done.stdout, done.stderr[-5000:]
        return json.loads(done.stdout.partition("ANSWER ")[2])

    return run


def read_job_lines(client: SyncPrefectClient, flow_run_id: str) -> list[tuple[int, str]]:
    found: list[Any] = []
    only = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]))
    while True:
        page = client.read_logs(
            log_filter=only, sort=LogSort.TIMESTAMP_ASC, offset=len(found), limit=200
        )
        found += page
        if len(page) < 200:
            return [(log.level, log.message) for log in found if log.name == "prefect-ts.job"]


def test_results_and_log_lines_come_through(run_flow: Any, api: str) -> None:
    value = {TEXT: [TEXT, None, {"deep": TEXT}], "numbers": [0.1, -(2**53) + 1, 1e300]}
    answers = run_flow(
        *(
            [
                {"mode": "answer", "value": value},
                {"mode": "text", "length": 200_000},
                {"mode": "log", "lines": lines},
            ]
            for lines in LINES.values()
        )
    )
    with get_client(sync_client=True) as client:
        for name, count in LINES.items():
            strange, long, logged = answers[name]["calls"]
            assert strange["result"] == value
            assert long["result"] == "é" * 200_000
            assert logged["result"] == count
            lines = read_job_lines(client, answers[name]["flowRun"])
            assert len(lines) == count
            assert lines == [(LEVELS[index % 5], f"line {index}") for index in range(count)]


def test_stray_lines_do_not_slow_the_flow_down(
    run_flow: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = 3
    answers = run_flow(
        [{"mode": "print", "lines": 0}, {"mode": "print", "lines": 100_000}] * rounds
    )
    for name in ("in_sync", "in_async"):
        seconds = [call["seconds"] for call in answers[name]["calls"]]
        assert [call["result"] for call in answers[name]["calls"]] == [0, 100_000] * rounds
        quiet, loud = min(seconds[::2]), min(seconds[1::2])
        with capsys.disabled():
            print(f"\n{name}: {quiet:.2f} s without, {loud:.2f} s with 100,000 stray lines")
        assert loud < quiet + 1.5
