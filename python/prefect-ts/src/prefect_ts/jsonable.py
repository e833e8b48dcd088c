"""Parameters as JSON that JavaScript reads without loss."""

from __future__ import annotations

import datetime
import math
import pathlib
import uuid
from collections.abc import Mapping
from enum import Enum
from typing import Any

from .errors import NodeJobError

_SAFE_INTEGER = 2**53 - 1


def to_jsonable(value: Any, place: str = "params") -> Any:
    """Turn `value` into plain JSON values: dates become ISO text, UUIDs and paths text.

    Raises:
        NodeJobError: `INVALID_PARAMS`, naming the place and type of what has no JSON form: NaN, an
            integer that JavaScript would round, a secret (load it by block name in the job).
    """
    if isinstance(value, Enum):
        return to_jsonable(value.value, place)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > _SAFE_INTEGER:
            raise _refused(place, "is an integer beyond 2^53-1, which JavaScript rounds; pass text")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(place, f"is {value}, which JSON does not have; pass None or text")
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, pathlib.PurePath)):
        return str(value)
    if isinstance(value, Mapping):
        return {
            _key(key, place): to_jsonable(item, f"{place}.{key}") for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [to_jsonable(item, f"{place}[{index}]") for index, item in enumerate(value)]
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    raise _refused(place, f"is a {kind}, which has no JSON form; pass plain values, blocks by name")


def _key(key: Any, place: str) -> str:
    if isinstance(key, str):
        return key
    raise _refused(place, f"has a key of type {type(key).__name__}; pass text")


def _refused(place: str, reason: str) -> NodeJobError:
    return NodeJobError(f"{place} {reason}", "INVALID_PARAMS")
