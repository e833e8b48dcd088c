"""Writes that are interrupted, killed, crowded or led astray: nothing half-written, nothing lost, nothing left."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.filesystems import LocalFileSystem

from prefect_ts import _files, _latest_record
from prefect_ts import _latest_lock as locks
from prefect_ts.dataset import Dataset, DatasetError

ROOT = Path(__file__).parents[3]
TODAY = "2023-07-24"


@pytest.fixture
def block(tmp_path: Path) -> LocalFileSystem:
    return LocalFileSystem(basepath=str(tmp_path / "base"))


def flights(**options) -> Dataset:
    return Dataset(**{"name": "flights", "format": "csv", "today": TODAY, **options})


def all_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


FULL_DISK = """
import json, sys
from pathlib import Path
from prefect.filesystems import LocalFileSystem
from prefect_ts.dataset import Dataset, DatasetError
base = Path(sys.argv[1]) / "base"
block = LocalFileSystem(basepath=str(base))
old, new = (Dataset(name="flights", format="csv", today=day) for day in ("2023-07-23", "2023-07-24"))
outcomes = []
for size in [250_000, 600_000, 1_200_000, *range(372_000, 420_000, 8_192)]:
    old.write(block, b"a" * 120_000, force=True)
    (base / new.path).unlink(missing_ok=True)
    try:
        code = new.write(block, b"b" * size).latest
    except DatasetError as error:
        code = str(error).rpartition(": ")[2]
    files = {path.relative_to(base).as_posix(): path for path in base.rglob("*") if path.is_file()}
    files.pop("extracts/csv/latest/dataset=flights/_latest.json")
    contents = {"a" * 120_000: "old", "b" * size: "new"}
    found = {name: contents.get(path.read_text(), "torn") for name, path in files.items()}
    outcomes.append([code, found])
print(json.dumps(outcomes))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk of its own, as root")
def test_a_full_disk_leaves_day_and_latest_whole(tmp_path):
    script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
    arguments = ["sh", str(tmp_path), sys.executable, FULL_DISK]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    before = {flights(rundate="2023-07-23").path: "old", flights().latest_path: "old"}
    dated, full = flights().path, "No space left on device"
    allowed = [
        ["written", {**before, dated: "new", flights().latest_path: "new"}],
        [full, {**before, dated: "new"}],
        [full, before],
    ]
    assert [outcome for outcome in outcomes if outcome not in allowed] == []
    # The sizes lie on both sides of what there is room for.
    assert [allowed.index(outcome) for outcome in outcomes[:3]] == [0, 1, 2]


KILLED = """
import os, signal, sys
from pathlib import Path
from prefect_ts._files import replace_file
def chunks():
    yield bytes(3 << 20)
    os.kill(os.getpid(), signal.SIGKILL)
replace_file(Path(sys.argv[1]), chunks())
"""
WAITING = """
import sys
from pathlib import Path
from prefect_ts import _latest_lock as locks
rename = locks.os.rename
def told(*paths):
    print("waiting", flush=True)
    rename(*paths)
locks.os.rename = told
with locks.latest_lock(Path(sys.argv[1])):
    pass
"""


def node(code: str, *arguments: str, text: str | None = None) -> str:
    bundled = ROOT / "node_modules/.bin/node"
    program = str(bundled) if bundled.exists() else str(shutil.which("node"))
    done = subprocess.run(
        [program, "-C", "@prefect-ts/source", *([code] if text else ["-e", code]), *arguments],
        input=text,
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT / "packages/dataset",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("by", ["python", "node"])
def test_what_a_killed_writer_leaves_is_swept_by_the_next(block, by):
    latest = flights().local_path(block, flights().latest_path)
    command = [sys.executable, "-c", KILLED, str(latest)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    with locks.latest_lock(latest.parent):
        command = [sys.executable, "-c", WAITING, str(latest.parent)]
        waiting = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout.readline() == "waiting\n"
        waiting.kill()
        waiting.wait()
        waiting.stdout.close()
    left = sorted(path.name.split(".")[1] for path in latest.parent.iterdir())
    assert left == ["_latest", "data"]

    if by == "python":
        flights().write(block, b"next")
    else:
        request = {"basepath": block.basepath, "params": {"dataset_name": "flights"}}
        node("test/fixtures/exchange.ts", text=json.dumps({**request, "today": TODAY, "verb": "write", "text": "next"}))  # fmt: skip
    assert sorted(path.name for path in latest.parent.iterdir()) == ["_latest.json", "data.csv"]


def test_a_file_of_a_killed_node_is_swept_too_and_one_of_a_living_process_stays(block):
    code = "import('@prefect-ts/store/files').then((m) => console.log(m.temporaryName('data.csv')))"
    folder = flights().local_path(block, flights().path).parent
    folder.mkdir(parents=True)
    (folder / node(code).strip()).write_bytes(b"half")
    alive = _files.temporary_path(folder / "data.csv")
    alive.write_bytes(b"half")
    flights().write(block, b"next")
    assert sorted(path.name for path in folder.iterdir()) == [alive.name, "data.csv"]


def test_a_write_reports_its_own_etag_and_rows_when_another_comes_right_behind(block, monkeypatch):
    dated = flights().local_path(block, flights().path)
    replace = os.replace
    own: list[str] = []

    def crowded(source, target):
        state = os.stat(source)
        replace(source, target)
        if Path(target) == dated and not own:
            own.append(_files.etag_of(state))
            flights().write(block, b"another", rows=5)

    monkeypatch.setattr(os, "replace", crowded)
    done = flights().write(block, b"mine", rows=1)
    assert done.etag == own[0]
    assert flights().read(block) == b"another"
    record = flights().local_path(block, flights().latest_path).with_name("_latest.json")
    current = _latest_record.parse_record(record.read_bytes())["data.csv"].current
    # Not ours: the rows of the content that stands there are not 1.
    assert current.rows != 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError])
def test_a_lock_is_given_back_when_its_taking_is_interrupted(tmp_path, monkeypatch, error):
    rename = os.rename

    def interrupted(*paths):
        rename(*paths)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", interrupted)
        with pytest.raises(error), locks.latest_lock(tmp_path):
            pass
    with locks.latest_lock(tmp_path, patience_seconds=0.5) as lock:
        assert lock.is_held()
    assert list(tmp_path.iterdir()) == []


def test_permissions_of_the_old_file_stay(block):
    for path in flights().write_paths:
        flights().write(block, b"old")
        flights().local_path(block, path).chmod(0o640)
    flights().write(block, b"new")
    for path in flights().write_paths:
        assert flights().local_path(block, path).stat().st_mode & 0o777 == 0o640


def test_a_pipe_is_no_file_to_write(block, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="is no file") as raised:
        flights().write(block, tmp_path / "pipe")
    assert raised.value.code == "INVALID_SOURCE"
    assert not Path(block.basepath).exists()


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_link_is_no_way_for_latest_to_overwrite_a_day(block, what):
    old = flights(rundate="2023-07-23")
    old.write(block, b"old")
    base = Path(block.basepath)
    latest, dated = (base / path for path in (flights().latest_path, old.path))
    if what == "folder":
        latest.parent.parent.mkdir(parents=True)
        latest.parent.symlink_to(dated.parent)
    else:
        latest.parent.mkdir(parents=True)
        latest.symlink_to(dated)
    for mode in ("guarded", "unguarded"):
        with pytest.raises(DatasetError, match="a symbolic link leads from") as raised:
            flights().write(block, b"new", latest=mode)
        assert raised.value.code == "UNSUPPORTED"
    assert dated.read_bytes() == b"old"
    assert not (base / flights().path).exists()


def test_a_link_between_days_is_refused_and_any_other_is_followed(block):
    old = flights(rundate="2023-07-23")
    base = Path(block.basepath)
    (base / "archive").mkdir(parents=True)
    (base / "elsewhere").mkdir()
    (base / "extracts/csv").mkdir(parents=True)
    (base / "extracts/csv/dataset=flights").symlink_to(base / "elsewhere")
    (base / "elsewhere/rundate=2023-07-23").symlink_to(base / "archive")
    old.write(block, b"old")
    assert (base / "archive/data.csv").read_bytes() == b"old"
    flights().write(block, b"new")
    (base / "elsewhere/rundate=2023-07-22").symlink_to(base / f"elsewhere/rundate={TODAY}")
    with pytest.raises(DatasetError, match="another partition"):
        flights(rundate="2023-07-22").write(block, b"astray")
    assert flights(rundate_type="specific").read(block) == b"new"


def test_a_file_where_a_folder_should_be(block):
    base = Path(block.basepath)
    (base / "extracts").mkdir(parents=True)
    (base / "extracts/csv").write_text("in the way")
    with pytest.raises(DatasetError, match="Not a directory|File exists") as raised:
        flights().write(block, b"new")
    assert raised.value.code == "STORE_ERROR"
    with pytest.raises(DatasetError) as raised:
        flights().read(block)
    assert raised.value.code == "NOT_FOUND"
    assert all_files(base) == ["csv"]
