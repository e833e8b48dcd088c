"""Names of files that are being written, as @prefect-ts/store makes them: each side sweeps what the other left."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shutil
import socket
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

_SUFFIX = ".prefect-ts-tmp"
# Machine (8 hex digits), process (6), its start (6), a number (8).
_PATTERN = re.compile(
    r"\..*\.([0-9a-f]{8})([0-9a-f]{6})([0-9a-f]{6})[0-9a-f]{8}\.prefect-ts-tmp", re.DOTALL
)
_DAY_SECONDS = 24 * 60 * 60
_REMEMBERED = 10_000
_numbers = itertools.count(secrets.randbits(32))
_swept: set[Path] = set()


def temporary_path(target: Path) -> Path:
    """A hidden name beside the target that no other writer has and that tells who writes it."""
    start = _start_of(os.getpid()) or 0
    number = next(_numbers) % 2**32
    name = f".{target.name}.{_machine()}{os.getpid():06x}{start:06x}{number:08x}{_SUFFIX}"
    return target.with_name(name)


def sweep_folder(folder: Path) -> None:
    """Removes what killed writers of this machine left there, and what is a day old of other machines.

    Once per folder and process; never fails.
    """
    if folder in _swept:
        return
    if len(_swept) >= _REMEMBERED:
        _swept.clear()
    _swept.add(folder)
    with suppress(OSError):
        for name in os.listdir(folder):
            found = _PATTERN.fullmatch(name)
            if found and _is_abandoned(folder / name, *found.groups()):
                _remove(folder / name)


def linux_process(pid: int) -> tuple[str, str] | None:
    """State (field 3) and start time (field 22) of Linux's /proc/<pid>/stat; None elsewhere."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name before the last parenthesis can hold anything.
    fields = text[text.rfind(")") + 2 :].split(" ")
    return (fields[0], fields[19]) if len(fields) > 19 else None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _is_abandoned(path: Path, machine: str, pid: str, start: str) -> bool:
    if machine != _machine():
        try:
            return time.time() - path.lstat().st_mtime > _DAY_SECONDS
        except OSError:
            return False
    try:
        os.kill(int(pid, 16), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    started = _start_of(int(pid, 16))
    return started is not None and started != int(start, 16)


def _start_of(pid: int) -> int | None:
    """When a process started, in ticks since boot modulo 2**24; -1 when it is dead but still listed."""
    found = linux_process(pid)
    if found is None:
        return None
    state, start = found
    return -1 if state in "ZX" else int(start) % 2**24


@cache
def _machine() -> str:
    """What tells machines apart, and on Linux containers too: processes of one see each other's ids."""
    facts = [socket.gethostname(), "", ""]
    with suppress(OSError):
        facts[1] = Path("/etc/machine-id").read_bytes().decode("latin-1")
    with suppress(OSError):
        facts[2] = os.readlink("/proc/self/ns/pid")
    digest = 0x811C9DC5
    for byte in "\n".join(facts).encode():
        digest = (digest ^ byte) * 0x01000193 % 2**32
    return f"{digest:08x}"
