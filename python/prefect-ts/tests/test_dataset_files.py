"""Reading and writing through blocks: real files, real processes, real kinds of blocks."""

import asyncio
import errno
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import ClassVar

import duckdb
import pytest
from prefect import flow, task
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.filesystems import LocalFileSystem, WritableFileSystem
from prefect.utilities.asyncutils import sync_compatible
from pydantic import Field

from prefect_ts.dataset import Dataset, DatasetError, DatasetWrite

TODAY = "2023-07-24"
CONTENT = b"carrier,flights\nUA,165\n"


@pytest.fixture
def block(tmp_path: Path) -> LocalFileSystem:
    return LocalFileSystem(basepath=str(tmp_path / "base"))


def flights(**options) -> Dataset:
    return Dataset(**{"name": "flights", "format": "csv", "today": TODAY, **options})


def files(block: LocalFileSystem) -> dict[str, bytes]:
    base = Path(block.basepath)
    return {
        path.relative_to(base).as_posix(): path.read_bytes()
        for path in sorted(base.rglob("*"))
        if path.is_file() and path.name != "_latest.json"
    }


@pytest.mark.parametrize("rundate_type", ["latest", "specific"])
@pytest.mark.parametrize("day", [TODAY, "2013-01-01"])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, Path])
def test_write_and_read(block, tmp_path, kind, day, rundate_type):
    neighbours = [flights(rundate="2013-01-02"), flights(partitions={"k": "v"})]
    for neighbour in neighbours:
        neighbour.write(block, b"neighbour")
    before = files(block)
    dataset = flights(rundate=day, rundate_type=rundate_type)
    source = tmp_path / "source.csv"
    source.write_bytes(CONTENT)
    result = dataset.write(block, source if kind is Path else kind(CONTENT), rows=1)

    assert files(block) == {**before, **dict.fromkeys(dataset.write_paths, CONTENT)}
    assert dataset.read(block) == CONTENT
    assert result.paths == dataset.write_paths
    assert result.path == dataset.write_paths[0]
    assert result.uri == str(Path(block.basepath).resolve() / result.path)
    assert (result.bytes, result.rows) == (len(CONTENT), 1)
    assert result.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert result.latest == ("written" if rundate_type == "latest" else "untouched")
    assert source.read_bytes() == CONTENT


def test_file_mode_is_that_of_any_new_file(block, tmp_path):
    flights().write(block, CONTENT)
    (tmp_path / "plain").write_bytes(b"")
    mode = flights().local_path(block).stat().st_mode
    assert mode == (tmp_path / "plain").stat().st_mode


