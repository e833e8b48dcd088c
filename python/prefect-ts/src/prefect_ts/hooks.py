"""What to give to Prefect's own options of tasks and flows."""

from __future__ import annotations

from typing import Any

from prefect.client.orchestration import get_client
from prefect.states import Cancelled, State

from .errors import NodeJobError


def retry_if_retryable(task: Any, task_run: Any, state: State[Any]) -> bool:
    """For `@task(retries=…, retry_condition_fn=retry_if_retryable)`: no retry of a job that cannot succeed.

    A `NodeJobError` is retried when the job called it retryable: a server or network that may be back later.
    Bad params, missing data and bugs are not. Any other exception is retried, as Prefect does without a condition.
    """
    # In memory still: the exception itself, or the record of it.
    error = getattr(state.data, "result", state.data)
    return error.retryable if isinstance(error, NodeJobError) else True


def confirm_cancellation(flow: Any, flow_run: Any, state: State[Any]) -> None:
    """For `@flow(on_cancellation=[confirm_cancellation])` of a flow that runs in-process, without worker.

    Cancelling such a flow in Prefect ends its Node jobs, but nobody marks it `Cancelled`: Prefect leaves that to a
    worker. This does it, once the flow function has ended.
    """
    if state.is_cancelling():
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(flow_run.id, Cancelled(message=state.message))
