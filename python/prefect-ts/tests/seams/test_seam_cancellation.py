"""A flow that is stopped at any moment leaves no Node process, no partial file and no temporary folder.

The window that stays open: kill -9 after the flow made the folder and the script and before bash runs, some
10 ms. Nobody is there to remove them. Once bash has started the script is gone, and the job removes the folder.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from prefect.filesystems import LocalFileSystem
from prefect.states import Cancelling
from processes import stop_process
from trials import (
    FULL,
    STOPPED,
    FlowProcess,
    Forks,
    Trial,
    start_program,
    stop,
    until,
    use_project_node,
)

from prefect_ts import Dataset

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes in /proc"
)

SEED = int(os.environ.get("PREFECT_TS_SEED", random.randrange(1_000_000)))
SINGLE = ["flow", "task", "async-flow"]
MANY = ["submit", "map", "async-map", "gather"]
MODES = ["wait", "stubborn", "stream"]
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGKILL]

# Prefect kills a job that does not go by itself 5 s after it asked. Asking takes a task's thread up to
# a second, and this machine has other things to do.
LIMITS = {"busy": 7.0}
LIMIT = 5.0
# Processes that wait for a turn, per core, from which on these figures are the machine's and not ours.
OVERLOAD = 4


def plan(sent: signal.Signals, seed: random.Random) -> list[tuple[str, list[str], str]]:
    """How the jobs are called, what they do, and the moment from which on they are stopped."""
    found = []
    for turn in range(SIGNALS.index(sent), SIGNALS.index(sent) + (25 if FULL else 1)):
        for index, how in enumerate(SINGLE):
            found.append((how, [MODES[(index + turn) % 3]], "working"))
        found.append((MANY[turn % 4], MODES, "working"))
        found.append((MANY[(turn + 1) % 4], MODES, "working"))
        found.append((seed.choice(MANY), MODES, "called"))
        found.append((seed.choice(MANY), MODES, "spawned"))
        found.append((seed.choice(SINGLE), [seed.choice(MODES)], "spawned"))
        found.append((seed.choice(SINGLE), ["busy"], "working"))
        found.append((seed.choice(SINGLE), [["deaf", "stalled"][turn % 2]], "working"))
    return found


@pytest.fixture(scope="module")
def base(api_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    use_project_node()
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def block(base: Path, api: str) -> str:
    """A block of the server that names `base`."""
    LocalFileSystem(basepath=str(base)).save("seam-data", overwrite=True)
    return "local-file-system/seam-data"


@pytest.fixture(scope="module")
def forks(api_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    use_project_node()
    forks = Forks(api_url, tmp_path_factory.mktemp("home"))
    yield forks
    forks.close()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def print_anyway(text: str) -> None:
        with capsys.disabled():
            print(text)

    return print_anyway


def check(trial: Trial, sent: signal.Signals, moment: str, took: float) -> None:
    limit = max(LIMITS.get(mode, LIMIT) for mode in trial.modes)
    if os.getloadavg()[0] > OVERLOAD * (os.cpu_count() or 1):
        limit *= 2
    assert took <= limit, f"{took:.2f} s\n{trial.log()}"
    left = trial.left()
    if sent == signal.SIGKILL and moment != "working":
        # The window: at most a folder and a script for each job that never began.
        never_began = len(trial.modes) - len(trial.seen)
        folders = [name for name in left if name.startswith("prefect-ts-")]
        scripts = [name for name in left if name.endswith(".sh")]
        assert len(folders) <= never_began, (left, trial.seen, trial.log())
        assert len(scripts) <= never_began, (left, trial.seen, trial.log())
        left = [name for name in left if name not in folders + scripts]
    assert left == [], trial.log()


@pytest.mark.parametrize("sent", SIGNALS, ids=lambda sent: sent.name)
def test_signal_at_any_moment_leaves_nothing(
    sent: signal.Signals, forks: Forks, block: str, base: Path, tmp_path: Path, say: Any
) -> None:
    seed = random.Random(SEED)
    worst: dict[str, tuple[float, str]] = {}
    forgotten: list[bool] = []

    def run(number: int, how: str, modes: list[str], moment: str) -> None:
        trial = Trial(how, modes, tmp_path / str(number), base, block)
        try:
            forks.start(trial)
            took = stop(trial, sent, moment, random.Random(f"{SEED} {number}"))
            check(trial, sent, moment, took)
        except AssertionError as error:
            raise AssertionError(f"seed {SEED}, {moment} {trial.name}: {error}") from None
        finally:
            trial.close()
        kind = "busy" if "busy" in modes else moment
        worst[kind] = max(worst.get(kind, (0.0, "")), (took, trial.name))
        forgotten.append(trial.forgotten)

    cases = plan(sent, seed)
    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(run, number, *case) for number, case in enumerate(cases)]
    figures = ", ".join(f"{kind} {took:.2f} s ({name})" for kind, (took, name) in worst.items())
    say(f"\n{sent.name}, {len(cases)} trials, last process gone at the latest after: {figures}")
    if any(forgotten):
        say(f"{sum(forgotten)} signals were forgotten by CPython and sent again")
    for future in futures:
        future.result()


@pytest.mark.parametrize(
    ("sent", "how", "modes"),
    [
        (signal.SIGTERM, "flow", ["stream"]),
        (signal.SIGINT, "map", MODES),
        (signal.SIGKILL, "task", ["stubborn"]),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_signal_to_python_flow_py(
    sent: signal.Signals,
    how: str,
    modes: list[str],
    api_url: str,
    block: str,
    base: Path,
    tmp_path: Path,
) -> None:
    trial = Trial(how, modes, tmp_path, base, block)
    process = start_program(trial, api_url)
    try:
        check(trial, sent, "working", stop(trial, sent, "working", random.Random(SEED)))
        assert process.wait(30) != 0
    finally:
        trial.close()


@pytest.fixture
def etl_base(api: str, tmp_path: Path) -> Path:
    """A day of so many flights that the example's job is busy with them for a while."""
    base = tmp_path / "etl"
    header = "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,"
    header += "carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour\n"
    row = (
        "2013,1,1,517,515,{},830,819,11,{},1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01 10:00:00\n"
    )
    rows = [row.format(number % 90, f"{number % 16:02}") for number in range(300_000)]
    inputs = {"flights": header + "".join(rows), "airlines": "carrier,name\n01,One\n"}
    for name, text in inputs.items():
        path = base / Dataset(name=name, rundate="2013-01-01", format="csv").path
        path.parent.mkdir(parents=True)
        path.write_text(text)
    LocalFileSystem(basepath=str(base)).save("seam-etl", overwrite=True)
    return base


