"""One trial: a flow is started, then stopped at some moment, then nothing may be left of its jobs."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes import START_SECONDS

REPOSITORY = Path(__file__).parents[4]
JOB = Path(__file__).parent / "jobs" / "job.mjs"
STOPPED = Path(__file__).parent / "flows" / "stopped.py"
FULL = os.environ.get("PREFECT_TS_TRIALS") == "full"

_MARKER = "SEAM_TRIAL"


def use_project_node() -> None:
    """Node of the project comes first on PATH, as `just` does it; the packages must be built."""
    folder = REPOSITORY / "node_modules" / ".bin"
    if not os.environ["PATH"].startswith(str(folder)):
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    if not (REPOSITORY / "packages" / "run" / "dist" / "index.js").exists():
        raise RuntimeError("The packages are not built: run just build")


def marked(trial_id: str) -> list[int]:
    """Every process of the machine that has the trial's marker in its environment."""
    found = []
    needle = f"{_MARKER}={trial_id}\0".encode()
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            # A zombie's is empty.
            if needle in Path(entry.path, "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def sessions(processes: list[int]) -> Iterator[int]:
    """Their sessions: a job has one, whatever its shell starts before it becomes Node."""
    for pid in processes:
        with suppress(ProcessLookupError):
            yield os.getsid(pid)


def until(condition: Callable[[], Any], seconds: float, why: Callable[[], str]) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, why()
        time.sleep(0.01)
    return value


class FlowProcess:
    """A process by a handle, not by its id, which may be another process's by then."""

    def __init__(self, pid: int):
        self._handle = os.pidfd_open(pid)

    def send(self, sent: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, sent)

    def alive(self) -> bool:
        return not select.select([self._handle], [], [], 0)[0]

    def close(self) -> None:
        self.send(signal.SIGKILL)
        os.close(self._handle)


@dataclass
class Trial:
    """How the flow calls its jobs, what these do, and where their traces would be."""

    how: str
    modes: list[str]
    folder: Path
    base: Path
    block: str
    trial_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    flow_process: FlowProcess | None = None
    seen: set[int] = field(default_factory=set)
    forgotten: bool = False

    def __post_init__(self) -> None:
        (self.folder / "tmp").mkdir(parents=True)

    @property
    def name(self) -> str:
        return f"{self.how} of {'+'.join(self.modes)}"

    @property
    def flow(self) -> FlowProcess:
        assert self.flow_process is not None, "not started"
        return self.flow_process

    def arguments(self) -> dict[str, Any]:
        return {"how": self.how, "jobs": self.jobs(), "folder": str(self.folder)}

    def jobs(self) -> list[dict[str, Any]]:
        return [self._job(index, mode) for index, mode in enumerate(self.modes)]

    def _job(self, index: int, mode: str) -> dict[str, Any]:
        job = {
            "script": str(JOB),
            "params": {
                "mode": mode,
                "begun": str(self.folder / f"begun{index}"),
                "block": self.block,
                "dataset": f"{self.trial_id}-{index}",
            },
            "datastores": {},
        }
        if mode == "etl":
            job["script"] = str(REPOSITORY / "apps" / "etl-job" / "dist" / "main.js")
            job["params"] = {"rundate": "2013-01-01", "rundate_type": "specific"}
            job["datastores"] = {"local": self.block}
        return {
            **job,
            "env": {_MARKER: self.trial_id},
            "called": str(self.folder / f"called{index}"),
        }

    def log(self) -> str:
        log = self.folder / "log"
        return f"{self.name}: {log.read_text() if log.exists() else ''}"

    def wait_for(self, moment: str) -> None:
        """Until every job is `called` by the flow, has its process `spawned`, or is `working`."""
        for index, mode in enumerate(self.modes):
            if moment != "working":
                until((self.folder / f"called{index}").exists, START_SECONDS, self.log)
            elif mode == "etl":
                until(lambda: any((self.folder / "tmp").glob("etl-job-*")), START_SECONDS, self.log)
            else:
                until((self.folder / f"begun{index}").exists, START_SECONDS, self.log)
        if moment == "spawned":
            until(lambda: marked(self.trial_id), START_SECONDS, self.log)

    def watch(self, sent: float, limit: float) -> float:
        """Seconds from `sent` until the last process of a job was seen, and none came after it."""
        last = sent
        while True:
            now = time.monotonic()
            found = marked(self.trial_id)
            self.seen |= set(sessions(found))
            if found:
                last = now
            # A job may have been forked and not yet run, so an empty look or two prove nothing.
            if now - last > 0.6 and (not self.flow.alive() or now - last > 30):
                return last - sent
            assert now - sent < limit + 30, f"{self.log()}\nstill there: {found}"
            time.sleep(0.05)  # A look at all processes costs milliseconds.

    def left(self) -> list[str]:
        """What stands where nothing should: scripts, temporary folders, files of the datasets."""
        temporary = [path.name for path in (self.folder / "tmp").iterdir()]
        datasets = self.base.rglob(f"*dataset={self.trial_id}*/**/*")
        return sorted(temporary + [str(path) for path in datasets if path.is_file()])

    def close(self) -> None:
        """Kills whatever is left of a failed trial."""
        if self.flow_process is not None:
            self.flow_process.close()
        for pid in marked(self.trial_id):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class Forks:
    """Starts trials in processes that have Prefect imported already."""

    def __init__(self, api_url: str, home: Path):
        home.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, str(STOPPED), "fork"],
            env={**os.environ, "PREFECT_API_URL": api_url, "PREFECT_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, trial: Trial) -> None:
        with self._lock:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.write(json.dumps(trial.arguments()) + "\n")
            self._process.stdin.flush()
            trial.flow_process = FlowProcess(int(self._process.stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


def start_program(trial: Trial, api_url: str) -> subprocess.Popen[bytes]:
    """`python flow.py`, in a session of its own."""
    env = {**os.environ, "PREFECT_API_URL": api_url, "PREFECT_HOME": str(trial.folder / "home")}
    with (trial.folder / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(STOPPED), json.dumps(trial.arguments())],
            env=env,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    trial.flow_process = FlowProcess(process.pid)
    return process


def stop(trial: Trial, sent: signal.Signals, moment: str, seed: random.Random) -> float:
    """Sends the signal at a random moment and gives the seconds until the jobs were gone.

    CPython does not wake a main thread that is about to wait for a lock when the signal comes, as in
    `future.result()`: a flow of Prefect then goes on until that lock is free, or a second signal comes.
    """
    trial.wait_for(moment)
    time.sleep(seed.uniform(0, 0.3))
    now = time.monotonic()
    trial.flow.send(sent)
    if trial.how in ("submit", "map", "async-map") and sent != signal.SIGKILL:
        while not (trial.folder / "noticed").exists() and trial.flow.alive():
            if time.monotonic() - now > 1:
                trial.forgotten = True
                now = time.monotonic()
                trial.flow.send(sent)
            time.sleep(0.01)
    return trial.watch(now, 10)
