"""Datasets by name, in the layout that @prefect-ts/dataset and PrefectInterfaces.jl share."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, cast

from prefect.filesystems import LocalFileSystem

from ._files import SourceChangedError, read_chunks, replace_file
from ._latest import Guard, Written, write_files, write_objects
from ._layout import (
    DATASET_TYPES,
    DATASTORE_TYPES,
    EXPECTED_FORMAT,
    EXPECTED_NAME,
    EXPECTED_RUNDATE,
    RUNDATE_TYPES,
    SUFFIXES,
    Compression,
    DatasetError,
    DatasetErrorCode,
    DatasetType,
    PartitionType,
    PartitionValue,
    RundateType,
    describe,
    invalid,
    is_format,
    is_name,
    partition_segments,
    quoted,
    require_one_of,
    resolve_today,
    segment,
    to_day,
)
from ._objects import objects_of

__all__ = ["Dataset", "DatasetError", "DatasetErrorCode", "DatasetWrite"]

Content = bytes | bytearray | memoryview | Path


@dataclass(frozen=True)
class DatasetWrite:
    """What a write did.

    Attributes:
        path: The path written first: the dated one, or `latest` where only that one was.
        paths: Every path written, in the order written.
        uri: `path` as other tools name it: an absolute path, `s3://…`, `gs://…`, `az://…`; None on a
            block of another kind.
        bytes: Size of the content.
        sha256: SHA-256 of the content, hex.
        etag: Version of the object at `path`; None on a block of another kind.
        latest: `written`; `kept-newer` where a newer day stands at `latest`, so that only the dated path
            was written; `untouched` where the table leaves it alone.
        rows: The number of rows you gave, or None.
    """

    path: str
    paths: tuple[str, ...]
    uri: str | None
    bytes: int
    sha256: str
    etag: str | None
    latest: Literal["written", "kept-newer", "untouched"]
    rows: int | None


@dataclass(frozen=True, init=False)
class Dataset:
    """One partition of one dataset: its paths, and reading and writing it through a Prefect block.

    Which path is read and which are written:

    | rundate_type | rundate | read | write |
    |---|---|---|---|
    | latest (default when rundate is today) | today | latest | rundate, then latest |
    | latest | another day | latest | latest |
    | specific (default otherwise) | any | rundate | rundate |

    Attributes:
        name: The dataset's name: letters, digits, `.`, `_`, `~` and `-`.
        type: `extracts`, `reports` or `images`.
        format: Names the codec and the file's extension, such as `csv`.
        compression: `gzip` or `zstd`, which adds `.gz` or `.zst`; None for neither.
        rundate: The day of this partition, `YYYY-MM-DD`.
        rundate_type: `latest` or `specific`.
        today: The day that counted as today when the dataset was named.
        partitions: Further partition keys below `rundate`, in this order.
        partition_types: The type of every partition key.
        path: Path of the dated file below the block's base.
        latest_path: Path of the `latest` file.
        read_path: The path that `read` opens.
        write_paths: The paths that `write` fills, in that order.
        glob: Matches the dated files of every partition and never the `latest` copies, which break a
            `**` glob: give this one to DuckDB, Polars or pyarrow.
    """

    name: str
    type: DatasetType
    format: str
    compression: Compression | None
    rundate: str
    rundate_type: RundateType
    today: str
    partitions: Mapping[str, PartitionValue] = field(hash=False)
    partition_types: Mapping[str, PartitionType] = field(hash=False)
    path: str
    latest_path: str
    read_path: str
    write_paths: tuple[str, ...]
    glob: str

    def __init__(
        self,
        *,
        name: str,
        format: str,
        rundate: str | date | None = None,
        type: DatasetType = "extracts",
        rundate_type: RundateType | None = None,
        compression: Compression | None = None,
        partitions: Mapping[str, PartitionValue] | None = None,
        partition_types: Mapping[str, PartitionType] | None = None,
        today: str | date | None = None,
        scheduled_start: str | datetime | None = None,
        time_zone: str = "UTC",
        clock: Callable[[], datetime] | None = None,
    ):
        """Names the partition.

        Args:
            name: The dataset's name.
            format: The codec and extension.
            rundate: The day; today when None.
            type: The first directory of the path.
            rundate_type: The row of the table; None for its default.
            compression: Declared by a suffix; nothing is compressed here.
            partitions: Further partition keys and their values: text, integers, dates, instants
                (datetimes with their offset, written in UTC), None.
            partition_types: Types of these keys: `string`, `integer`, `date`, `timestamp`; a value of
                another type is refused. By each value when not declared.
            today: The day that counts as today, if you know it.
            scheduled_start: Else: when the flow run was scheduled, with its offset.
            time_zone: IANA name of the zone in which the day is counted.
            clock: Else: tells the time; the system's clock when None.

        Raises:
            DatasetError: `INVALID_DATASET`, for anything that the layout refuses.
        """
        if not is_name(name):
            raise DatasetError(
                f"Dataset name must be {EXPECTED_NAME}, got {describe(name)}.", "INVALID_DATASET"
            )
        if not is_format(format):
            raise invalid(
                name,
                f"format must be {EXPECTED_FORMAT}, got {describe(format)}; "
                'a compression is given as compression="gzip" or "zstd"',
            )
        require_one_of(DATASET_TYPES, type, "type", name)
        if compression is not None:
            require_one_of(SUFFIXES, compression, "compression", name)
        day_of_today = resolve_today(today, scheduled_start, time_zone, clock)
        day = day_of_today if rundate is None else to_day(rundate)
        if day is None:
            raise invalid(name, f"rundate must be {EXPECTED_RUNDATE}, got {describe(rundate)}")
        if rundate_type is None:
            rundate_type = "latest" if day == day_of_today else "specific"
        require_one_of(RUNDATE_TYPES, rundate_type, "rundate_type", name)

        keys = dict(partitions or {})
        root, directory = f"{type}/{format}", segment("dataset", name, name)
        segments, types = partition_segments(keys, dict(partition_types or {}), name)
        below = [*segments, f"data.{format}{SUFFIXES.get(compression, '')}"]
        path = "/".join([root, directory, f"rundate={day}", *below])
        latest_path = "/".join([root, "latest", directory, *below])
        if rundate_type == "specific":
            write_paths: tuple[str, ...] = (path,)
        else:
            write_paths = (path, latest_path) if day == day_of_today else (latest_path,)
        wildcards = [f"{key}=*" for key in keys]
        values = {
            "name": name,
            "type": type,
            "format": format,
            "compression": compression,
            "rundate": day,
            "rundate_type": rundate_type,
            "today": day_of_today,
            "partitions": keys,
            "partition_types": types,
            "path": path,
            "latest_path": latest_path,
            "read_path": latest_path if rundate_type == "latest" else path,
            "write_paths": write_paths,
            "glob": "/".join([root, directory, "rundate=*", *wildcards, below[-1]]),
        }
        for attribute, value in values.items():
            object.__setattr__(self, attribute, value)

    @classmethod
    def from_params(
        cls,
        params: Mapping[str, Any],
        *,
        today: str | date | None = None,
        scheduled_start: str | datetime | None = None,
        time_zone: str = "UTC",
        clock: Callable[[], datetime] | None = None,
    ) -> Dataset:
        """Makes a dataset from a flow's parameters: those that `datasetFromParams` takes in Node.

        `dataset_name` is required; `datastore_type`, `dataset_type`, `file_format` (`csv`), `rundate`
        and `rundate_type` may be absent or None. `datastore_type` is checked only: it picks the block,
        not the path.

        Raises:
            DatasetError: `INVALID_PARAMETER`, naming the parameter that is unknown, missing or unusable.
        """
        if not isinstance(params, Mapping):
            raise _refused(f"Dataset parameters must be an object, got {describe(params)}.")
        checks: dict[str, tuple[Callable[[object], bool], str]] = {
            "dataset_name": (is_name, EXPECTED_NAME),
            "datastore_type": (_one_of(DATASTORE_TYPES), quoted(DATASTORE_TYPES)),
            "dataset_type": (_one_of(DATASET_TYPES), quoted(DATASET_TYPES)),
            "file_format": (is_format, EXPECTED_FORMAT),
            "rundate": (lambda value: to_day(value) is not None, EXPECTED_RUNDATE),
            "rundate_type": (_one_of(RUNDATE_TYPES), quoted(RUNDATE_TYPES)),
        }
        for name, value in params.items():
            if name not in checks:
                raise _refused(
                    f"Unknown dataset parameter {describe(name)} (a value of type "
                    f"{value.__class__.__name__}); known ones: {', '.join(checks)}."
                )
        if params.get("dataset_name") is None:
            raise _refused('Dataset parameter "dataset_name" is missing: the flow must pass it.')
        given = {name: value for name, value in params.items() if value is not None}
        for name, (accepts, expected) in checks.items():
            if name in given and not accepts(given[name]):
                raise _refused(
                    f'Dataset parameter "{name}" must be {expected}, got {describe(given[name])}.'
                )
        return cls(
            name=given["dataset_name"],
            type=given.get("dataset_type", "extracts"),
            format=given.get("file_format", "csv"),
            rundate=given.get("rundate"),
            rundate_type=given.get("rundate_type"),
            today=today,
            scheduled_start=scheduled_start,
            time_zone=time_zone,
            clock=clock,
        )

    def local_path(self, block: LocalFileSystem, path: str | None = None) -> Path:
        """Where `path` (default: `read_path`) is on disk, as the block resolves it; it need not exist.

        Raises:
            DatasetError: `STORE_ERROR`, when the block is no local file system or refuses the path.
        """
        if not isinstance(block, LocalFileSystem):
            raise DatasetError(
                f'Dataset "{self.name}" has a local path on a LocalFileSystem block only, '
                f"got a {block.__class__.__name__}.",
                "STORE_ERROR",
                self.name,
            )
        with self._failures("locate", block, path or self.read_path):
            # Private, but the only way to the very path that the block itself reads and writes.
            return block._resolve_path(path or self.read_path)

    def list_rundates(self, block: Any) -> list[str]:
        """The days whose dated file is there, ascending; of this very partition, where there are further keys.

        Args:
            block: A LocalFileSystem, S3Bucket, GcsBucket or AzureBlobStorageContainer.

        Raises:
            DatasetError: `UNSUPPORTED` for another block; `STORE_ERROR` when the block fails.
        """
        folder, _, file = self.path.partition(f"/rundate={self.rundate}/")
        with self._failures("list", block, folder):
            if isinstance(block, LocalFileSystem):
                found = self.local_path(block, folder).glob("rundate=*")
                days = [each.name[8:] for each in found if (each / file).is_file()]
            elif (objects := objects_of(block)) is not None:
                pattern = re.compile(re.escape(folder) + "/rundate=([^/]+)/" + re.escape(file))
                matches = map(pattern.fullmatch, objects.list(folder))
                days = [match[1] for match in matches if match]
            else:
                raise DatasetError(
                    f'Dataset "{self.name}": {_where(block)} cannot list: only LocalFileSystem, S3Bucket, '
                    "GcsBucket and AzureBlobStorageContainer can.",
                    "UNSUPPORTED",
                    self.name,
                )
        return sorted(day for day in days if to_day(day))

    def read(self, block: Any) -> bytes:
        """The content at `read_path`. Works in sync and async code; `aread` does not block the loop.

        Args:
            block: A block with `read_path`, such as LocalFileSystem, S3Bucket or GcsBucket.

        Raises:
            DatasetError: `NOT_FOUND`, naming the newest rundate there is on a local block;
                `STORE_ERROR` when the block fails.
        """
        with self._failures("read", block, self.read_path):
            if isinstance(block, LocalFileSystem):
                return self.local_path(block).read_bytes()
            return cast(bytes, _call(block.read_path, self.read_path))

    async def aread(self, block: Any) -> bytes:
        """Like `read`, in a thread of its own."""
        return await asyncio.to_thread(self.read, block)

    def write(
        self,
        block: Any,
        content: Content,
        *,
        rows: int | None = None,
        latest: Literal["guarded", "unguarded"] = "guarded",
        force: bool = False,
    ) -> DatasetWrite:
        """Writes the content to `write_paths`: the dated path first, then `latest` made from it.

        `latest` only goes forward, whoever writes at the same time, in Python or Node
        (protocol/latest.md): a newer day that stands there is kept. The same day again replaces it. On a
        LocalFileSystem each file appears whole or not at all (temporary file, fsync, replace) and a lock
        beside `latest` is held for a moment; on S3Bucket, GcsBucket and AzureBlobStorageContainer the
        block's client writes over the version that was seen, and nothing else. A `Path` goes in constant
        memory. Other blocks take the content through their `write_path` and can't guard `latest`.
        Works in sync and async code; `awrite` does not block the loop.

        Args:
            block: A block with `write_path`.
            content: Bytes, or the path of a file, which stays where it is.
            rows: Number of rows, if you know it: kept with `latest` and handed on to the result.
            latest: `unguarded` replaces `latest` without looking, for blocks that can't guard it.
            force: Lets `latest` go back to an older day, or ahead to one after today.

        Raises:
            DatasetError: `INVALID_SOURCE` for unusable content; `NEWER_LATEST` when only `latest` would
                be written and stands at a newer day, `FUTURE_RUNDATE` when it would run ahead of today,
                `UNSUPPORTED` when the block can't guard it, each with nothing written; `LATEST_BUSY` when
                others kept it busy; `STORE_ERROR` when the block fails.
        """
        self._check_content(content)
        guard = Guard(self, rows, force)
        if latest == "guarded":
            guard.check_future()
        with self._failures("write", block, self.write_paths[0]):
            if isinstance(block, LocalFileSystem):
                done, uri = self._write_files(block, guard, content, latest)
            elif (objects := objects_of(block)) is not None and latest == "guarded":
                data = content if isinstance(content, Path) else bytes(content)
                done = write_objects(objects, guard, data)
                uri = objects.locate(self.write_paths[0])
            else:
                return self._write_block(block, guard, content, latest)
        is_kept = done.latest == "kept-newer"
        return DatasetWrite(
            path=self.write_paths[0],
            paths=(self.path,) if is_kept else self.write_paths,
            uri=uri,
            bytes=done.bytes,
            sha256=done.sha256,
            etag=done.etag,
            latest=done.latest,
            rows=rows,
        )

    async def awrite(
        self,
        block: Any,
        content: Content,
        *,
        rows: int | None = None,
        latest: Literal["guarded", "unguarded"] = "guarded",
        force: bool = False,
    ) -> DatasetWrite:
        """Like `write`, in a thread of its own, which a cancelled task does not stop."""
        return await asyncio.to_thread(
            self.write, block, content, rows=rows, latest=latest, force=force
        )

    def _write_files(
        self, block: LocalFileSystem, guard: Guard, content: Content, latest: str
    ) -> tuple[Written, str]:
        first = self.local_path(block, self.write_paths[0])
        self._check_links(block)
        if latest == "guarded":
            done = write_files(
                lambda path: self.local_path(block, path), guard, lambda: _chunks(content)
            )
            return done, str(first)
        put = replace_file(first, _chunks(content))
        for other in self.write_paths[1:]:
            replace_file(self.local_path(block, other), _chunks(first))
        return Written(put.bytes, put.sha256, put.etag, self._plain_outcome(guard)), str(first)

    def _check_links(self, block: LocalFileSystem) -> None:
        """Refuses a path that a symbolic link leads into another partition, whose file would be overwritten."""
        folder = f"{self.type}/{self.format}/dataset={self.name}"
        real = self.local_path(block, folder)
        for path in self.write_paths:
            target = self.local_path(block, path)
            own = real / path.removeprefix(f"{folder}/") if path.startswith(folder) else None
            if real in target.parents and target != own:
                raise DatasetError(
                    f'Dataset "{self.name}": a symbolic link leads from "{path}" to {target}, the file of '
                    "another partition, which is left as it is: nothing was done. Remove the link.",
                    "UNSUPPORTED",
                    self.name,
                )

    def _write_block(self, block: Any, guard: Guard, content: Content, latest: str) -> DatasetWrite:
        if guard.writes_latest and latest == "guarded":
            raise DatasetError(
                f'Dataset "{self.name}": {_where(block)} cannot guard latest: only LocalFileSystem, '
                "S3Bucket, GcsBucket and AzureBlobStorageContainer can. Nothing was written. Say "
                'latest="unguarded" if no other writer can come in between.',
                "UNSUPPORTED",
                self.name,
            )
        data = b"".join(_chunks(content))
        for path in self.write_paths:
            _call(block.write_path, path, data)
        return DatasetWrite(
            path=self.write_paths[0],
            paths=self.write_paths,
            uri=None,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            etag=None,
            latest=self._plain_outcome(guard),
            rows=guard.rows,
        )

    def _plain_outcome(self, guard: Guard) -> Literal["written", "untouched"]:
        return "written" if guard.writes_latest else "untouched"

    def _check_content(self, content: object) -> None:
        if not isinstance(content, (bytes, bytearray, memoryview, Path)):
            raise DatasetError(
                f'Dataset "{self.name}": content must be bytes or a pathlib.Path, got '
                f"{content.__class__.__name__}; encode text with .encode().",
                "INVALID_SOURCE",
                self.name,
            )
        if not isinstance(content, Path):
            return
        try:
            # A pipe would keep the call waiting, and could not be read a second time.
            if not stat.S_ISREG(content.stat().st_mode):
                raise OSError(f"{content} is no file")
            with open(content, "rb"):
                pass
        except OSError as error:
            raise DatasetError(
                f'Cannot read the file to write into dataset "{self.name}": {error}',
                "INVALID_SOURCE",
                self.name,
            ) from error

    @contextmanager
    def _failures(self, verb: str, block: Any, path: str) -> Iterator[None]:
        try:
            yield
        except DatasetError:
            raise
        except Exception as error:
            changed = _source_changed(error)
            if changed is not None:
                raise DatasetError(
                    f'Cannot write dataset "{self.name}" at "{path}": {changed}.',
                    "INVALID_SOURCE",
                    self.name,
                ) from error
            where = _where(block)
            if verb == "read" and _is_absent(error):
                raise DatasetError(
                    f'Dataset "{self.name}" was not found at "{path}" in {where}.'
                    f"{self._newest_hint(block)}",
                    "NOT_FOUND",
                    self.name,
                ) from error
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise DatasetError(
                f'Cannot {verb} dataset "{self.name}" at "{path}" in {where}: {reason}',
                "STORE_ERROR",
                self.name,
            ) from error

    def _newest_hint(self, block: Any) -> str:
        if not isinstance(block, LocalFileSystem):
            return ""
        try:
            newest = max(self.list_rundates(block), default=None)
        except DatasetError:
            return ""
        if newest is None:
            return (
                " No dated partition of it was found there either: "
                "was it written, to this block, with this type and format?"
            )
        return f" The newest rundate there is {newest}."


def _chunks(content: Content) -> Iterator[bytes]:
    if not isinstance(content, Path):
        yield bytes(content)
        return
    with open(content, "rb") as file:
        yield from read_chunks(file)


def _call(method: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a block's method to its end, be it sync, async or one of Prefect's that are either."""

    def run() -> Any:
        result = method(*arguments)
        return asyncio.run(_finish(result)) if inspect.isawaitable(result) else result

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    # A running loop can't wait for a coroutine of its own: let another thread do it.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, run).result()


async def _finish(result: Any) -> Any:
    return await result


def _source_changed(error: BaseException | None) -> SourceChangedError | None:
    """What the content's own file said, which clients wrap in errors of theirs."""
    while error is not None and not isinstance(error, SourceChangedError):
        error = error.__cause__ or error.__context__
    return error


def _is_absent(error: Exception) -> bool:
    """Whether a block says "no such object": each backend says it in its own way."""
    # The latter: a part of the path is a file, so there is nothing below it.
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return True
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return response.get("Error", {}).get("Code") in ("NoSuchKey", "404")
    if error.__class__.__name__ in ("NotFound", "ResourceNotFoundError"):
        return True
    if isinstance(error.__cause__, Exception):
        # Azure's block wraps what its client says.
        return _is_absent(error.__cause__)
    return isinstance(error, ValueError) and bool(re.search(r"does not exist", str(error)))


def _where(block: Any) -> str:
    if isinstance(block, LocalFileSystem):
        return f"the local file system below {block.basepath or os.getcwd()}"
    name = getattr(block, "_block_document_name", None)
    return f"block {block.__class__.__name__}" + (f' "{name}"' if name else "")


def _one_of(choices: tuple[str, ...]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in choices


def _refused(message: str) -> DatasetError:
    return DatasetError(message, "INVALID_PARAMETER")
