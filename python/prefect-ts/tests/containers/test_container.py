"""A flow runs the Node job in a container, through prefect-docker: result, logs, artifacts and cancellation."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from container_runs import (
    DAY,
    load_bucket,
    read_artifact_keys,
    read_logs,
    read_report,
    stored_results,
    until,
    write_inputs,
)
from docker_engine import ContainerHost
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.states import Cancelling
from prefect_docker import DockerHost
from prefect_docker.containers import (
    create_docker_container,
    remove_docker_container,
    start_docker_container,
)

from prefect_ts import (
    NodeJobError,
    RemoteJob,
    arun_node_container,
    run_node_container,
)

FLOWS = Path(__file__).parent / "flows" / "container.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is built on Linux")


def test_etl_job_reads_and_writes_an_object_store(
    container_host: ContainerHost, bucket: str
) -> None:
    block = load_bucket(bucket)
    write_inputs(block)

    @flow
    def report() -> Any:
        result = run_node_container(
            container_host.image,
            {"rundate": DAY, "datastore_type": "remote"},
            name="report",
            result_type=dict,
            result_block=bucket,
            datastores={"remote": bucket},
            env={"PREFECT_LOGGING_LEVEL": "INFO"},
            docker_host=DockerHost(base_url=container_host.base_url),
            container_create_kwargs=container_host.create_kwargs,
        )
        return flow_run.id, result

    flow_run_id, result = report()
    assert (result["rows"], result["flights"]) == (1, 1)
    assert read_report(block)[:4] == b"PAR1"
    # The result went through the block: its record lies there beside the data.
    assert len(stored_results(block)) == 1
    line = next(
        line for line in read_logs(flow_run_id, "Wrote reports/") if "Wrote" in line.message
    )
    assert line.task_run_id is not None
    assert read_artifact_keys(flow_run_id) == ["carrier-delays", "carrier-delays-summary"]
    assert container_host.containers() == []


def test_job_is_process_1_and_owns_nothing(
    container_host: ContainerHost, api: str, tmp_path: Path
) -> None:
    @flow
    async def who() -> Any:
        return await arun_node_container(
            container_host.image,
            {"what": "who"},
            docker_host=DockerHost(base_url=container_host.base_url),
            container_create_kwargs=container_host.job(tmp_path / "out"),
        )

    assert asyncio.run(who()) == {"pid": 1, "uid": 10001, "writes": ["/tmp/x"], "shell": False}


def test_tasks_of_prefect_docker_with_a_remote_job(
    container_host: ContainerHost, bucket: str, tmp_path: Path
) -> None:
    host = DockerHost(base_url=container_host.base_url)

    @flow
    async def by_hand() -> Any:
        job = RemoteJob({"what": "large"}, result_block=bucket)
        container = await create_docker_container(
            container_host.image,
            environment=job.environment,
            docker_host=host,
            network_mode="host",
            **container_host.job(tmp_path / "out"),
        )
        try:
            await start_docker_container(container.id, docker_host=host)
            return await job.aresult()
        finally:
            await remove_docker_container(container.id, docker_host=host, force=True)

    assert asyncio.run(by_hand()) == "x" * 50_000
    assert container_host.containers() == []


@pytest.mark.parametrize(
    ("what", "code", "retryable", "message"),
    [
        ("down", "DOWN", True, "^the source is down$"),
        ("silent", "NO_RESULT", False, "exit code 3 and left no result.*going without a word"),
        ("large", "INVALID_RESULT", False, "takes 50002 bytes"),
    ],
)
def test_failure_is_told(
    container_host: ContainerHost,
    api: str,
    tmp_path: Path,
    what: str,
    code: str,
    retryable: bool,
    message: str,
) -> None:
    @flow
    def fails() -> Any:
        return run_node_container(
            container_host.image,
            {"what": what},
            docker_host=DockerHost(base_url=container_host.base_url),
            container_create_kwargs=container_host.job(tmp_path / "out"),
        )

    with pytest.raises(NodeJobError, match=f"(?s){message}") as caught:
        fails()
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert container_host.containers() == []


def test_what_cannot_start_is_told(container_host: ContainerHost, api: str) -> None:
    @flow
    def run(image: str, base_url: str, **create_kwargs: Any) -> Any:
        host = DockerHost(base_url=base_url)
        return run_node_container(image, docker_host=host, container_create_kwargs=create_kwargs)

    with pytest.raises(NodeJobError, match="no image etl-job:missing on the Docker host") as caught:
        run("etl-job:missing", container_host.base_url)
    assert caught.value.code == "IMAGE_NOT_FOUND"
    with pytest.raises(NodeJobError, match="Docker could not run etl-job:x") as caught:
        run("etl-job:x", "unix:///nowhere.sock")
    assert (caught.value.code, caught.value.retryable) == ("DOCKER_FAILED", True)
    with pytest.raises(TypeError, match="environment"):
        run("etl-job:x", container_host.base_url, environment={"A": "b"})
    with pytest.raises(NodeJobError) as caught:
        run_node_container(container_host.image)
    assert caught.value.code == "NO_FLOW_RUN"
    # Docker's own word on what it does not take, and nothing of the container is left.
    with pytest.raises(NodeJobError, match="Docker could not run"):
        run(container_host.image, container_host.base_url, command="no-such-program")
    assert container_host.containers() == []


@pytest.mark.parametrize("mode", ["flow", "submit", "async"])
def test_signal_to_the_flow_stops_the_container(
    container_host: ContainerHost, api_url: str, tmp_path: Path, mode: str
) -> None:
    out = tmp_path / "out"
    create_kwargs = json.dumps(container_host.job(out))
    command = [sys.executable, str(FLOWS), mode, container_host.base_url, container_host.image]
    env = {**os.environ, "PREFECT_API_URL": api_url, "PREFECT_HOME": str(tmp_path / "home")}
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([*command, create_kwargs], env=env, stdout=file, stderr=file)
    try:
        until(lambda: (out / "running").exists() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) != 0
    finally:
        process.kill()
    # SIGTERM reached process 1, which ended by itself before SIGKILL.
    assert (out / "exit").read_text() == "CANCELLED 143", log.read_text()
    assert container_host.containers() == []


def test_cancelled_flow_run_ends_the_container(
    container_host: ContainerHost, api: str, tmp_path: Path
) -> None:
    """A flow that runs in-process gets no signal: the job looks at the state of its flow run."""
    out = tmp_path / "out"

    @task
    def cancel(flow_run_id: str) -> None:
        until(lambda: (out / "running").exists())
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(uuid.UUID(flow_run_id), Cancelling())

    @flow
    def waits() -> Any:
        cancelling = cancel.submit(flow_run.id)
        try:
            return run_node_container(
                container_host.image,
                {"what": "wait"},
                docker_host=DockerHost(base_url=container_host.base_url),
                container_create_kwargs=container_host.job(out),
            )
        finally:
            cancelling.wait()

    with pytest.raises(NodeJobError) as caught:
        waits()
    assert caught.value.code == "CANCELLED"
    assert (out / "exit").read_text() == "CANCELLED 143"
    assert container_host.containers() == []


def test_cancelled_call_stops_the_container(
    container_host: ContainerHost, api: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    @flow
    async def waits() -> list[Any]:
        job = asyncio.ensure_future(
            arun_node_container(
                container_host.image,
                {"what": "wait"},
                docker_host=DockerHost(base_url=container_host.base_url),
                container_create_kwargs=container_host.job(out),
            )
        )
        while not (out / "running").exists():
            await asyncio.sleep(0.1)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        # Gone before CancelledError is raised.
        return container_host.containers()

    assert asyncio.run(waits()) == []
    assert (out / "exit").read_text() == "CANCELLED 143"
