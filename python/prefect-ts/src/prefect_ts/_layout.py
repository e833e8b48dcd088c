"""Names, dates, partitions and paths of datasets: no I/O, checked against layout.vectors.json."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timezone
from typing import Any, Literal, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

DatasetErrorCode = Literal[
    "INVALID_DATASET",
    "INVALID_PARAMETER",
    "INVALID_SOURCE",
    "NOT_FOUND",
    "NEWER_LATEST",
    "FUTURE_RUNDATE",
    "LATEST_BUSY",
    "UNSUPPORTED",
    "STORE_ERROR",
]
DatasetType = Literal["extracts", "reports", "images"]
RundateType = Literal["latest", "specific"]
Compression = Literal["gzip", "zstd"]
PartitionValue = str | int | date | datetime | None
PartitionType = Literal["string", "integer", "date", "timestamp"]

DATASET_TYPES = ("extracts", "reports", "images")
RUNDATE_TYPES = ("latest", "specific")
DATASTORE_TYPES = ("local", "remote")
PARTITION_TYPES = ("string", "integer", "date", "timestamp")
SUFFIXES = {"gzip": ".gz", "zstd": ".zst"}

EXPECTED_NAME = 'letters, digits, ".", "_", "~" or "-" (not "." or ".." alone)'
EXPECTED_FORMAT = 'lower-case letters and digits, such as "csv"'
EXPECTED_RUNDATE = 'a day like "2013-01-01"'

# The name that Hive, DuckDB and pyarrow give the directory of a null value.
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
MAX_SEGMENT_BYTES = 255
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
TIMESTAMP = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)"
    r"(\.(?P<fraction>[0-9]{1,6}))?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})"
)
INSTANT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)"
    r"(\.[0-9]+)?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})"
)


class DatasetError(Exception):
    """A dataset that cannot be named, read or written; the message says what was wrong and what to do.

    Attributes:
        code: `INVALID_DATASET` (an option that the layout refuses), `INVALID_PARAMETER` (a flow
            parameter is unknown, missing or unusable), `INVALID_SOURCE` (the content to write is
            unusable), `NOT_FOUND` (no data at the path), `NEWER_LATEST` and `FUTURE_RUNDATE` (`latest`
            would go back, or ahead of today), `LATEST_BUSY` (other writers were faster for too long),
            `UNSUPPORTED` (the block can't guard `latest`), `STORE_ERROR` (the block failed; its own error
            is `__cause__`).
        dataset: The dataset's name, or None when the name itself is missing.
    """

    def __init__(self, message: str, code: DatasetErrorCode, dataset: str | None = None):
        super().__init__(message)
        self.code: DatasetErrorCode = code
        self.dataset = dataset

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code, self.dataset)


def describe(value: object) -> str:
    """Quotes a refused text for a message, cut at 80 characters; other types are named only."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 80 else f"{value[:80]}…", ensure_ascii=False)
    return "None" if value is None else f"a value of type {type(value).__name__}"


