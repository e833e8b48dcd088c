"""`latest` never goes back: the vectors that the Node tests run too, every kind of block, and writers at once."""

import asyncio
import hashlib
import inspect
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient
from google.auth.credentials import CredentialsWithRegionalAccessBoundary
from prefect.filesystems import LocalFileSystem
from prefect_aws import AwsClientParameters, AwsCredentials, S3Bucket
from prefect_azure import AzureBlobStorageCredentials
from prefect_azure.blob_storage import AzureBlobStorageContainer
from prefect_gcp import GcpCredentials
from prefect_gcp.cloud_storage import GcsBucket

from prefect_ts import _latest
from prefect_ts import _latest_lock as locks
from prefect_ts import _latest_record as records
from prefect_ts._files import etag_of
from prefect_ts._latest import _content_of
from prefect_ts._objects import ANY, objects_of
from prefect_ts.dataset import Dataset, DatasetError

TRIALS = os.environ.get("PREFECT_TS_TRIALS") == "full"
ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "protocol/latest.vectors.json").read_text("utf-8"))
WRITER = Path(__file__).with_name("latest_writer.py")
BUCKET = "willowdata"


def serve(name: str) -> Iterator[dict[str, Any]]:
    """A server of the store suites, as test/servers/serve.ts starts it."""
    command = [str(ROOT / "node_modules/.bin/node"), str(ROOT / "test/servers/serve.ts"), name]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        assert line, f"the {name} server did not start"
        yield json.loads(line)
    finally:
        server.stdin.close()
        server.wait(30)


@pytest.fixture(scope="module")
def s3_server():
    yield from serve("s3")


@pytest.fixture(scope="module")
def gcs_server():
    yield from serve("gcs")


@pytest.fixture(scope="module")
def azure_server():
    yield from serve("azure")


def s3_block(server: dict[str, Any], folder: str) -> S3Bucket:
    credentials = AwsCredentials(
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        aws_client_parameters=AwsClientParameters(endpoint_url=server["url"]),
    )
    credentials.get_s3_client().create_bucket(Bucket=BUCKET)
    return S3Bucket(bucket_name=BUCKET, bucket_folder=folder, credentials=credentials)


def gcs_block(server: dict[str, Any], folder: str) -> GcsBucket:
    credentials = GcpCredentials(service_account_info=server["key"])
    client = credentials.get_cloud_storage_client()
    if client.lookup_bucket(BUCKET) is None:
        client.create_bucket(BUCKET)
    return GcsBucket(bucket=BUCKET, bucket_folder=folder, gcp_credentials=credentials)


def azure_block(server: dict[str, Any], folder: str) -> AzureBlobStorageContainer:
    text = server["connectionString"]
    with ContainerClient.from_connection_string(text, BUCKET) as container:
        if not container.exists():
            container.create_container()
    credentials = AzureBlobStorageCredentials(connection_string=text)
    return AzureBlobStorageContainer(
        container_name=BUCKET, base_folder=folder, credentials=credentials
    )


@pytest.fixture(params=["local", "s3", "gcs", "azure"])
def block(request, tmp_path, monkeypatch):
    kind, folder = request.param, f"dev/{tmp_path.name}"
    if kind == "local":
        return LocalFileSystem(basepath=str(tmp_path / "base"))
    server = request.getfixturevalue(f"{kind}_server")
    if kind == "gcs":
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server["url"])
        # google-auth has no setting for it: threads that ask Google itself where the key's account may be used.
        asks = "_is_regional_access_boundary_lookup_required"
        monkeypatch.setattr(CredentialsWithRegionalAccessBoundary, asks, lambda _: False)
    return {"s3": s3_block, "gcs": gcs_block, "azure": azure_block}[kind](server, folder)


