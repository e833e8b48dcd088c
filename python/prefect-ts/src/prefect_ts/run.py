"""Running a Node job and getting its result."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar, overload

import anyio
from pydantic import TypeAdapter, ValidationError

from .environment import mask_settings
from .errors import NodeJobError
from .handover import read_result
from .interruption import flow_interrupted
from .operation import NodeOperation, node_operation
from .output import OutputTail

_POLL_SECONDS = 0.1
Result = TypeVar("Result")


@overload
def run_node(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    result_type: type[Result],
    **options: Any,
) -> Result: ...


@overload
def run_node(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any: ...


def run_node(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    result_type: Any = Any,
    **options: Any,
) -> Any:
    """Run a Node job to its end and return its result; for sync flows, tasks and plain scripts.

    When the flow is cancelled or interrupted the job gets SIGTERM, and SIGKILL five seconds later.

    Args:
        operation: A script, or an operation; it is not changed and may run many times at once.
        params: The parameters of the job; for an operation they replace its own.
        result_type: What the result must be: a pydantic model, a dataclass, `list[int]`, …
        **options: With a script, those of `node_operation`.

    Returns:
        What the job returned: any JSON value, or a `result_type` made of it.

    Raises:
        NodeJobError: The job failed, could not be started or left no result; `INVALID_RESULT` when it
            is no `result_type`.
    """
    job = _operation(operation, params, options)
    return typed(_run(job, flow_interrupted), result_type, job.script)


@overload
async def arun_node(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    result_type: type[Result],
    **options: Any,
) -> Result: ...


@overload
async def arun_node(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any: ...


async def arun_node(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    result_type: Any = Any,
    **options: Any,
) -> Any:
    """Run a Node job as `run_node` does, for async flows and tasks.

    A cancelled call ends the job, waits for it, and only then raises `CancelledError`.
    """
    job = _operation(operation, params, options)
    return typed(await in_thread(lambda stopped: _run(job, stopped)), result_type, job.script)


async def in_thread(work: Callable[[Callable[[], bool]], Any]) -> Any:
    """What `work` returns. It is told when to stop, by its argument, and waited for also when this call is cancelled."""
    stop = threading.Event()
    # A thread of its own: a shared pool would make a job wait for other jobs' threads.
    with_thread = ThreadPoolExecutor(1, thread_name_prefix="prefect-ts-job")
    future = asyncio.get_running_loop().run_in_executor(
        with_thread, copy_context().run, work, lambda: stop.is_set() or flow_interrupted()
    )
    try:
        return await asyncio.shield(future)
    finally:
        stop.set()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({future})
        with_thread.shutdown(wait=False)
        if not future.cancelled():
            future.exception()  # Seen: asyncio would log it as never retrieved.


def _operation(
    operation: NodeOperation | str | os.PathLike[str],
    params: Mapping[str, Any] | None,
    options: dict[str, Any],
) -> NodeOperation:
    if not isinstance(operation, NodeOperation):
        return node_operation(operation, params, **options)
    if options:
        names = ", ".join(options)
        raise TypeError(f"an operation has its own options; unexpected here: {names}")
    job = operation.fresh()
    if params is not None:
        job.params = dict(params)
    return job


def typed(result: Any, result_type: Any, script: str) -> Any:
    """`result` as a `result_type`. Raises `NodeJobError` (`INVALID_RESULT`) when it is none; `script` names the job."""
    if result_type is Any:
        return result
    try:
        # As JSON, so that ISO text is a date and a list a tuple, but "1" no number.
        return TypeAdapter(result_type).validate_json(json.dumps(result), strict=True)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the whole'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        name = getattr(result_type, "__name__", str(result_type))
        raise NodeJobError(
            f"The result of {script} is no {name}: {problems}", "INVALID_RESULT"
        ) from None


def _run(operation: NodeOperation, stopped: Callable[[], bool]) -> Any:
    job = operation.fresh()
    job._output = output = OutputTail(_line_logger(job) if job.stream_output else None)
    process: subprocess.Popen[bytes] | None = None
    try:
        # In an async flow prefect-shell would hand back coroutines.
        process = job.trigger(_sync=True)._process
        output.start()
        exit_code = _wait(process, output, stopped)
        document = job.read_result_file()
    finally:
        _close(job, process)
        output.close()
    return _result(document, exit_code, job.script, output)


def _wait(process: subprocess.Popen[bytes], output: OutputTail, stopped: Callable[[], bool]) -> int:
    while True:
        # Short waits: a thread sees a timeout of its task only between them.
        ended = output.ended.wait(_POLL_SECONDS)
        try:
            return process.wait(_POLL_SECONDS if ended else 0)
        except subprocess.TimeoutExpired:
            if stopped():
                raise NodeJobError(
                    "The Node job was stopped because its flow run was interrupted", "CANCELLED"
                ) from None


def _close(job: NodeOperation, process: subprocess.Popen[bytes] | None) -> None:
    try:
        job.close(_sync=True)
    except BaseException:
        # A second Ctrl-C while the job has its five seconds.
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise


def _result(document: bytes | None, exit_code: int, script: str, output: OutputTail) -> Any:
    try:
        return read_result(document, exit_code, script, output.text(mask_settings))
    except NodeJobError as error:
        raise NodeJobError(mask_settings(str(error)), error.code, error.retryable) from None


def _line_logger(job: NodeOperation) -> Callable[[str], None]:
    logger = job.logger

    def log(line: str) -> None:
        if line.strip():
            logger.info(mask_settings(line.rstrip()))

    return log
