"""A Node job on another machine or in a container: no file is shared, so Prefect carries its outcome."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound

from .environment import job_environment
from .errors import NodeJobError
from .handover import CONTEXT_VARIABLE, PROTOCOL, run_identity
from .jsonable import to_jsonable
from .operation import NodeOperation

_MAX_BYTES = 64 * 1024
_FIRST_WAIT_SECONDS = 0.1


class RemoteJob:
    """The hand-over to a job that some other infrastructure starts, and its outcome.

    The job becomes a task run of the flow run, by the id that this made up. Its state tells whether it
    succeeded; its result lies in the state (up to 16 KiB of JSON) or in the storage of `result_block`.

    Attributes:
        environment: What the process must get beside its own environment. Holds the API key: give it to the
            infrastructure, do not save or log it.
        task_run_id: Id of the task run to be.
    """

    def __init__(
        self,
        params: Mapping[str, Any] | None = None,
        *,
        name: str = "node-job",
        result_block: str | None = None,
        datastores: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        time_zone: str = "UTC",
    ):
        """Prepare the hand-over; must be called inside a flow run.

        Args:
            params: The parameters of the job, at most some 60 KiB of JSON: there is no file to pass more.
            name: What the task run is called.
            result_block: Block that takes the result, as `slug/name`; the job must know how to open it.
            datastores: As in `node_operation`.
            env: More environment variables.
            time_zone: IANA name of the zone in which the job reckons days.

        Raises:
            NodeJobError: `INVALID_PARAMS`; `NO_FLOW_RUN` outside of a flow run.
        """
        # One place says what datastores and time zones are.
        checked = NodeOperation(
            script=name, datastores=dict(datastores or {}), time_zone=time_zone, env=dict(env or {})
        )
        identity = run_identity()
        if identity["flowRun"] is None:
            raise NodeJobError(
                "A remote job is a task run of a flow run, and there is none: call it in a flow",
                "NO_FLOW_RUN",
            )
        self.task_run_id = str(uuid.uuid4())
        self._name = name
        context = {
            "protocol": PROTOCOL,
            "params": to_jsonable(params or {}),
            **identity,
            "timeZone": checked.time_zone,
            "datastores": checked.datastores,
            "resultFile": None,
            "parentProcessId": None,
            "ownTaskRun": {"id": self.task_run_id, "name": f"{name}-{self.task_run_id[:3]}"},
            "resultBlock": result_block,
        }
        text = json.dumps(context, allow_nan=False)
        if len(text) > _MAX_BYTES:
            raise NodeJobError(
                f"params take {len(text)} bytes with the rest of the hand-over, and {_MAX_BYTES} fit into"
                " an environment variable: write what is large to a datastore, and pass its name",
                "INVALID_PARAMS",
            )
        # The machine's own variables (PATH, HOME) are not the other machine's.
        settings = {
            name: value
            for name, value in job_environment({}).items()
            if name.upper().startswith("PREFECT_") and not name.upper().startswith("PREFECT__")
        }
        self.environment = {**settings, **checked.env, CONTEXT_VARIABLE: text}

    def result(self, timeout_seconds: float = 30) -> Any:
        """What the job returned; to be called once its process has ended, from sync code.

        Args:
            timeout_seconds: How long Prefect may take to show the job's last state.

        Raises:
            NodeJobError: The job's own error; `NO_RESULT` when it ended without telling.
        """
        with get_client(sync_client=True) as client:
            state = self._final_state(client, timeout_seconds)
        if state is None:
            raise NodeJobError(
                f"{self._name} did not tell Prefect how it ended within {timeout_seconds:g} s: it was"
                " killed, or could not reach the API",
                "NO_RESULT",
            )
        if state.is_completed():
            return state.result()
        raise _error(state.message or "", state.name or "")

    async def aresult(self, timeout_seconds: float = 30) -> Any:
        """`result` for async code."""
        return await asyncio.to_thread(self.result, timeout_seconds)

    def _final_state(self, client: SyncPrefectClient, timeout_seconds: float) -> Any:
        deadline = time.monotonic() + timeout_seconds
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                state = client.read_task_run(uuid.UUID(self.task_run_id)).state
                if state is not None and state.is_final():
                    return state
            except ObjectNotFound:
                pass
            if time.monotonic() > deadline:
                return None
            time.sleep(wait)
            wait = min(wait * 2, 2)


def _error(message: str, name: str) -> NodeJobError:
    """The job writes its state's message as `what happened [CODE]` or `[CODE, retryable]`."""
    match = re.fullmatch(r"(.*) \[([^\[\],]+)(, retryable)?\]", message, re.DOTALL)
    if match is None:
        return NodeJobError(message or f"The job ended in state {name}", name.upper() or "UNKNOWN")
    return NodeJobError(match[1], match[2], match[3] is not None)
