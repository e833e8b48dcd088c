"""Protocol 1 between a flow and its Node job: the context going in, the result coming back.

`protocol/` in the repository holds its JSON Schema and the vectors that both languages' tests read.
"""

from __future__ import annotations

import json
import os
import re
import signal
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from prefect.context import FlowRunContext
from prefect.runtime import deployment, flow_run, task_run

from .errors import NodeJobError

PROTOCOL = 1
"""The version that this package speaks."""

CONTEXT_VARIABLE = "PREFECT_TS_CONTEXT"
"""The environment variable that carries the context."""

_INLINE_BYTES = 64 * 1024
# The floor of @prefect-ts/run, whose own message does not come where Node can't even load the job.
_NODE_FLOOR = (22, 19)


def run_identity() -> dict[str, Any]:
    """The flow run, task run and deployment that this code runs in; None for each that is absent."""
    flow = task = None
    if flow_run.id is not None:
        scheduled = flow_run.scheduled_start_time or datetime.now(timezone.utc)
        flow = {
            "id": flow_run.id,
            "name": flow_run.name,
            "scheduledStart": scheduled.isoformat(),
        }
    if task_run.id is not None:
        task = {"id": task_run.id, "name": task_run.name}
    return {"flowRun": flow, "taskRun": task, "deployment": _deployment()}


def _deployment() -> dict[str, Any] | None:
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    # A run that is nobody's child and has no deployment of its own: asking costs an API call.
    if run and not run.parent_task_run_id and not run.deployment_id:
        return None
    if deployment.id is None:
        return None
    return {"id": deployment.id, "name": deployment.name}


def write_context(context: dict[str, Any], folder: Path) -> str:
    """The value of `PREFECT_TS_CONTEXT`: the context, or the file in `folder` that holds it.

    Linux takes no environment variable beyond 128 KiB, so one beyond 64 KiB goes into a file that
    only this user can read.
    """
    text = json.dumps({"protocol": PROTOCOL, **context}, allow_nan=False)
    if len(text) <= _INLINE_BYTES:
        return text
    file = folder / "context.json"
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    return json.dumps({"protocol": PROTOCOL, "file": str(file)})


def read_result(document: bytes | None, exit_code: int, script: str, output: str = "") -> Any:
    """What the job handed back.

    Args:
        document: The result file; None when the job wrote none.
        exit_code: How the process ended; negative for a signal, as in `subprocess`.
        script: Names the job in messages.
        output: The last lines that it printed, for the message of a job that left no result.

    Raises:
        NodeJobError: The job's own error, or `NO_RESULT`, `INVALID_RESULT`, `UNKNOWN_PROTOCOL`,
            `EXIT_CODE`.
    """
    ended = f"ended with {ending(exit_code)}"
    printed = f". Its last output:\n{output}" if output else ", and printed nothing"
    if document is None:
        reason = _old_node(output) or ""
        raise NodeJobError(f"{script} {ended} and left no result{reason}{printed}", "NO_RESULT")
    try:
        result = json.loads(document)
    except (ValueError, RecursionError):
        result = None
    if not isinstance(result, dict) or not _is_version(result.get("protocol")):
        raise NodeJobError(f"{script} {ended}; its result file is not a result", "INVALID_RESULT")
    if result["protocol"] != PROTOCOL:
        raise NodeJobError(
            f"{script} answered in protocol {result['protocol']}, this flow speaks protocol"
            f" {PROTOCOL}: install matching versions of @prefect-ts/run (npm) and prefect-ts (PyPI)",
            "UNKNOWN_PROTOCOL",
        )
    if result.get("ok") is False:
        raise _job_error(result.get("error"), script, ended)
    if result.get("ok") is not True:
        raise NodeJobError(
            f"{script} {ended}; its result says neither ok nor not", "INVALID_RESULT"
        )
    if exit_code != 0:
        raise NodeJobError(f"{script} returned a result, but {ended}{printed}", "EXIT_CODE")
    return result.get("result")


def _old_node(output: str) -> str | None:
    """That Node is below the floor of `@prefect-ts/run`, by the line that it ends with when it can't load a job."""
    found = re.search(r"^Node\.js v((\d+)\.(\d+)\.\d+)\s*\Z", output, re.MULTILINE)
    if found is None or (int(found[2]), int(found[3])) >= _NODE_FLOOR:
        return None
    floor = ".".join(map(str, _NODE_FLOOR))
    return (
        f": Node {found[1]} is too old, jobs need {floor} or later. Install it,"
        ' or name it: node_operation(..., node="/path/to/node")'
    )


def _is_version(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _job_error(error: Any, script: str, ended: str) -> NodeJobError:
    fields = error if isinstance(error, dict) else {}
    message, code = fields.get("message"), fields.get("code")
    retryable = fields.get("retryable", False)
    texts = all(isinstance(text, str) and text for text in (message, code))
    if not texts or not isinstance(retryable, bool):
        return NodeJobError(f"{script} {ended}; its result holds no error", "INVALID_RESULT")
    return NodeJobError(message, code, retryable)


def ending(exit_code: int) -> str:
    """How a process ended, in words; a negative code is a signal, as in `subprocess`."""
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return f"signal {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"signal {-exit_code}"
