"""Datasets declared once, in the JSON that @prefect-ts/dataset writes: protocol/catalog.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ._layout import (
    Compression,
    DatasetError,
    DatasetType,
    PartitionType,
    PartitionValue,
    RundateType,
    describe,
)
from .dataset import Dataset

__all__ = ["Catalog", "DatasetDefinition"]

COLUMN_TYPES = ("string", "integer", "bigint", "double", "boolean", "date", "timestamp")
FIELDS = ("type", "format", "compression", "partitions", "columns", "description")


@dataclass(frozen=True)
class DatasetDefinition:
    """One dataset of a catalogue.

    Attributes:
        type: `extracts`, `reports` or `images`.
        format: Names the codec and the file's extension.
        compression: `gzip` or `zstd`; None for neither.
        partitions: Further partition keys below `rundate`, in this order, with their types.
        columns: Types of the file's columns, in order; None when nothing is declared.
        description: What it holds, or None.
    """

    type: DatasetType
    format: str
    compression: Compression | None
    partitions: Mapping[str, PartitionType]
    columns: Mapping[str, str] | None
    description: str | None


class Catalog:
    """Datasets declared once, by name.

    >>> catalog = Catalog.load("catalog.json")  # doctest: +SKIP
    >>> catalog.dataset("flights", rundate="2013-01-01", partitions={"origin": "JFK"})  # doctest: +SKIP

    Attributes:
        definitions: What is declared, by name, in the order of the document.
    """

    definitions: Mapping[str, DatasetDefinition]

    def __init__(self, document: object):
        """Reads a document such as `json.load` gives.

        Raises:
            DatasetError: `INVALID_DATASET`, naming the dataset and the field, for one that is not of the
                form in protocol/catalog.md.
        """
        found = _fields(document, "the catalogue")
        version = found.get("version")
        if version != 1 or isinstance(version, bool):
            raise _invalid(
                f"the catalogue has version {json.dumps(version)}, but this package reads version 1"
            )
        entries = _fields(found.get("datasets"), '"datasets"')
        self.definitions = {name: _definition(name, entry) for name, entry in entries.items()}
        for name in self.definitions:
            self._make(name, today="2000-01-01", partitions=None)

    @classmethod
    def load(cls, file: str | Path) -> Catalog:
        """Reads a JSON file.

        Raises:
            DatasetError: `INVALID_DATASET`, naming the file, when it can't be read or is no catalogue.
        """
        try:
            return cls(json.loads(Path(file).read_text("utf-8")))
        except OSError as error:
            raise _invalid(f"{file} can't be read: {error.strerror}") from error
        except ValueError as error:
            raise _invalid(f"{file} is not JSON") from error

    def dataset(
        self,
        name: str,
        *,
        partitions: Mapping[str, PartitionValue] | None = None,
        rundate: str | date | None = None,
        rundate_type: RundateType | None = None,
        today: str | date | None = None,
        scheduled_start: str | datetime | None = None,
        time_zone: str = "UTC",
        clock: Callable[[], datetime] | None = None,
    ) -> Dataset:
        """A partition of one of the datasets; the options are those of `Dataset`.

        Args:
            name: The dataset's name.
            partitions: A value, or None, for every key that is declared and for no other, in any order.

        Raises:
            DatasetError: `INVALID_DATASET`, for an unknown name (listing those there are) and for
                partitions that are not those declared.
        """
        definition = self.definitions.get(name)
        if definition is None:
            known = ", ".join(describe(each) for each in self.definitions)
            raise _invalid(f"it has no dataset {describe(name)}; it has {known}")
        given = dict(partitions or {})
        missing = [key for key in definition.partitions if key not in given]
        if missing:
            keys = ", ".join(describe(key) for key in missing)
            raise _invalid(f'dataset "{name}" needs a value for partition {keys}')
        unknown = [key for key in given if key not in definition.partitions]
        if unknown:
            keys = ", ".join(describe(key) for key in unknown)
            raise _invalid(f'dataset "{name}" declares no partition {keys}')
        return self._make(
            name,
            partitions=given,
            rundate=rundate,
            rundate_type=rundate_type,
            today=today,
            scheduled_start=scheduled_start,
            time_zone=time_zone,
            clock=clock,
        )

    def _make(
        self, name: str, *, partitions: Mapping[str, PartitionValue] | None, **options: Any
    ) -> Dataset:
        definition = self.definitions[name]
        # The order of the directories is the declaration's, not the call's.
        values = {key: partitions[key] if partitions else None for key in definition.partitions}
        return Dataset(
            name=name,
            type=definition.type,
            format=definition.format,
            compression=definition.compression,
            partitions=values,
            partition_types=definition.partitions,
            **options,
        )


def _definition(name: str, entry: object) -> DatasetDefinition:
    what = f"dataset {describe(name)}"
    found = _fields(entry, what)
    unknown = next((field for field in found if field not in FIELDS), None)
    if unknown is not None:
        raise _invalid(f"{what} has a field {describe(unknown)} that is not known")
    columns = found.get("columns")
    types = None if columns is None else _types(columns, what, "columns")
    for column, kind in (types or {}).items():
        if kind not in COLUMN_TYPES:
            choices = ", ".join(COLUMN_TYPES)
            raise _invalid(
                f"{what}: the type of column {describe(column)} must be one of {choices}"
            )
    # What the layout refuses, `Dataset` refuses when the catalogue makes one of each.
    return DatasetDefinition(
        type=found.get("type") or "extracts",
        format=found.get("format", ""),
        compression=found.get("compression"),
        partitions=_types(found.get("partitions") or [], what, "partitions"),
        columns=types,
        description=found.get("description"),
    )


def _types(items: object, what: str, field: str) -> dict[str, Any]:
    if not isinstance(items, list):
        raise _invalid(f'{what}: "{field}" is no list')
    types: dict[str, Any] = {}
    for item in items:
        found = _fields(item, f'an item of "{field}" of {what}')
        name = found.get("name")
        if not isinstance(name, str) or name in types:
            raise _invalid(f'{what}: "{field}" has an item without a name of its own')
        types[name] = found.get("type")
    return types


def _fields(value: object, what: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _invalid(f"{what} is no object")


def _invalid(reason: str) -> DatasetError:
    return DatasetError(f"Cannot use the catalogue: {reason}.", "INVALID_DATASET")
