"""A flow without worker that is cancelled in Prefect: no signal comes, the job sees its run's state."""

from __future__ import annotations

import os
import threading
import time
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.states import Cancelling

from prefect_ts import NodeJobError, confirm_cancellation, run_node

SCRIPT = Path(__file__).parent / "jobs" / "wait.mjs"


@pytest.mark.parametrize(
    ("hooks", "expected"), [([confirm_cancellation], "Cancelled"), ([], "Cancelling")]
)
def test_job_ends_and_the_flow_can_confirm_it(
    api: str, tmp_path: Path, hooks: list[Any], expected: str
) -> None:
    begun = tmp_path / "begun"
    ids: list[Any] = []

    def cancel(run_id: Any) -> None:
        while not begun.exists() or not begun.read_text():
            time.sleep(0.05)
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run_id, Cancelling())

    @flow(on_cancellation=hooks)
    def waits() -> Any:
        ids.append(flow_run.id)
        # Prefect's settings are those of a context.
        threading.Thread(target=copy_context().run, args=(cancel, *ids)).start()
        return run_node(SCRIPT, {"begun": str(begun)})

    with pytest.raises(NodeJobError, match="stopped in Prefect") as caught:
        waits()
    assert caught.value.code == "CANCELLED"
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(ids[0]).state
    assert state is not None
    assert state.name == expected
