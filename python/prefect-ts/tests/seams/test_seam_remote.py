"""A job that shares no file with its flow: outcome through Prefect's own task run and result storage."""

from __future__ import annotations

import asyncio
import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.filesystems import LocalFileSystem
from prefect.runtime import flow_run

from prefect_ts import NodeJobError, RemoteJob

SCRIPT = Path(__file__).parent / "jobs" / "remote.mjs"


def start(job: RemoteJob, **env: str) -> int:
    """As a container would: nothing of this process's environment but the path of Node."""
    environment = {"PATH": os.environ["PATH"], **job.environment, **env}
    done = subprocess.run(["node", str(SCRIPT)], env=environment, capture_output=True, check=False)
    return done.returncode


def test_small_result_comes_in_the_state_and_the_job_is_in_the_graph(api: str) -> None:
    @flow
    def far_away() -> Any:
        job = RemoteJob({"value": {"rows": 3, "data": [1]}}, name="report")
        assert start(job) == 0
        return job.task_run_id, flow_run.id, job.result()

    task_run_id, flow_run_id, result = far_away()
    assert result == {"rows": 3, "data": [1]}
    with get_client(sync_client=True) as client:
        run = client.read_task_run(uuid.UUID(task_run_id))
    assert run.name.startswith("report-")
    assert str(run.flow_run_id) == flow_run_id
    assert run.state_name == "Completed"


def test_large_result_comes_through_the_block(api: str, tmp_path: Path) -> None:
    name = f"results-{uuid.uuid4()}"
    LocalFileSystem(basepath=str(tmp_path)).save(name)
    block = f"local-file-system/{name}"

    @task
    def report() -> Any:
        job = RemoteJob({"value": "x" * 50_000}, result_block=block)
        assert start(job, RESULT_BLOCK=block) == 0
        return job.result()

    @flow
    def far_away() -> Any:
        return report()

    assert far_away() == "x" * 50_000
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("fail", "exit_code", "message", "code", "retryable"),
    [
        ("down", 69, "the source is down", "JOB_FAILED", True),
        ("bug", 1, "a [bug] in it", "JOB_FAILED", False),
    ],
)
def test_error_comes_with_code_and_retryable(
    api: str, fail: str, exit_code: int, message: str, code: str, retryable: bool
) -> None:
    @flow
    def far_away() -> Any:
        job = RemoteJob({"fail": fail})
        assert start(job) == exit_code
        return job.result()

    with pytest.raises(NodeJobError) as caught:
        far_away()
    error = caught.value
    assert (str(error), error.code, error.retryable) == (message, code, retryable)


def test_silent_job_is_a_failure(api: str) -> None:
    @flow
    async def far_away() -> Any:
        return await RemoteJob(name="silent").aresult(0.5)

    with pytest.raises(NodeJobError, match="silent did not tell Prefect") as caught:
        asyncio.run(far_away())
    assert caught.value.code == "NO_RESULT"


def test_what_cannot_be_handed_over_is_refused(api: str) -> None:
    with pytest.raises(NodeJobError) as caught:
        RemoteJob({})
    assert caught.value.code == "NO_FLOW_RUN"

    @flow
    def too_large() -> Any:
        return RemoteJob({"text": "x" * 70_000})

    with pytest.raises(NodeJobError, match="write what is large to a datastore") as caught:
        too_large()
    assert caught.value.code == "INVALID_PARAMS"
