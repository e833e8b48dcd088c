"""The flow's side of prefect-ts: Node jobs run from a Prefect flow, and the datasets they share."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import NodeJobError
from .hooks import confirm_cancellation, retry_if_retryable
from .operation import NodeOperation, node_operation
from .run import arun_node, run_node

if TYPE_CHECKING:
    from .catalog import Catalog
    from .container import arun_node_container, run_node_container
    from .dataset import Dataset, DatasetError
    from .params_schema import job_params, job_params_schema
    from .remote import RemoteJob

__all__ = [
    "Catalog",
    "Dataset",
    "DatasetError",
    "NodeJobError",
    "NodeOperation",
    "RemoteJob",
    "arun_node",
    "arun_node_container",
    "confirm_cancellation",
    "job_params",
    "job_params_schema",
    "node_operation",
    "retry_if_retryable",
    "run_node",
    "run_node_container",
]


# Imported on first use: few flows use all of them.
_MODULES = {
    "Catalog": "catalog",
    "Dataset": "dataset",
    "DatasetError": "dataset",
    "RemoteJob": "remote",
    "arun_node_container": "container",
    "job_params": "params_schema",
    "job_params_schema": "params_schema",
    "run_node_container": "container",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
