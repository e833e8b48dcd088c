"""Running a Node job in a container, through prefect-docker, and getting its result."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar, overload
from urllib.parse import urlsplit

try:
    import docker.errors
    from docker import DockerClient
    from docker.models.containers import Container
    from prefect_docker import DockerHost
    from requests.exceptions import RequestException
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f'Containers need prefect-docker ({error}): pip install "prefect-ts[docker]"',
        name=error.name,
    ) from None

from .environment import mask_settings
from .errors import NodeJobError
from .handover import ending
from .interruption import flow_interrupted
from .remote import RemoteJob
from .run import in_thread, typed

_POLL_SECONDS = (0.1, 0.5)
_STOP_SECONDS = 5
_TOLD_SECONDS = 10
_SHOWN_LINES = 20
_SHOWN_CHARACTERS = 400
Result = TypeVar("Result")


@overload
def run_node_container(
    image: str,
    params: Mapping[str, Any] | None = None,
    *,
    result_type: type[Result],
    docker_host: DockerHost | None = None,
    container_create_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result: ...


@overload
def run_node_container(
    image: str,
    params: Mapping[str, Any] | None = None,
    *,
    docker_host: DockerHost | None = None,
    container_create_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any: ...


def run_node_container(
    image: str,
    params: Mapping[str, Any] | None = None,
    *,
    result_type: Any = Any,
    docker_host: DockerHost | None = None,
    container_create_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Run a Node job in a container to its end and return its result; for sync flows and tasks.

    When the flow is cancelled or interrupted the container is stopped: the job gets SIGTERM, and SIGKILL
    five seconds later. The container is removed however it ended.

    Args:
        image: The job's image. It must be on the Docker host: it is not pulled.
        params: The parameters of the job.
        result_type: What the result must be: a pydantic model, a dataclass, `list[int]`, …
        docker_host: Where the container runs. By default what `DOCKER_HOST` says, else this machine.
        container_create_kwargs: What docker-py's `containers.create` takes: `command`, `mem_limit`,
            `volumes`, `network_mode`, … An API on this machine is reached as the docker worker does
            it: over the host's network on Linux, else as `host.docker.internal`.
        **options: Those of `RemoteJob`: `name`, `result_block`, `datastores`, `env`, `time_zone`.

    Returns:
        What the job returned: any JSON value, or a `result_type` made of it.

    Raises:
        NodeJobError: The job failed or left no result; `IMAGE_NOT_FOUND`; `DOCKER_FAILED`, retryable;
            `INVALID_RESULT` when the result is no `result_type`; `NO_FLOW_RUN` outside of a flow run.
    """
    run = _NodeContainer(image, params, docker_host, container_create_kwargs, options)
    return typed(run(flow_interrupted), result_type, image)