@pytest.mark.parametrize("sent", SIGNALS, ids=lambda sent: sent.name)
def test_example_job_leaves_nothing(
    sent: signal.Signals, forks: Forks, etl_base: Path, tmp_path: Path, say: Any
) -> None:
    seed = random.Random(SEED)
    inputs = {path for path in etl_base.rglob("*") if path.is_file()}
    took = []
    for number in range(25 if FULL else 1):
        how = seed.choice(SINGLE)
        trial = Trial(how, ["etl"], tmp_path / str(number), etl_base, "local-file-system/seam-etl")
        try:
            forks.start(trial)
            took.append(stop(trial, sent, "working", seed))
            check(trial, sent, "working", took[-1])
        finally:
            trial.close()
        for path in {path for path in etl_base.rglob("*") if path.is_file()} - inputs:
            # It may have been through already; a partial file has no footer.
            assert path.name == "data.parquet", path
            # On a connection of its own: the shared one would keep the open result for others.
            with duckdb.connect() as connection:
                query = "SELECT count(*) FROM read_parquet(?)"
                assert connection.execute(query, [str(path)]).fetchall()
            path.unlink()
    say(f"\n{sent.name}, example job, gone after " + ", ".join(f"{s:.2f} s" for s in took))


@contextmanager
def serve(name: str, api_url: str, folder: Path) -> Iterator[None]:
    env = {**os.environ, "PREFECT_API_URL": api_url, "PREFECT_HOME": str(folder / "home")}
    with (folder / "served.log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(STOPPED), "serve", name], env=env, stdout=out, stderr=out
        )
    try:
        yield
    finally:
        stop_process(process, 30)


def find_deployment(client: SyncPrefectClient, name: str) -> Any:
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        time.sleep(0.2)
        return None


def wait_for_state(client: SyncPrefectClient, run_id: uuid.UUID, expected: StateType) -> None:
    def reached() -> bool:
        return client.read_flow_run(run_id).state_type == expected

    until(reached, 30, lambda: f"state {client.read_flow_run(run_id).state}, not {expected}")


def test_runs_of_a_served_flow(
    api_url: str, api: str, block: str, base: Path, tmp_path: Path, say: Any
) -> None:
    """Cancelled as the UI does it: the state Cancelling, then Prefect's runner does the rest."""
    name = f"seams-{uuid.uuid4().hex[:8]}"
    calls = [("flow", ["stream"]), ("task", ["stubborn"]), ("map", MODES)]
    killed = Trial("flow", ["stream"], tmp_path / "killed", base, block)
    cancelled = [Trial(how, modes, tmp_path / how, base, block) for how, modes in calls]

    with serve(name, api_url, tmp_path), get_client(sync_client=True) as client:

        def end(trial: Trial, run_id: uuid.UUID) -> float:
            trial.wait_for("working")
            trial.flow_process = FlowProcess(int((trial.folder / "pid").read_text()))
            if trial is killed:
                now = time.monotonic()
                trial.flow.send(signal.SIGKILL)
            else:
                now = time.monotonic()
                client.set_flow_run_state(run_id, Cancelling())
            return trial.watch(now, 10)

        deployment = until(
            lambda: find_deployment(client, f"stopped/{name}"), 60, lambda: "no deployment"
        )
        trials = [*cancelled, killed]
        runs = [
            client.create_flow_run_from_deployment(deployment.id, parameters=trial.arguments()).id
            for trial in trials
        ]
        try:
            with ThreadPoolExecutor(len(trials)) as pool:
                took = list(pool.map(end, trials, runs))
            say("\nserved: " + ", ".join(f"{t.name} {s:.2f} s" for t, s in zip(trials, took)))
            for trial, run_id, seconds in zip(trials, runs, took, strict=True):
                check(trial, signal.SIGTERM, "working", seconds)
                expected = StateType.CRASHED if trial is killed else StateType.CANCELLED
                wait_for_state(client, run_id, expected)
        finally:
            for trial in trials:
                trial.close()
