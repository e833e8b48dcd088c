"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ._temporary import sweep_folder, temporary_path

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Replaced:
    """What stands at the target now, whoever replaces it next."""

    bytes: int
    sha256: str
    etag: str


def replace_file(
    target: Path, chunks: Iterable[bytes], prepare: Callable[[int, str], None] | None = None
) -> Replaced:
    """Writes `chunks` to `target` and gives their size and SHA-256, and the file's etag.

    The content goes to a hidden file beside the target, which takes its place once it is on disk:
    a reader sees the old file or the new one, also after a power cut. A failed write leaves nothing; what
    a killed one leaves, the next one removes. The old file's permissions stay, and where allowed its owner.
    `prepare` is called with size and SHA-256 before it takes that place, and may raise to stop it.
    """
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep_folder(target.parent)
    temporary = temporary_path(target)
    digest = hashlib.sha256()
    size = 0
    try:
        with open(temporary, "xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            _keep_mode(file, target)
            os.fsync(file.fileno())
            etag = etag_of(os.fstat(file.fileno()))
        if prepare is not None:
            prepare(size, digest.hexdigest())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    for folder in (target.parent, *(made.parent for made in missing)):
        _sync_folder(folder)
    return Replaced(size, digest.hexdigest(), etag)


def etag_of(state: os.stat_result) -> str:
    """`"<inode>-<size>-<mtime in ns>"` in hex: every write makes a new file, so this is its version."""
    return f'"{state.st_ino:x}-{state.st_size:x}-{state.st_mtime_ns:x}"'


class SourceChangedError(Exception):
    """A file is not what it was when its digest was taken."""


class UnchangedFile:
    """A file for a client to send, whose last bytes are only given while it has the digest taken before.

    So nobody ever holds the whole of another content: a client that sends the length first fails.
    """

    def __init__(self, file: BinaryIO, size: int, sha256: str):
        self._file, self._size, self._sha256 = file, size, sha256
        self._digest, self._seen = hashlib.sha256(), 0

    def read(self, amount: int | None = -1) -> bytes:
        """Reads on. Raises SourceChangedError in place of the end of another content."""
        start = self._file.tell()
        chunk = self._file.read(-1 if amount is None else amount)
        end = start + len(chunk)
        is_last = amount is None or not 0 <= amount <= len(chunk)
        if start <= self._seen < end:
            self._digest.update(chunk[self._seen - start :])
            self._seen = end
        if end > self._size or (end < self._size and is_last):
            raise SourceChangedError("the file to write has another size than before")
        if end == self._size and chunk and self._digest.hexdigest() != self._sha256:
            raise SourceChangedError("the file to write changed while it was written")
        return chunk

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Goes elsewhere: clients look for the end, and start again to try again."""
        position = self._file.seek(offset, whence)
        if whence == os.SEEK_END and position - offset != self._size:
            raise SourceChangedError("the file to write has another size than before")
        if position == 0:
            self._digest, self._seen = hashlib.sha256(), 0
        return position

    def tell(self) -> int:
        """Where `read` goes on."""
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of an open file, a MiB at a time."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _keep_mode(file: BinaryIO, target: Path) -> None:
    try:
        old = target.stat()
    except OSError:
        return
    with suppress(OSError):
        os.fchown(file.fileno(), old.st_uid, old.st_gid)
    os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode) & 0o777)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
