"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20


def replace_file(
    target: Path, chunks: Iterable[bytes], prepare: Callable[[int, str], None] | None = None
) -> tuple[int, str]:
    """Writes `chunks` to `target` and gives their size and SHA-256.

    The content goes to a hidden file beside the target, which takes its place once it is on disk:
    a reader sees the old file or the new one, also after a power cut. A failed write leaves nothing.
    `prepare` is called with size and SHA-256 before it takes that place, and may raise to stop it.
    """
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    digest = hashlib.sha256()
    size = 0
    try:
        with open(temporary, "xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if prepare is not None:
            prepare(size, digest.hexdigest())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    for folder in (target.parent, *(made.parent for made in missing)):
        _sync_folder(folder)
    return size, digest.hexdigest()


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of an open file, a MiB at a time."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