@overload
async def arun_node_container(
    image: str,
    params: Mapping[str, Any] | None = None,
    *,
    result_type: type[Result],
    docker_host: DockerHost | None = None,
    container_create_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result: ...


@overload
async def arun_node_container(
    image: str,
    params: Mapping[str, Any] | None = None,
    *,
    docker_host: DockerHost | None = None,
    container_create_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any: ...


async def arun_node_container(
    image: str,
    params: Mapping[str, Any] | None = None,
    *,
    result_type: Any = Any,
    docker_host: DockerHost | None = None,
    container_create_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Run a Node job in a container as `run_node_container` does, for async flows and tasks.

    A cancelled call stops the container, removes it, and only then raises `CancelledError`.
    """
    run = _NodeContainer(image, params, docker_host, container_create_kwargs, options)
    return typed(await in_thread(run), result_type, image)


class _NodeContainer:
    """One job and its container, to be called once."""

    def __init__(
        self,
        image: str,
        params: Mapping[str, Any] | None,
        docker_host: DockerHost | None,
        container_create_kwargs: Mapping[str, Any] | None,
        options: dict[str, Any],
    ):
        self._image = image
        self._host = docker_host or DockerHost()
        self._create_kwargs = dict(container_create_kwargs or {})
        taken = {
            "image",
            "name",
            "environment",
            "detach",
            "auto_remove",
        } & self._create_kwargs.keys()
        if taken:
            raise TypeError(f"not in container_create_kwargs, for it is set here: {min(taken)}")
        self._job = RemoteJob(params, **options)
        # Known before there is a container: what an interruption leaves of its creation is found by it.
        word = re.sub(r"[^a-zA-Z0-9_.-]+", "-", options.get("name", "node-job")).lstrip("_.-")
        self._name = f"{word or 'node-job'}-{self._job.task_run_id}"

    def __call__(self, stopped: Callable[[], bool]) -> Any:
        try:
            with self._host.get_client() as client:
                exit_code, output = self._run(client, stopped)
        except docker.errors.ImageNotFound:
            raise NodeJobError(
                f"There is no image {self._image} on the Docker host: build it there, or pull it before"
                " (prefect_docker.images.pull_docker_image)",
                "IMAGE_NOT_FOUND",
            ) from None
        except (docker.errors.DockerException, RequestException) as error:
            message = mask_settings(f"Docker could not run {self._image}: {error}")
            raise NodeJobError(message, "DOCKER_FAILED", True) from error
        return self._result(exit_code, output)

    def _run(self, client: DockerClient, stopped: Callable[[], bool]) -> tuple[int, str]:
        environment, network = _reach_api(self._job.environment, self._create_kwargs)
        try:
            container = client.containers.create(
                self._image,
                name=self._name,
                environment=environment,
                **network,
                **self._create_kwargs,
            )
            container.start()
            exit_code = _wait(container, stopped)
            return exit_code, container.logs(tail=_SHOWN_LINES).decode(errors="replace")
        finally:
            _remove(client, self._name)

    def _result(self, exit_code: int, output: str) -> Any:
        lines = [line for line in mask_settings(output).splitlines() if line.strip()]
        tail = "\n".join(line[:_SHOWN_CHARACTERS] for line in lines)
        ended = f"{self._image} ended with {ending(exit_code)}"
        printed = f". Its last output:\n{tail}" if tail else ", and printed nothing"
        try:
            result = self._job.result(_TOLD_SECONDS)
        except NodeJobError as error:
            if error.code != "NO_RESULT":
                raise
            raise NodeJobError(f"{ended} and left no result{printed}", "NO_RESULT") from None
        if exit_code != 0:
            raise NodeJobError(
                f"{self._image} returned a result, but {ended}{printed}", "EXIT_CODE"
            )
        return result


def _reach_api(
    environment: Mapping[str, str], create_kwargs: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Environment and network of a container that is to reach the API: `DockerWorkerJobConfiguration`'s rules."""
    url = environment.get("PREFECT_API_URL", "")
    host = urlsplit(url).hostname or ""
    if host not in ("localhost", "127.0.0.1") or {"network", "network_mode"} & create_kwargs.keys():
        return dict(environment), {}
    if sys.platform == "linux":
        return dict(environment), {"network_mode": "host"}
    return {**environment, "PREFECT_API_URL": url.replace(host, "host.docker.internal", 1)}, {}


def _wait(container: Container, stopped: Callable[[], bool]) -> int:
    shortest, longest = _POLL_SECONDS
    seconds = shortest
    while True:
        # Short waits: a thread sees a timeout of its task only between them.
        time.sleep(seconds)
        seconds = min(seconds * 1.2, longest)
        container.reload()
        if container.status in ("exited", "dead"):
            return container.attrs["State"]["ExitCode"]
        if stopped():
            raise NodeJobError(
                "The Node job was stopped because its flow run was interrupted", "CANCELLED"
            )


def _remove(client: DockerClient, name: str) -> None:
    """Stops the container if it still runs, and removes it, also when that is interrupted."""
    try:
        container = client.containers.get(name)
    except docker.errors.NotFound:
        return
    try:
        if container.status == "running":
            container.stop(timeout=_STOP_SECONDS)
    finally:
        with suppress(docker.errors.NotFound):
            container.remove(force=True, v=True)
