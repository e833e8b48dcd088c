"""The flow's side of prefect-ts: Node jobs run from a Prefect flow, and the datasets they share."""

from typing import TYPE_CHECKING, Any

from .errors import NodeJobError
from .operation import NodeOperation, node_operation
from .run import arun_node, run_node

if TYPE_CHECKING:
    from .dataset import Dataset, DatasetError

__all__ = [
    "Dataset",
    "DatasetError",
    "NodeJobError",
    "NodeOperation",
    "arun_node",
    "node_operation",
    "run_node",
]


def __getattr__(name: str) -> Any:
    if name in ("Dataset", "DatasetError"):
        from . import dataset

        return getattr(dataset, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
