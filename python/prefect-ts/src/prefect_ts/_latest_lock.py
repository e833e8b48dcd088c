"""The exclusive lock beside a `latest` file on a disk. See protocol/latest.md."""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from errno import EEXIST, ENOTEMPTY
from pathlib import Path

from ._temporary import linux_process, temporary_path

LOCK_NAME = "_latest.lock"
EXPIRES_AFTER_MS = 30_000
PATIENCE_SECONDS = 300.0


class LockBusyError(Exception):
    """One process has held the lock for too long."""


@dataclass(frozen=True)
class Owner:
    """Who holds a lock, as its file says."""

    host: str
    pid: int
    process_start: str | None
    expires_after_ms: int


UNKNOWN_OWNER = Owner("", 0, None, EXPIRES_AFTER_MS)


@dataclass(frozen=True)
class Lock:
    """A lock in hand."""

    file: Path

    def is_held(self) -> bool:
        """False when another host took it over because it was not renewed in time."""
        return self.file.exists()


@contextmanager
def latest_lock(folder: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Lock]:
    """Holds the lock of a folder, waiting for its holder.

    The lock is a folder with one file, named by a random token, that was made elsewhere and renamed
    into place: the system refuses that while the lock has a file in it. Release and takeover remove the
    file of one token, so a takeover that comes late removes nothing.

    Raises:
        LockBusyError: When one holder kept it for longer than `patience_seconds`.
    """
    file = folder / LOCK_NAME / f"{secrets.token_hex(8)}.json"
    try:
        _acquire(file, patience_seconds)
        with _renewed(file):
            yield Lock(file)
    finally:
        # Also when a signal or a timeout has ended the taking: the lock may be ours by then.
        _release(file)


@contextmanager
def _renewed(file: Path) -> Iterator[None]:
    released = threading.Event()

    def renew() -> None:
        while not released.wait(EXPIRES_AFTER_MS / 3000):
            with suppress(OSError):
                os.utime(file)

    threading.Thread(target=renew, daemon=True).start()
    try:
        yield
    finally:
        released.set()


def _release(file: Path) -> None:
    """Gives the lock back, if it is ours. Never fails."""
    with suppress(OSError):
        file.unlink()
    # Fails when the next one is already in: an empty folder is no lock, so it is only tidied away.
    with suppress(OSError):
        file.parent.rmdir()


@dataclass
class _Sighting:
    """A holder as a waiter knows it. Times are this process's own: clocks of other hosts don't matter."""

    holder: str
    owner: Owner
    mtime_ns: int
    since: float
    renewed: float


def _acquire(file: Path, patience_seconds: float) -> None:
    lock = file.parent
    prepared = temporary_path(lock)
    prepared.mkdir(parents=True)
    try:
        (prepared / file.name).write_text(_note())
        seen: _Sighting | None = None
        while True:
            try:
                os.rename(prepared, lock)
                return
            except OSError as error:
                if error.errno not in (ENOTEMPTY, EEXIST):
                    raise
            seen = _sight(lock, seen)
            if seen is not None:
                now = time.monotonic()
                unchanged_ms = (now - seen.renewed) * 1000
                if is_stale(seen.owner, unchanged_ms=unchanged_ms, gone=_is_gone(seen.owner)):
                    with suppress(FileNotFoundError):
                        (lock / seen.holder).unlink()
                    continue
                if now - seen.since > patience_seconds:
                    raise LockBusyError(
                        f"one process has held the lock in {lock.parent} for minutes"
                    )
            time.sleep(0.001 + random.random() * 0.01)
    finally:
        shutil.rmtree(prepared, ignore_errors=True)


def _sight(lock: Path, last: _Sighting | None) -> _Sighting | None:
    try:
        holder = next(iter(os.listdir(lock)), None)
        if holder is None:
            return None
        mtime_ns = (lock / holder).stat().st_mtime_ns
        now = time.monotonic()
        if last is None or last.holder != holder:
            owner = parse_owner((lock / holder).read_bytes())
            return _Sighting(holder, owner, mtime_ns, now, now)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if last.mtime_ns != mtime_ns:
        last.mtime_ns, last.renewed = mtime_ns, now
    return last


def parse_owner(text: str | bytes) -> Owner:
    """Reads an owner's file; an unreadable one counts as another host's."""
    try:
        value = json.loads(text)
    except ValueError:
        return UNKNOWN_OWNER
    if not isinstance(value, dict):
        return UNKNOWN_OWNER
    host, pid, start = value.get("host"), value.get("pid"), value.get("processStart")
    expires = value.get("expiresAfterMs")
    if not isinstance(host, str) or not isinstance(pid, int) or isinstance(pid, bool):
        return UNKNOWN_OWNER
    is_number = isinstance(expires, int) and not isinstance(expires, bool)
    return Owner(
        host,
        pid,
        start if isinstance(start, str) else None,
        expires if is_number else EXPIRES_AFTER_MS,
    )


def is_stale(owner: Owner, *, unchanged_ms: float, gone: bool | None) -> bool:
    """Whether a lock may be taken over: its process is gone (`gone`; None on another host), or another
    host has not renewed it for as long as it promised. A process that lives here keeps its lock."""
    return unchanged_ms > owner.expires_after_ms if gone is None else gone


def _is_gone(owner: Owner) -> bool | None:
    if owner.host != _host():
        return None
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return is_other(owner, linux_process(owner.pid))


def is_other(owner: Owner, process: tuple[str, str] | None) -> bool:
    """Whether the process that has the owner's number, its state and start, is not the owner at work."""
    if process is None:
        return False
    state, start = process
    # A killed process that nobody has waited for yet, or another one that has its number by now.
    return state in ("Z", "X") or (owner.process_start is not None and start != owner.process_start)


def _note() -> str:
    """The owner's file of this process."""
    found = linux_process(os.getpid())
    acquired = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    note = {
        "version": 1,
        "host": _host(),
        "pid": os.getpid(),
        "processStart": found and found[1],
        "expiresAfterMs": EXPIRES_AFTER_MS,
        "acquiredAt": acquired,
    }
    return json.dumps(note) + "\n"


def _host() -> str:
    """Containers of one machine share its name or its boot, but not their process numbers."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