def put_without_guard(block, path: str, content: bytes, rundate: str | None) -> None:
    """An object as another program leaves it, with the guard's metadata when a rundate is given."""
    if isinstance(block, LocalFileSystem):
        target = Path(block.basepath) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if rundate is not None:
            record = records.Latest(
                rundate, None, sha256_of(content), len(content), etag_of(target.stat())
            )
            text = records.format_record({target.name: records.FileRecord(record)})
            target.with_name(records.RECORD_NAME).write_bytes(text)
        return
    metadata = {} if rundate is None else {"prefect-ts-rundate": rundate}
    objects_of(block).put(path, _content_of(content), metadata, ANY)


def read_back(block, path: str) -> bytes:
    content = block.read_path(path)
    return asyncio.run(content) if inspect.isawaitable(content) else content


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def latest_rundate(block, dataset: Dataset) -> str | None:
    """The rundate that the next writer would see."""
    if isinstance(block, LocalFileSystem):
        target = Path(block.basepath) / dataset.latest_path
        record = target.with_name(records.RECORD_NAME)
        if not target.exists() or not record.exists():
            return None
        found = records.resolve(
            records.parse_record(record.read_bytes()).get(target.name),
            etag=etag_of(target.stat()),
            size=target.stat().st_size,
            sha256=lambda: sha256_of(target.read_bytes()),
        )
        return found and found.rundate
    found = objects_of(block).head(dataset.latest_path)
    found = found and records.from_metadata(found.metadata)
    return found and found.rundate


@pytest.mark.parametrize("case", VECTORS["decisions"], ids=lambda case: case["id"])
def test_decisions(case, block):
    options = {"rundate": case["rundate"], "rundate_type": case["rundate_type"]}
    dataset = Dataset(name="flights", format="csv", today=case["today"], **options)
    before = case["latest"]
    if before is not None:
        put_without_guard(block, dataset.latest_path, b"before", before["rundate"])
    expected, force = case["expect"], case.get("force", False)
    if "error" in expected:
        with pytest.raises(DatasetError) as raised:
            dataset.write(block, b"content", force=force)
        assert raised.value.code == expected["error"]
        assert "nothing was written" in str(raised.value)
        with pytest.raises(DatasetError) as absent:
            Dataset(
                name="flights",
                format="csv",
                today=case["today"],
                rundate=case["rundate"],
                rundate_type="specific",
            ).read(block)
        assert absent.value.code == "NOT_FOUND"
    else:
        result = dataset.write(block, b"content", rows=1, force=force)
        assert result.latest == expected["outcome"]
        assert ["latest" if path == dataset.latest_path else "dated" for path in result.paths] == (
            expected["written"]
        )
        assert result.etag
        for path in result.paths:
            assert read_back(block, path) == b"content"
    assert latest_rundate(block, dataset) == expected["latest_rundate"]


@pytest.mark.parametrize("case", VECTORS["metadata"], ids=lambda case: str(case["state"]))
def test_metadata(case):
    state = records.Latest(**case["state"])
    assert records.to_metadata(state) == case["metadata"]
    assert records.from_metadata(case["metadata"]) == state


@pytest.mark.parametrize("case", VECTORS["records"], ids=lambda case: case["id"])
def test_records(case):
    file = case["file"]
    found = records.resolve(
        records.parse_record(case["record"]).get(file["name"]),
        etag=file["etag"],
        size=file["bytes"],
        sha256=lambda: file["sha256"],
    )
    assert (found and found.rundate) == case["rundate"]


def test_a_record_is_read_as_it_was_written():
    entry = records.Latest("2023-07-24", 3, "ab", 42, '"1-2a-3"')
    coming = records.Latest("2023-07-25", None, "cd", 40)
    record = {"data.csv": records.FileRecord(entry, coming), "data.csv.gz": records.FileRecord()}
    assert records.parse_record(records.format_record(record)) == record


@pytest.mark.parametrize("case", VECTORS["etags"], ids=lambda case: case["etag"])
def test_etags(case):
    class State:
        st_ino, st_size, st_mtime_ns = (int(case[key]) for key in ("inode", "bytes", "mtime_ns"))

    assert etag_of(State) == case["etag"]


