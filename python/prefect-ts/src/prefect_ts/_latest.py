"""Writing a dataset so that `latest` never goes back in time. See protocol/latest.md."""

from __future__ import annotations

import hashlib
import io
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from ._files import etag_of, read_chunks, replace_file
from ._latest_lock import Lock, LockBusyError, latest_lock
from ._latest_record import (
    RECORD_NAME,
    FileRecord,
    Latest,
    format_record,
    from_metadata,
    parse_record,
    resolve,
    to_metadata,
)
from ._layout import DatasetError
from ._objects import ANY, ChangedError, Content, Found, Objects

MAX_ATTEMPTS = 1_000

Outcome = Literal["written", "kept-newer", "untouched"]


class Named(Protocol):
    """What the guard needs to know of a dataset."""

    @property
    def name(self) -> str: ...
    @property
    def rundate(self) -> str: ...
    @property
    def today(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def latest_path(self) -> str: ...
    @property
    def write_paths(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Written:
    """What a write did."""

    bytes: int
    sha256: str
    etag: str
    latest: Outcome


@dataclass(frozen=True)
class Guard:
    """How a write treats what stands at `latest`."""

    dataset: Named
    rows: int | None
    force: bool

    @property
    def writes_latest(self) -> bool:
        return self.dataset.latest_path in self.dataset.write_paths

    @property
    def writes_dated(self) -> bool:
        return self.dataset.path in self.dataset.write_paths

    def check_future(self) -> None:
        """Refuses to let `latest` run ahead of today."""
        dataset = self.dataset
        if self.force or not self.writes_latest or dataset.rundate <= dataset.today:
            return
        raise DatasetError(
            f'Dataset "{dataset.name}": {dataset.rundate} is after today ({dataset.today}), and latest '
            "would then keep out every run until that day; nothing was written. Write the day itself "
            'with rundate_type="specific", or say force=True.',
            "FUTURE_RUNDATE",
            dataset.name,
        )

    def keeps(self, current: Latest | None) -> bool:
        """Whether what stands there is newer and stays."""
        return not self.force and current is not None and current.rundate > self.dataset.rundate

    def outcome(self, current: Latest | None) -> Outcome:
        """What comes of a write that `keeps` refuses: an error where nothing else was written."""
        if self.writes_dated:
            return "kept-newer"
        raise DatasetError(
            f'Dataset "{self.dataset.name}": latest stands at {current and current.rundate}, which is '
            f"newer than {self.dataset.rundate}; nothing was written. Write the day itself with "
            'rundate_type="specific", or take latest back with force=True.',
            "NEWER_LATEST",
            self.dataset.name,
        )

    def latest(self, sha256: str, size: int | None = None, etag: str | None = None) -> Latest:
        return Latest(self.dataset.rundate, self.rows, sha256, size, etag)

    def busy(self, reason: str) -> DatasetError:
        return DatasetError(
            f'Dataset "{self.dataset.name}": "{self.dataset.latest_path}" could not be replaced: '
            f"{reason}. What was there is untouched; write again.",
            "LATEST_BUSY",
            self.dataset.name,
        )

    def deleted(self) -> DatasetError:
        return DatasetError(
            f'Dataset "{self.dataset.name}": "{self.dataset.path}" was deleted before latest could be '
            "made from it; latest is untouched.",
            "NOT_FOUND",
            self.dataset.name,
        )


def write_objects(objects: Objects, guard: Guard, source: bytes | Path) -> Written:
    """Writes where the store can compare and swap: metadata on the object itself, under If-Match."""
    dataset = guard.dataset
    content = _content_of(source)
    etag = ""
    if guard.writes_dated:
        etag = objects.put(dataset.path, content, {}, ANY)
    if not guard.writes_latest:
        return Written(content.bytes, content.sha256, etag, "untouched")
    own = etag
    for attempt in range(MAX_ATTEMPTS):
        found = objects.head(dataset.latest_path)
        current = found and from_metadata(found.metadata)
        if guard.keeps(current):
            return Written(content.bytes, content.sha256, etag, guard.outcome(current))
        try:
            body, dated = _dated_content(objects, guard, content, own)
            latest = guard.latest(body.sha256)
            if dated != own:
                latest = replace(latest, rows=None)
            put = objects.put(dataset.latest_path, body, to_metadata(latest), found)
            # Another writer of the same day may have replaced the dated object since.
            if not guard.writes_dated or _still(objects, dataset.path, dated):
                return Written(content.bytes, content.sha256, etag or put, "written")
        except ChangedError:
            time.sleep(random.random() * min(1.0, 0.005 * 2 ** min(attempt, 8)))
    raise guard.busy(f"other writers were faster {MAX_ATTEMPTS} times")


def _content_of(source: bytes | Path) -> Content:
    return Content(source, *_digest(source))


def _dated_content(
    objects: Objects, guard: Guard, content: Content, own: str
) -> tuple[Content, str]:
    """What the dated object holds now: `latest` is always made from it, so the two can't end up different."""
    if not guard.writes_dated:
        return content, own
    found = objects.head(guard.dataset.path)
    if found is None:
        raise guard.deleted()
    if found.etag == own:
        return content, own
    return _content_of(objects.get(guard.dataset.path, found.etag)), found.etag


def _still(objects: Objects, path: str, etag: str) -> bool:
    found: Found | None = objects.head(path)
    # Deleted meanwhile: nothing newer to copy.
    return found is None or found.etag == etag


class _NoWriteError(Exception):
    """Ends a write that is not to happen; never seen by callers."""

    def __init__(self, current: Latest | None = None):
        super().__init__("latest is not to be written")
        self.current = current


def write_files(
    locate: Callable[[str], Path], guard: Guard, content: Callable[[], Iterator[bytes]]
) -> Written:
    """Writes on a local disk, under a lock file beside `latest` and a record of what stands there."""
    dataset = guard.dataset
    disk = _Disk(locate(dataset.latest_path), guard)
    if not guard.writes_dated:
        before = disk.current()
        if guard.keeps(before):
            guard.outcome(before)
        return disk.replace(lambda: _OwnContent(content))
    dated = locate(dataset.path)
    put = replace_file(dated, content())
    if not guard.writes_latest:
        return Written(put.bytes, put.sha256, put.etag, "untouched")
    done = disk.replace(lambda: _DatedContent(dated, put.etag, guard))
    return Written(put.bytes, put.sha256, put.etag, done.latest)


class _Content(Protocol):
    """The content that `latest` is to get."""

    is_own: bool

    def open(self) -> Iterator[bytes]: ...
    def is_current(self) -> bool: ...


class _OwnContent:
    is_own = True

    def __init__(self, content: Callable[[], Iterator[bytes]]):
        self.open = content

    def is_current(self) -> bool:
        return True


class _DatedContent:
    """The dated file as it is when it is opened."""

    def __init__(self, path: Path, own: str, guard: Guard):
        self._path, self._guard = path, guard
        self._file = self._open()
        self._etag = etag_of(os.fstat(self._file.fileno()))
        self.is_own = self._etag == own

    def _open(self) -> BinaryIO:
        try:
            return open(self._path, "rb")
        except FileNotFoundError as error:
            raise self._guard.deleted() from error

    def open(self) -> Iterator[bytes]:
        with self._file as file:
            yield from read_chunks(file)

    def is_current(self) -> bool:
        try:
            return etag_of(self._path.stat()) == self._etag
        except FileNotFoundError:
            # Deleted meanwhile: nothing newer to copy.
            return True


class _Disk:
    """The `latest` file of a dataset, its record and its lock."""

    def __init__(self, target: Path, guard: Guard):
        self._target, self._guard = target, guard
        self._record_file = target.with_name(RECORD_NAME)

    def replace(self, content: Callable[[], _Content]) -> Written:
        """Replaces the file unless something newer stands there."""
        while True:
            known = self._known()
            if self._guard.keeps(known):
                return Written(0, "", "", self._guard.outcome(known))
            try:
                return self._attempt(content())
            except _NoWriteError as stop:
                if stop.current is not None:
                    return Written(0, "", "", self._guard.outcome(stop.current))

    def _attempt(self, source: _Content) -> Written:
        record: dict[str, FileRecord] = {}
        with ExitStack() as held:

            def prepare(size: int, sha256: str) -> None:
                # The last byte is on disk: from here on the lock is held.
                lock = held.enter_context(self._lock())
                record.update(self._read())
                current = self.current(record)
                if self._guard.keeps(current):
                    raise _NoWriteError(current)
                if not source.is_current():
                    raise _NoWriteError
                coming = self._entry(source, sha256, size)
                self._write(record, FileRecord(current, coming))
                if not lock.is_held():
                    raise _NoWriteError

            put = replace_file(self._target, source.open(), prepare)
            entry = replace(self._entry(source, put.sha256, put.bytes), etag=put.etag)
            self._write(record, FileRecord(entry))
        return Written(put.bytes, put.sha256, put.etag, "written")

    def current(self, record: dict[str, FileRecord] | None = None) -> Latest | None:
        """What stands there, by the record and, if that is in doubt, by the content's digest."""
        try:
            state = self._target.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        noted = (self._read() if record is None else record).get(self._target.name)
        return resolve(
            noted,
            etag=etag_of(state),
            size=state.st_size,
            sha256=lambda: _digest(self._target)[1],
        )

    def _known(self) -> Latest | None:
        """A look without the lock: only what it says for certain counts."""
        noted = self._read().get(self._target.name)
        if noted is None or noted.current is None:
            return None
        try:
            etag = etag_of(self._target.stat())
        except (FileNotFoundError, NotADirectoryError):
            return None
        return noted.current if noted.current.etag == etag else None

    def _entry(self, source: _Content, sha256: str, size: int) -> Latest:
        entry = self._guard.latest(sha256, size)
        return entry if source.is_own else replace(entry, rows=None)

    def _read(self) -> dict[str, FileRecord]:
        try:
            return parse_record(self._record_file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def _write(self, record: dict[str, FileRecord], own: FileRecord) -> None:
        text = format_record({**record, self._target.name: own})
        replace_file(self._record_file, iter([text]))

    @contextmanager
    def _lock(self) -> Iterator[Lock]:
        try:
            with latest_lock(self._target.parent) as lock:
                yield lock
        except LockBusyError as error:
            raise self._guard.busy(str(error)) from error


def _digest(content: bytes | Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as file:
        for chunk in read_chunks(file):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