def is_name(value: object) -> bool:
    """Whether the layout takes `value` as a dataset's name."""
    return isinstance(value, str) and bool(re.fullmatch(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]+", value))


def is_format(value: object) -> bool:
    """Whether the layout takes `value` as a format."""
    return isinstance(value, str) and bool(re.fullmatch(r"[a-z0-9]+", value))


def to_day(value: object) -> str | None:
    """The day as `YYYY-MM-DD`, or None when `value` is not exactly one day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def resolve_today(
    today: str | date | None,
    scheduled_start: str | datetime | None,
    time_zone: str,
    clock: Callable[[], datetime] | None,
) -> str:
    """The day that counts as "today": `today`, else the day of `scheduled_start`, else the clock's."""
    if today is not None:
        return _require_day(today)
    zone = _zone(time_zone)
    if scheduled_start is not None:
        instant = _to_instant(scheduled_start)
    else:
        instant = datetime.now(timezone.utc) if clock is None else _to_instant(clock())
    try:
        return _require_day(instant.astimezone(zone).date())
    except OverflowError as error:
        raise _no_today("that instant is outside the calendar") from error


def partition_segments(
    partitions: Mapping[str, PartitionValue],
    declared: Mapping[str, PartitionType],
    dataset: str,
) -> tuple[list[str], dict[str, PartitionType]]:
    """`key=value` directories in the order given, escaped as DuckDB and pyarrow escape them, and the
    type of every key: as declared, else by its value."""
    for key, kind in declared.items():
        require_one_of(PARTITION_TYPES, kind, f'the type of partition "{key}"', dataset)
        if key not in partitions:
            raise invalid(dataset, f"partition {describe(key)} has a type but no value")
    # Hive readers match column names case-insensitively: `Day` and `day` would be one column.
    taken = {"dataset", "rundate"}
    segments = []
    types: dict[str, PartitionType] = {}
    for key, value in partitions.items():
        if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
            raise invalid(dataset, f'partition key {describe(key)} is not letters, digits and "_"')
        if key.lower() in taken:
            raise invalid(dataset, f'partition key "{key}" is already taken (case does not count)')
        taken.add(key.lower())
        kind = declared.get(key) or _type_of(value)
        types[key] = kind
        text = _escape(key, value, kind, key in declared, dataset)
        segments.append(segment(key, text, dataset))
    return segments, types


def segment(key: str, escaped: str, dataset: str) -> str:
    """One path segment `key=value`, refused when no file system could hold it."""
    text = f"{key}={escaped}"
    if len(text) > MAX_SEGMENT_BYTES:
        raise invalid(
            dataset,
            f'"{key}=…" is {len(text)} bytes long as a directory name; '
            f"the limit is {MAX_SEGMENT_BYTES}",
        )
    return text


def invalid(dataset: str, reason: str) -> DatasetError:
    """An option of a dataset that the layout refuses."""
    return DatasetError(f'Dataset "{dataset}": {reason}.', "INVALID_DATASET", dataset)


def require_one_of(allowed: Iterable[str], value: object, option: str, dataset: str) -> None:
    """Refuses a value that is none of the texts allowed."""
    if not isinstance(value, str) or value not in allowed:
        raise invalid(dataset, f"{option} must be {quoted(allowed)}, got {describe(value)}")


def quoted(choices: Iterable[str]) -> str:
    """The choices as a message names them."""
    return " or ".join(f'"{choice}"' for choice in choices)


def _type_of(value: object) -> PartitionType:
    if isinstance(value, datetime):
        return "timestamp"
    if isinstance(value, date):
        return "date"
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return "integer" if is_integer else "string"


def _escape(
    key: str, value: PartitionValue, kind: PartitionType, is_declared: bool, dataset: str
) -> str:
    if value is None:
        return NULL_PARTITION
    if kind == "integer":
        return _integer_text(key, value, is_declared, dataset)
    if kind == "date":
        day = to_day(value)
        if day is None:
            raise _wrong(dataset, key, f"{EXPECTED_RUNDATE} or None", value)
        return day
    if kind == "timestamp":
        return quote(_timestamp_text(key, value, dataset), safe="")
    if not isinstance(value, str):
        raise _wrong(dataset, key, "text, a whole number, a date, a datetime or None", value)
    if value == "":
        raise invalid(dataset, f'partition "{key}" is empty; use None for "no value"')
    if value == NULL_PARTITION:
        raise invalid(dataset, f'partition "{key}" is the text that stands for None; use None')
    if "\0" in value:
        raise invalid(dataset, f'partition "{key}" holds a NUL character, which ends a path')
    try:
        return quote(value, safe="")
    except UnicodeEncodeError as error:
        raise invalid(
            dataset,
            f'partition "{key}" holds half a surrogate pair, which UTF-8 cannot hold',
        ) from error


def _integer_text(key: str, value: object, is_declared: bool, dataset: str) -> str:
    is_text = isinstance(value, str) and INTEGER.fullmatch(value) is not None
    if isinstance(value, bool) or not (isinstance(value, int) or is_text):
        raise _wrong(dataset, key, "a whole number, decimal text or None", value)
    integer = int(cast(str, value))
    if is_declared and not -(2**63) <= integer < 2**63:
        raise invalid(dataset, f'partition "{key}" does not fit into an integer of 64 bits')
    return str(integer)


def _timestamp_text(key: str, value: object, dataset: str) -> str:
    """In UTC, as DuckDB writes it: a space, and no closing zeros of a fraction."""
    instant: datetime | None = value if isinstance(value, datetime) else None
    if isinstance(value, str) and (match := TIMESTAMP.fullmatch(value)):
        offset = match["offset"].replace("Z", "+00:00")
        fraction = (match["fraction"] or "").ljust(6, "0")
        time = match["time"] if len(match["time"]) == 8 else f"{match['time']}:00"
        try:
            instant = datetime.fromisoformat(f"{match['day']}T{time}.{fraction}{offset}")
        except ValueError:
            pass
    if instant is not None and instant.tzinfo is not None:
        try:
            text = instant.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ")
            return text.rstrip("0") if "." in text else text
        except OverflowError:
            pass
    expected = 'an instant with its offset, like "2013-01-31T06:00:00Z", or None'
    raise _wrong(dataset, key, expected, value)


def _wrong(dataset: str, key: str, expected: str, value: object) -> DatasetError:
    return invalid(dataset, f'partition "{key}" must be {expected}, got {describe(value)}')


def _require_day(value: object) -> str:
    day = to_day(value)
    if day is None:
        raise _no_today(f"today must be {EXPECTED_RUNDATE}, got {describe(value)}")
    return day


def _to_instant(value: object) -> datetime:
    parsed = value
    if isinstance(value, str) and (match := INSTANT.fullmatch(value)):
        # Python 3.10 knows neither "Z" nor every number of decimals, which never change the day.
        offset = match["offset"].replace("Z", "+00:00")
        try:
            parsed = datetime.fromisoformat(f"{match['day']}T{match['time']}{offset}")
        except ValueError:
            parsed = None
    if isinstance(parsed, datetime) and parsed.tzinfo is not None:
        return parsed
    raise _no_today(
        "scheduled_start and clock must give an instant with its offset, "
        f'like "2013-01-01T06:00:00Z", got {describe(value)}'
    )


def _zone(time_zone: str) -> ZoneInfo:
    try:
        if isinstance(time_zone, str) and time_zone[:1].isalpha():
            return ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        pass
    raise _no_today(
        f'time_zone must be an IANA name like "UTC" or "Europe/Berlin", got {describe(time_zone)}'
    )


def _no_today(reason: str) -> DatasetError:
    return DatasetError(f"Cannot tell which day is today: {reason}.", "INVALID_DATASET")