@pytest.mark.parametrize("case", VECTORS["locks"], ids=lambda case: case["id"])
def test_locks(case):
    owner = locks.parse_owner(case["owner"])
    process = {"running": ("S", "500"), "zombie": ("Z", "500"), "other-start": ("S", "501")}
    if not case["same_host"]:
        gone = None
    else:
        gone = case["process"] == "gone" or locks.is_other(owner, process[case["process"]])
    stale = locks.is_stale(owner, unchanged_ms=case["unchanged_ms"], gone=gone)
    assert stale == case["stale"]


def test_a_lock_of_a_process_that_is_gone_is_taken_over(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from prefect_ts._latest_lock import _acquire\n"
        f"_acquire(Path({str(tmp_path)!r}) / '_latest.lock' / 'token.json', 5)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / locks.LOCK_NAME).is_dir()
    with locks.latest_lock(tmp_path, patience_seconds=5) as lock:
        assert lock.is_held()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_held_is_waited_for_and_then_given_up(tmp_path):
    with locks.latest_lock(tmp_path) as held:
        with pytest.raises(locks.LockBusyError), locks.latest_lock(tmp_path, patience_seconds=0.2):
            raise AssertionError("two hold the lock")
        assert held.is_held()
    assert list(tmp_path.iterdir()) == []


def test_a_busy_latest_is_an_error_and_what_was_there_stays(tmp_path, monkeypatch):
    block = LocalFileSystem(basepath=str(tmp_path))
    old = Dataset(name="flights", format="csv", today="2023-07-24")
    old.write(block, b"old")
    monkeypatch.setattr(
        "prefect_ts._latest.latest_lock", lambda folder: locks.latest_lock(folder, 0.1)
    )
    new = Dataset(name="flights", format="csv", today="2023-07-25")
    held = locks.latest_lock((tmp_path / old.latest_path).parent)
    with held, pytest.raises(DatasetError, match="write again") as raised:
        new.write(block, b"new")
    assert raised.value.code == "LATEST_BUSY"
    assert new.read(block) == b"old"
    assert not list(tmp_path.rglob("*tmp"))


@pytest.mark.parametrize("rundate_type", ["latest", None])
def test_a_newer_day_that_comes_while_we_wait_for_the_lock_is_kept(
    tmp_path, monkeypatch, rundate_type
):
    block = LocalFileSystem(basepath=str(tmp_path))
    newer = Dataset(name="flights", format="csv", today="2023-07-25")
    take = locks.latest_lock

    def take_late(folder):
        monkeypatch.setattr("prefect_ts._latest.latest_lock", take)
        newer.write(block, b"newer")
        return take(folder)

    monkeypatch.setattr("prefect_ts._latest.latest_lock", take_late)
    today = "2023-07-24" if rundate_type is None else "2023-07-26"
    older = Dataset(
        name="flights", format="csv", rundate="2023-07-24", today=today, rundate_type=rundate_type
    )
    if rundate_type is None:
        assert older.write(block, b"older").latest == "kept-newer"
    else:
        with pytest.raises(DatasetError) as raised:
            older.write(block, b"older")
        assert raised.value.code == "NEWER_LATEST"
    assert newer.read(block) == b"newer"
    assert latest_rundate(block, newer) == "2023-07-25"


def test_a_dated_file_replaced_while_we_wait_for_the_lock_is_the_one_in_latest(
    tmp_path, monkeypatch
):
    block = LocalFileSystem(basepath=str(tmp_path))
    dataset = Dataset(name="flights", format="csv", today="2023-07-24")
    take = locks.latest_lock

    def take_late(folder):
        monkeypatch.setattr("prefect_ts._latest.latest_lock", take)
        dataset.write(block, b"the other one")
        return take(folder)

    monkeypatch.setattr("prefect_ts._latest.latest_lock", take_late)
    dataset.write(block, b"mine", rows=1)
    for path in dataset.write_paths:
        assert block.read_path(path) == b"the other one"


@pytest.mark.parametrize("change", [b"other", b"more than before", b"less"], ids=len)
def test_a_file_that_changes_while_it_is_written_is_never_whole(
    block, change, tmp_path, monkeypatch
):
    source, dataset = tmp_path / "source", Dataset(name="flights", format="csv", today="2023-07-24")
    source.write_bytes(b"whole")
    if isinstance(block, LocalFileSystem):
        # Its digest is that of the bytes that were written.
        assert dataset.write(block, source).sha256 == sha256_of(dataset.read(block))
        return
    digest = _latest._digest

    def digest_and_change(content):
        found = digest(content)
        source.write_bytes(change)
        return found

    monkeypatch.setattr(_latest, "_digest", digest_and_change)
    with pytest.raises(DatasetError, match="the file to write") as raised:
        dataset.write(block, source)
    assert raised.value.code == "INVALID_SOURCE"
    for path in dataset.write_paths:
        assert objects_of(block).head(path) is None


def test_a_block_that_cannot_guard_is_refused_before_anything_is_written(tmp_path):
    class Plain:
        written: list[str] = []  # noqa: RUF012

        def write_path(self, path: str, content: bytes) -> None:
            self.written.append(path)

    dataset = Dataset(name="flights", format="csv", today="2023-07-24")
    with pytest.raises(DatasetError, match='latest="unguarded"') as raised:
        dataset.write(Plain(), b"x")
    assert raised.value.code == "UNSUPPORTED"
    assert Plain.written == []
    assert dataset.write(Plain(), b"x", latest="unguarded").latest == "written"
    assert Plain.written == list(dataset.write_paths)


def test_a_file_goes_to_s3_with_its_digest_and_rows(s3_server, tmp_path):
    block = s3_block(s3_server, "files")
    source = tmp_path / "big.csv"
    source.write_bytes(b"0123456789abcdef" * 65_536 * 10)
    dataset = Dataset(name="big", format="csv", today="2023-07-24")
    result = dataset.write(block, source, rows=7)
    assert result.uri == f"s3://{BUCKET}/files/{dataset.path}"
    found = block._get_s3_client().head_object(Bucket=BUCKET, Key=f"files/{dataset.latest_path}")
    assert found["Metadata"] == {
        "prefect-ts-rundate": "2023-07-24",
        "prefect-ts-rows": "7",
        "prefect-ts-sha256": sha256_of(source.read_bytes()),
    }
    assert dataset.read(block) == source.read_bytes()


def test_the_other_writer_of_the_same_day_wins_whole(s3_server):
    """The dated object is replaced between our two steps: `latest` gets what it holds now."""
    block = s3_block(s3_server, "same-day")
    dataset = Dataset(name="flights", format="csv", today="2023-07-24")
    client = block._get_s3_client()
    put, calls = client.put_object, []

    def put_and_be_overtaken(**arguments):
        done = put(**arguments)
        calls.append(arguments["Key"])
        if len(calls) == 1:
            put(Bucket=BUCKET, Key=arguments["Key"], Body=b"the other one")
        return done

    client.put_object = put_and_be_overtaken
    try:
        dataset.write(block, b"mine", rows=1)
    finally:
        client.put_object = put
    assert block.read_path(dataset.path) == b"the other one"
    assert block.read_path(dataset.latest_path) == b"the other one"
    found = client.head_object(Bucket=BUCKET, Key=block._resolve_path(dataset.latest_path))
    assert "prefect-ts-rows" not in found["Metadata"]


def start_writers(folder: Path, updates: int, *mode: str) -> list[subprocess.Popen[str]]:
    """Eight writers at once, half of them in Node."""
    node = [
        str(ROOT / "node_modules/.bin/node"),
        "--conditions=@prefect-ts/source",
        str(ROOT / "packages/dataset/test/latest-writer.ts"),
    ]
    python = [sys.executable, str(WRITER)]
    return [
        subprocess.Popen(
            [
                *(node if number % 4 < 2 else python),
                str(folder),
                str(number),
                "8",
                str(updates),
                *mode,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]


def test_python_and_node_write_at_once_and_nobody_reads_a_torn_or_older_file(tmp_path):
    updates = 50 if TRIALS else 10
    writers = start_writers(tmp_path, updates)
    latest = tmp_path / "extracts/csv/latest/dataset=race/data.csv"
    newest, seen = "", 0
    while any(writer.poll() is None for writer in writers):
        time.sleep(0.002)
        try:
            lines = set(latest.read_text().splitlines())
        except FileNotFoundError:
            continue
        (day,) = lines  # One day: else the file is torn.
        assert latest.stat().st_size == 20_000 * 11
        assert day >= newest, "latest went back"
        newest, seen = day, seen + 1
    outcomes = {}
    for writer in writers:
        out, err = writer.communicate()
        assert writer.returncode == 0, err
        outcomes.update(json.loads(out))
    assert len(outcomes) == 8 * updates and seen > 0
    assert set(outcomes.values()) <= {"written", "kept-newer"}
    last = max(outcomes)
    assert outcomes[last] == "written"
    dataset = Dataset(name="race", format="csv", rundate=last, today=last)
    assert latest.read_text() == f"{last}\n" * 20_000
    assert latest_rundate(LocalFileSystem(basepath=str(tmp_path)), dataset) == last
    dated = tmp_path / "extracts/csv/dataset=race"
    assert len(list(dated.glob("rundate=*/data.csv"))) == 8 * updates
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"data.csv", "_latest.json"}


def test_python_and_node_exclude_each_other_and_take_over_from_the_dead(tmp_path):
    updates = 100 if TRIALS else 25
    (tmp_path / "counter").write_text("0")
    for writer in start_writers(tmp_path, updates, "lock"):
        _, err = writer.communicate()
        assert writer.returncode in (0, -signal.SIGKILL), err
    assert (tmp_path / "counter").read_text() == str(8 * updates)


def test_writers_in_threads_lose_no_update(block):
    updates = 50 if TRIALS else 8

    def write(number: int) -> list[tuple[str, str]]:
        outcomes = []
        for update in range(updates):
            day = (date(2000, 1, 1) + timedelta(days=(update ^ 1) * 8 + number)).isoformat()
            dataset = Dataset(name="race", format="csv", rundate=day, today=day)
            outcomes.append((day, dataset.write(block, day.encode()).latest))
        return outcomes

    with ThreadPoolExecutor(8) as pool:
        outcomes = dict(each for result in pool.map(write, range(8)) for each in result)
    last = max(outcomes)
    dataset = Dataset(name="race", format="csv", rundate=last, today=last)
    assert outcomes[last] == "written"
    assert read_back(block, dataset.latest_path) == last.encode()
    assert latest_rundate(block, dataset) == last


def test_list_rundates(block):
    def dataset(day: str, **partitions: str) -> Dataset:
        options: Any = {"rundate": day, "rundate_type": "specific", "partitions": partitions}
        return Dataset(name="delays", format="csv", **options)

    assert dataset("2013-01-01").list_rundates(block) == []
    for day in ("2013-01-03", "2013-01-01"):
        dataset(day).write(block, b"x")
    dataset("2013-01-02", origin="JFK").write(block, b"x")
    put_without_guard(
        block, f"{Path(dataset('2013-01-01').path).parents[1]}/rundate=x/data.csv", b"x", None
    )
    put_without_guard(block, dataset("2013-01-04").path + ".tmp", b"x", None)
    assert dataset("2013-01-09").list_rundates(block) == ["2013-01-01", "2013-01-03"]
    assert dataset("2013-01-09", origin="JFK").list_rundates(block) == ["2013-01-02"]


def test_list_rundates_needs_a_block_that_lists():
    with pytest.raises(DatasetError) as raised:
        Dataset(name="delays", format="csv").list_rundates(object())
    assert raised.value.code == "UNSUPPORTED"