def test_base_path_is_resolved_by_the_block(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    flights().write(LocalFileSystem(basepath="~/data"), CONTENT)
    assert (tmp_path / "data" / flights().path).read_bytes() == CONTENT
    monkeypatch.chdir(tmp_path)
    assert flights().read(LocalFileSystem(basepath="data")) == CONTENT
    assert flights().read(LocalFileSystem(basepath=tmp_path / "data")) == CONTENT


def test_a_base_path_that_cannot_be_resolved():
    homeless = LocalFileSystem(basepath="~nobody-has-this-name/data")
    for call in (lambda: flights().write(homeless, CONTENT), lambda: flights().read(homeless)):
        with pytest.raises(DatasetError, match="nobody-has-this-name") as raised:
            call()
        assert raised.value.code == "STORE_ERROR"


def test_not_found_names_dataset_path_place_and_newest(block):
    with pytest.raises(DatasetError) as raised:
        flights().read(block)
    message = str(raised.value)
    assert raised.value.code == "NOT_FOUND"
    assert '"flights"' in message and flights().latest_path in message
    assert block.basepath in message and "No dated partition" in message

    for day in ("2013-01-09", "2013-01-10", "2013-01-02"):
        flights(rundate=day).write(block, CONTENT)
    flights(rundate="2013-02-01", partitions={"k": "v"}).write(block, CONTENT)
    (Path(block.basepath) / "extracts/csv/dataset=flights/rundate=2014-01-01").mkdir()
    with pytest.raises(DatasetError, match="The newest rundate there is 2013-01-10"):
        flights(rundate="2013-01-03").read(block)


def test_unusable_content(block, tmp_path):
    for content in ("text", None, 5, ["a"], tmp_path / "absent.csv", tmp_path):
        with pytest.raises(DatasetError) as raised:
            flights().write(block, content)
        assert raised.value.code == "INVALID_SOURCE"
    assert files(block) == {}


def test_a_link_out_of_the_base_path_is_refused(block, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    base = Path(block.basepath)
    base.mkdir()
    (base / "extracts").symlink_to(outside)
    for call in (lambda: flights().write(block, CONTENT), lambda: flights().read(block)):
        with pytest.raises(DatasetError, match="outside of the base path") as raised:
            call()
        assert raised.value.code == "STORE_ERROR"
    assert list(outside.iterdir()) == []


def test_a_base_path_that_cannot_be_written():
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        base.mkdir()
        base.chmod(0o555)
        Path(folder).chmod(0o755)
        root = os.geteuid() == 0
        try:
            if root:
                os.seteuid(65534)
            with pytest.raises(DatasetError, match="Permission denied") as raised:
                flights().write(LocalFileSystem(basepath=str(base)), CONTENT)
        finally:
            if root:
                os.seteuid(0)
        assert raised.value.code == "STORE_ERROR"
        assert flights().path in str(raised.value)
        assert list(base.iterdir()) == []


def test_a_failing_write_leaves_the_old_file_and_nothing_else(block, monkeypatch):
    flights().write(block, CONTENT)
    before = files(block)

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    for function in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, fail)
            with pytest.raises(DatasetError, match="Input/output error"):
                flights().write(block, b"new")
        assert files(block) == before


LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from prefect.filesystems import LocalFileSystem
from prefect_ts.dataset import Dataset, DatasetError, DatasetWrite
try:
    Dataset(name="flights", format="csv", today="2023-07-24").write(
        LocalFileSystem(basepath=sys.argv[1]), bytes(3 << 20))
except DatasetError as error:
    print(error.code, error)
"""


def test_a_full_disk_leaves_no_partial_file(block):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, block.basepath],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("STORE_ERROR Cannot write"), done
    assert files(block) == {}


WRITER = """
import sys
from prefect.filesystems import LocalFileSystem
from prefect_ts.dataset import Dataset
block = LocalFileSystem(basepath=sys.argv[1])
dataset = Dataset(name="flights", format="csv", today="2023-07-24")
for number in range(1000):
    dataset.write(block, bytes([97 + number % 26]) * (2 << 20))
    print(number, flush=True)
"""


def test_a_reader_never_sees_half_a_file_even_when_the_writer_is_killed(block):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, block.basepath], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "0\n"
        dated = flights(rundate_type="specific")
        seen = set()
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for dataset in (dated, flights()):
                content = dataset.read(block)
                assert len(content) == 2 << 20
                assert content.count(content[:1]) == len(content)
                seen.add(content[:1])
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        writer.stdout.close()
    assert len(seen) > 1
    for dataset in (dated, flights()):
        assert len(dataset.read(block)) == 2 << 20


class AsyncBlock(WritableFileSystem):
    """A custom block with plain coroutines."""

    objects: dict = Field(default_factory=dict)

    async def read_path(self, path: str) -> bytes:
        await asyncio.sleep(0)
        if path not in self.objects:
            raise FileNotFoundError(path)
        return self.objects[path]

    async def write_path(self, path: str, content: bytes) -> None:
        await asyncio.sleep(0)
        self.objects[path] = content


class CompatibleBlock(AsyncBlock):
    """The kind of block that prefect-gcp and prefect-azure have."""

    @sync_compatible
    async def read_path(self, path: str) -> bytes:
        return await AsyncBlock.read_path(self, path)

    @sync_compatible
    async def write_path(self, path: str, content: bytes) -> None:
        await AsyncBlock.write_path(self, path, content)


class DispatchedBlock(AsyncBlock):
    """The kind of block that prefect-aws has."""

    async def aread_path(self, path: str) -> bytes:
        return await AsyncBlock.read_path(self, path)

    @async_dispatch(aread_path)
    def read_path(self, path: str) -> bytes:
        return self.objects[path]

    async def awrite_path(self, path: str, content: bytes) -> None:
        await AsyncBlock.write_path(self, path, content)

    @async_dispatch(awrite_path)
    def write_path(self, path: str, content: bytes) -> None:
        self.objects[path] = content


class SyncBlock(AsyncBlock):
    """A custom block with plain functions."""

    def read_path(self, path: str) -> bytes:
        return self.objects[path]

    def write_path(self, path: str, content: bytes) -> None:
        self.objects[path] = content


KINDS = [AsyncBlock, CompatibleBlock, DispatchedBlock, SyncBlock]


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_of_every_kind_in_sync_code(kind, tmp_path):
    source = tmp_path / "source.csv"
    source.write_bytes(CONTENT)
    remote = kind()
    result = flights().write(remote, source, latest="unguarded")
    assert remote.objects == dict.fromkeys([flights().path, flights().latest_path], CONTENT)
    assert (result.uri, result.bytes) == (None, len(CONTENT))
    assert flights().read(remote) == CONTENT


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_of_every_kind_inside_a_running_loop(kind):
    async def main() -> None:
        remote = kind()
        flights().write(remote, CONTENT, latest="unguarded")
        assert flights().read(remote) == CONTENT
        assert await flights().aread(remote) == CONTENT
        await flights(name="other").awrite(remote, b"other", latest="unguarded")
        assert flights(name="other").read(remote) == b"other"

    asyncio.run(main())


def test_local_blocks_inside_a_running_loop(block):
    async def main() -> None:
        await flights().awrite(block, CONTENT)
        assert await flights().aread(block) == CONTENT
        assert flights().read(block) == CONTENT

    asyncio.run(main())


def test_errors_of_other_blocks():
    class NoSuchKey(Exception):
        response: ClassVar = {"Error": {"Code": "NoSuchKey"}}

    class Broken(AsyncBlock):
        async def read_path(self, path: str) -> bytes:
            raise NoSuchKey

        async def write_path(self, path: str, content: bytes) -> None:
            raise RuntimeError("connection lost")

    for missing in (Broken(), AsyncBlock()):
        with pytest.raises(DatasetError) as raised:
            flights().read(missing)
        assert raised.value.code == "NOT_FOUND"
        assert flights().read_path in str(raised.value)
    with pytest.raises(DatasetError, match="Cannot write .* block Broken: connection lost"):
        flights().write(Broken(), CONTENT, latest="unguarded")
    with pytest.raises(DatasetError, match="on a LocalFileSystem block only, got a Broken"):
        flights().local_path(Broken())


def test_duckdb_reads_the_safe_glob_and_partition_values(block):
    base = Path(block.basepath)
    values = ["UA", "New York/JFK", "a=b", "100%", "é", None]
    for day in ("2013-01-01", TODAY):
        for value in values:
            flights(rundate=day, partitions={"k": value}).write(block, b"n\n1\n")
    glob = base / flights(partitions={"k": "any"}).glob
    query = """
        select dataset, rundate, k, sum(n)
        from read_csv(?, hive_partitioning = true, hive_types = {'rundate': date, 'k': varchar})
        group by all
    """
    with duckdb.connect() as connection:
        rows = connection.execute(query, [str(glob)]).fetchall()
    assert {row[0] for row in rows} == {"flights"}
    assert {str(row[1]) for row in rows} == {"2013-01-01", TODAY}
    assert {row[2] for row in rows} == set(values)
    assert len(rows) == 2 * len(values) and {row[3] for row in rows} == {1}

    everything = base / "extracts/csv/**/data.csv"
    query = "select count(*) from read_csv(?, hive_partitioning = true)"
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="[Hh]ive partition"):
        connection.execute(query, [str(everything)]).fetchall()


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_of_every_kind_in_flows_and_tasks(kind, api):
    remote = kind()
    once = {"persist_result": False}

    @task(**once)
    def write() -> DatasetWrite:
        return flights().write(remote, CONTENT, latest="unguarded")

    @task(**once)
    async def read() -> bytes:
        assert await flights().aread(remote) == flights().read(remote)
        return flights().read(remote)

    @flow(**once)
    def sync_flow() -> bytes:
        write()
        return flights().read(remote)

    @flow(**once)
    async def async_flow() -> bytes:
        write()
        flights(name="other").write(remote, b"other", latest="unguarded")
        return await read() + await flights(name="other").aread(remote)

    assert sync_flow() == CONTENT
    assert asyncio.run(async_flow()) == CONTENT + b"other"
