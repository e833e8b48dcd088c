"""A docker work pool's worker runs a deployment whose flow run is the Node job itself: no Python in the container."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
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
from docker_engine import ROOT, ContainerHost, node_environment
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Cancelling
from processes import stop_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is built on Linux")


@pytest.fixture(scope="module")
def pool(
    container_host: ContainerHost, api_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A work pool with a deployment of its own name, and a worker."""
    name = f"docker-{uuid.uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp("worker")
    env = {
        **node_environment(),
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(folder),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DOCKER_HOST": container_host.base_url,
    }
    variables = json.dumps({"container_create_kwargs": container_host.create_kwargs})
    script = ["node", "--conditions=@prefect-ts/source", str(ROOT / "scripts/deploy-image.ts")]
    options = ["--image", container_host.image, "--pool", name, "--name", name]
    subprocess.run([*script, *options, "--variables", variables], env=env, check=True)
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", name]
    log = folder / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen([*command, "--type", "docker"], env=env, stdout=out, stderr=out)
    try:
        yield name
    finally:
        stop_process(worker)
        # The worker leaves what has ended: from it it learns the exit code.
        for container in container_host.containers():
            container.remove(force=True)
        print(log.read_text())


def start(pool: str, parameters: dict[str, Any], **job_variables: Any) -> uuid.UUID:
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(f"carrier-delays/{pool}")
        run = client.create_flow_run_from_deployment(
            deployment.id, parameters=parameters, job_variables=job_variables
        )
    return run.id


def start_job(host: ContainerHost, pool: str, folder: Path, what: str) -> uuid.UUID:
    """Starts jobs/job.mjs in place of the image's job; one that is to `wait` is at it when this returns."""
    variables = host.job(folder)
    command = f"{variables['command']} --flow-run"
    volumes, env = variables["volumes"], {"WHAT": what}
    run_id = start(pool, {"rundate": DAY}, command=command, volumes=volumes, env=env)
    if what == "wait":
        until((folder / "running").exists, 120)
    return run_id


def read_run(flow_run_id: uuid.UUID) -> Any:
    with get_client(sync_client=True) as client:
        return client.read_flow_run(flow_run_id)


def ended(flow_run_id: uuid.UUID) -> Any:
    until(lambda: read_run(flow_run_id).state.is_final(), 120)
    return read_run(flow_run_id)


def the_container(host: ContainerHost, flow_run_id: uuid.UUID) -> Any:
    label = "io.prefect.flow-run-id"
    wanted = str(flow_run_id)
    return next(found for found in host.containers() if found.labels.get(label) == wanted)


def test_deployment_has_params_logs_artifacts_and_result(
    container_host: ContainerHost, bucket: str, pool: str
) -> None:
    block = load_bucket(bucket)
    write_inputs(block)
    with pytest.raises(PrefectHTTPStatusError, match="rundate"):
        start(pool, {})
    env = {
        "PREFECT_DATA_BLOCK_REMOTE": bucket,
        "PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK": bucket,
    }
    run = ended(start(pool, {"rundate": DAY}, env=env))
    assert run.state.is_completed(), run.state
    result = run.state.result()
    assert (result["dataset"], result["flights"]) == ("carrier_delays", 1)
    assert len(stored_results(block)) == 1
    assert read_report(block)[:4] == b"PAR1"
    assert read_logs(str(run.id), "Wrote reports/")
    assert read_artifact_keys(str(run.id)) == ["carrier-delays", "carrier-delays-summary"]
    assert (run.run_count, run.parameters["datastore_type"]) == (1, "remote")


def test_cancelled_run_ends_its_container(
    container_host: ContainerHost, api: str, pool: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_id = start_job(container_host, pool, out, "wait")
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run_id, Cancelling())
    assert ended(run_id).state.is_cancelled()
    until((out / "exit").exists)
    assert (out / "exit").read_text() == "CANCELLED 143"
    until(lambda: the_container(container_host, run_id).status == "exited")


def test_stopped_container_says_that_it_was_stopped(
    container_host: ContainerHost, api: str, pool: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_id = start_job(container_host, pool, out, "wait")
    the_container(container_host, run_id).stop(timeout=20)
    assert (out / "exit").read_text() == "CANCELLED 143"
    state = ended(run_id).state
    # The job's own word: the worker's "exited with status code 143" does not cover it.
    assert (state.name, state.message) == (
        "Crashed",
        "The job was cancelled by SIGTERM. [CANCELLED]",
    )


def test_job_that_ends_without_a_word_has_crashed(
    container_host: ContainerHost, api: str, pool: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    killed = start_job(container_host, pool, out, "wait")
    the_container(container_host, killed).kill()
    silent = start_job(container_host, pool, tmp_path / "silent", "silent")
    for run_id, code in ((killed, 137), (silent, 3)):
        state = ended(run_id).state
        assert state.is_crashed()
        assert f"status code {code}" in state.message
