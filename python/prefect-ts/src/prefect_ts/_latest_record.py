"""What stands at `latest`: metadata on an object, `_latest.json` on a disk. See protocol/latest.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._layout import to_day

RECORD_NAME = "_latest.json"
PREFIX = "prefect-ts-"
# The largest number that every reader of the record can hold exactly.
MAX_INTEGER = 2**53 - 1


@dataclass(frozen=True)
class Latest:
    """A content of a `latest` object.

    Attributes:
        rundate: The day whose content it is.
        rows: Its rows, or None when the writer did not know.
        sha256: SHA-256 of the content, hex.
        bytes: Its size; None where only metadata says what it is.
        etag: The version of the file or object with this content; None until it is in place.
    """

    rundate: str
    rows: int | None
    sha256: str
    bytes: int | None = None
    etag: str | None = None


@dataclass(frozen=True)
class FileRecord:
    """What `_latest.json` says of one file: what was put there last, and what was about to be."""

    current: Latest | None = None
    next: Latest | None = None


Record = Mapping[str, FileRecord]


def to_metadata(latest: Latest) -> dict[str, str]:
    """The metadata of a guarded `latest` object."""
    rows = {} if latest.rows is None else {f"{PREFIX}rows": str(latest.rows)}
    return {f"{PREFIX}rundate": latest.rundate, **rows, f"{PREFIX}sha256": latest.sha256}


def from_metadata(metadata: Mapping[str, str]) -> Latest | None:
    """What the metadata says; None, which counts as oldest, for a writer without the guard."""
    rundate = to_day(metadata.get(f"{PREFIX}rundate"))
    if rundate is None:
        return None
    rows = metadata.get(f"{PREFIX}rows")
    is_count = rows is not None and re.fullmatch(r"[0-9]{1,15}", rows) is not None
    return Latest(
        rundate, int(rows or 0) if is_count else None, metadata.get(f"{PREFIX}sha256", "")
    )


def resolve(
    record: FileRecord | None, *, etag: str, size: int, sha256: Callable[[], str]
) -> Latest | None:
    """Which of the contents noted stands in a file; None, which counts as oldest, for none of them.

    The etag tells at once; after a crash, or when the files were copied from elsewhere, the digest.
    """
    if record is None:
        return None
    if record.current is not None and record.current.etag == etag:
        return record.current
    candidates = [each for each in (record.next, record.current) if each and each.bytes == size]
    if not candidates:
        return None
    digest = sha256()
    found = next((each for each in candidates if each.sha256 == digest), None)
    return found and replace(found, etag=etag)


def parse_record(text: str | bytes) -> dict[str, FileRecord]:
    """The record of a text; what is not of its form is left out."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    if _fields(value).get("version") != 1:
        return {}
    files = _fields(_fields(value).get("files"))
    return {
        name: FileRecord(
            _entry(_fields(record).get("current")), _entry(_fields(record).get("next"))
        )
        for name, record in files.items()
    }


def format_record(record: Record) -> bytes:
    """The record as text, in the form that protocol/latest.md gives."""
    files = {
        name: {
            "current": _plain(each.current),
            **({} if each.next is None else {"next": _plain(each.next)}),
        }
        for name, each in record.items()
    }
    return (json.dumps({"version": 1, "files": files}, indent=2) + "\n").encode()


def _plain(entry: Latest | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    etag = {} if entry.etag is None else {"etag": entry.etag}
    return {
        "rundate": entry.rundate,
        "rows": entry.rows,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        **etag,
    }


def _entry(value: object) -> Latest | None:
    found = _fields(value)
    rundate, sha256, size = to_day(found.get("rundate")), found.get("sha256"), found.get("bytes")
    if rundate is None or not isinstance(sha256, str) or not _is_integer(size):
        return None
    rows, etag = found.get("rows"), found.get("etag")
    return Latest(
        rundate,
        rows if _is_integer(rows) else None,
        sha256,
        size,
        etag if isinstance(etag, str) else None,
    )


def _fields(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER
