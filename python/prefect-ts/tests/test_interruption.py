"""A flow that is stopped stops its Node jobs, within Prefect's five seconds, and leaves nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import JOBS
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling
from processes import START_SECONDS

from prefect_ts import NodeJobError, arun_node, node_operation, run_node

WAIT = JOBS / "wait.mjs"
MAIN = Path(__file__).parent / "flows" / "main.py"


class Started:
    """A flow process, its Node processes, and the folder of its temporary files."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log: Path):
        self.process, self.folder, self.log = process, folder, log

    def pids(self, count: int = 1) -> list[int]:
        """The Node processes, as soon as all of them run."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            files = [path for path in self.folder.glob("pid*") if path.suffix != ".tmp"]
            if len(files) == count:
                return [json.loads(path.read_text())["pid"] for path in files]
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def left(self) -> list[str]:
        """Temporary files of ours and scripts of prefect-shell."""
        return sorted(path.name for path in (self.folder / "tmp").glob("prefect-*"))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # It may end between the two.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").is_dir()


def gone(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def start(api_url: str, tmp_path: Path) -> Iterator[Any]:
    begun: list[Started] = []

    def begin(mode: str, **params: Any) -> Started:
        (tmp_path / "tmp").mkdir()
        log = tmp_path / "log"
        command = [sys.executable, str(MAIN), mode, str(WAIT)]
        command.append(json.dumps({"pidFile": str(tmp_path / "pid"), **params}))
        env = {
            **os.environ,
            "PREFECT_API_URL": api_url,
            "PREFECT_HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "tmp"),
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, env=env, stdout=out, stderr=out, start_new_session=True
            )
        begun.append(Started(process, tmp_path, log))
        return begun[-1]

    yield begin
    for flow_process in begun:
        if flow_process.process.poll() is None:
            os.killpg(flow_process.process.pid, signal.SIGKILL)
            flow_process.process.wait()
        for path in tmp_path.glob("pid*"):
            pid = json.loads(path.read_text())["pid"]
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("mode", "sent", "jobs"),
    [
        ("flow", signal.SIGTERM, 1),
        ("flow", signal.SIGINT, 1),
        ("task", signal.SIGINT, 1),
        ("subflow", signal.SIGTERM, 1),
        ("map", signal.SIGTERM, 3),
        ("map", signal.SIGINT, 3),
        ("async", signal.SIGTERM, 1),
        ("gather", signal.SIGINT, 3),
        ("async-map", signal.SIGINT, 3),
        ("plain", signal.SIGINT, 1),
    ],
)
def test_signal_to_the_flow_ends_its_jobs(
    start: Any, tmp_path: Path, mode: str, sent: signal.Signals, jobs: int
) -> None:
    started = start(mode, endFile=str(tmp_path / "end"))
    pids = started.pids(jobs)
    assert not any(name.endswith(".sh") for name in started.left()), (
        "the script is gone while the job runs"
    )
    assert len(started.left()) == jobs
    os.kill(started.process.pid, sent)
    assert gone(pids, 5), started.log.read_text()
    assert (tmp_path / "end").read_text() == "SIGTERM", "the job got the chance to end by itself"
    assert started.process.wait(30) != 0
    assert started.left() == []


@pytest.mark.parametrize("mode", ["flow", "map"])
def test_job_that_ignores_sigterm_is_killed(start: Any, mode: str) -> None:
    started = start(mode, stubborn=True)
    pids = started.pids(3 if mode == "map" else 1)
    sent = time.monotonic()
    os.kill(started.process.pid, signal.SIGTERM)
    assert gone(pids, 8), started.log.read_text()
    assert time.monotonic() - sent > 4
    assert started.process.wait(30) != 0
    assert started.left() == []


def test_second_ctrl_c_kills_at_once(start: Any) -> None:
    started = start("flow", stubborn=True)
    pids = started.pids()
    os.kill(started.process.pid, signal.SIGINT)
    time.sleep(1)
    assert alive(pids[0])
    os.kill(started.process.pid, signal.SIGINT)
    # Well before the five seconds that one Ctrl-C leaves; a busy machine takes more than two.
    assert gone(pids, 3.5), started.log.read_text()
    started.process.wait(30)
    assert started.left() == []


def test_flow_that_returns_lets_its_running_task_finish(start: Any, tmp_path: Path) -> None:
    started = start("left", waitMs=6000, endFile=str(tmp_path / "end"))
    started.pids()
    assert started.process.wait(START_SECONDS) == 0, started.log.read_text()
    assert not (tmp_path / "end").exists(), "the job was not stopped"
    assert started.left() == []


def test_killed_flow_leaves_no_script(start: Any) -> None:
    started = start("flow")
    pid = started.pids()[0]
    started.process.kill()
    started.process.wait()
    # The job itself ends when its parent is gone and removes its folder: @prefect-ts/run does that.
    assert not [name for name in started.left() if name.endswith(".sh")]
    os.kill(pid, signal.SIGKILL)


def test_cancelling_a_served_flow_through_the_api(start: Any, api: str, tmp_path: Path) -> None:
    name = f"served-{uuid.uuid4().hex[:8]}"
    started = start("serve", deployment=name, endFile=str(tmp_path / "end"))

    async def cancel() -> Any:
        async with get_client() as client:
            for _ in range(300):
                try:
                    deployment = await client.read_deployment_by_name(f"in-flow/{name}")
                    break
                except ObjectNotFound:
                    await asyncio.sleep(0.2)
            run = await client.create_flow_run_from_deployment(deployment.id)
            pids = await asyncio.to_thread(started.pids)
            await client.set_flow_run_state(run.id, Cancelling())
            ended = await asyncio.to_thread(gone, pids, 30)
            assert ended, started.log.read_text()
            for _ in range(100):
                run = await client.read_flow_run(run.id)
                if run.state.is_final():
                    break
                await asyncio.sleep(0.2)
            return run

    run = asyncio.run(cancel())
    assert (tmp_path / "end").read_text() == "SIGTERM"
    assert run.state.is_cancelled(), run.state
    seen = json.loads((tmp_path / "pid").read_text())
    assert seen["deployment"] == {"id": str(run.deployment_id), "name": name}
    assert started.left() == []
    os.kill(started.process.pid, signal.SIGTERM)
    started.process.wait(30)


def test_cancelled_call_ends_the_job(tmp_path: Path, temporary_folder: Path) -> None:
    params = {"pidFile": str(tmp_path / "pid"), "endFile": str(tmp_path / "end")}

    async def run(cancel: Any) -> int:
        job = asyncio.ensure_future(cancel(arun_node(WAIT, params)))
        while not (tmp_path / "pid").exists():
            await asyncio.sleep(0.05)
        pid = json.loads((tmp_path / "pid").read_text())["pid"]
        if cancel is keep:
            job.cancel()
        with pytest.raises((asyncio.CancelledError, asyncio.TimeoutError)):
            await job
        assert not alive(pid), "the job has ended before CancelledError is raised"
        return pid

    async def keep(job: Any) -> Any:
        return await job

    async def limit(job: Any) -> Any:
        return await asyncio.wait_for(job, 2)

    for cancel in (keep, limit):
        asyncio.run(run(cancel))
        assert (tmp_path / "end").read_text() == "SIGTERM"
        (tmp_path / "pid").unlink()
        (tmp_path / "end").unlink()
        assert list(temporary_folder.iterdir()) == []


def test_timeout_of_a_task_ends_its_job(api: str, tmp_path: Path, temporary_folder: Path) -> None:
    from prefect import flow, task

    operation = node_operation(WAIT, {"pidFile": str(tmp_path / "pid")})

    @task(timeout_seconds=3)
    def step() -> Any:
        return run_node(operation)

    @flow
    def direct() -> Any:
        return step()

    @flow
    def submitted() -> Any:
        return step.submit().result()

    for one in (direct, submitted):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            one()
        assert time.monotonic() - began < 10
        pid = json.loads((tmp_path / "pid").read_text())["pid"]
        assert gone([pid], 1)
        assert list(temporary_folder.iterdir()) == []


def test_stopped_job_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prefect_ts.run.flow_interrupted", lambda: (tmp_path / "pid").exists())
    with pytest.raises(NodeJobError, match="flow run was interrupted") as caught:
        run_node(WAIT, {"pidFile": str(tmp_path / "pid")})
    assert caught.value.code == "CANCELLED"
