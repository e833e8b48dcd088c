"""A real container engine for the tests: Docker where it runs, else Podman, which serves Docker's API too."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import docker.errors
from docker.models.containers import Container
from processes import stop_process

ROOT = Path(__file__).parents[3]
NODE = ROOT / "node_modules" / ".bin"
JOBS = Path(__file__).parent / "containers" / "jobs"
# A machine that is a container itself may not raise its limits, as engines do by default.
_LIMITS = [
    {"Name": "nofile", "Soft": 1024, "Hard": 4096},
    {"Name": "nproc", "Soft": 1024, "Hard": 1024},
]


class ContainerHost:
    """Where containers run, and the image of apps/etl-job on it.

    Attributes:
        base_url: Address of the Docker API.
        image: Name of the image.
        create_kwargs: What every container needs on this machine.
    """

    def __init__(self, base_url: str, image: str):
        self.base_url, self.image = base_url, image
        self.create_kwargs: dict[str, Any] = {"ulimits": _LIMITS}

    def job(self, folder: Path) -> dict[str, Any]:
        """`create_kwargs` of a container that runs jobs/job.mjs in place of the image's job.

        Args:
            folder: What the job sees as /out, to write to.
        """
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        return {
            **self.create_kwargs,
            "command": "node jobs/job.mjs",
            "volumes": [f"{JOBS}:/app/jobs:ro", f"{folder}:/out"],
        }

    def containers(self) -> list[Container]:
        """The containers of the image, running or not."""
        with closing(docker.DockerClient(base_url=self.base_url)) as client:
            found = client.containers.list(all=True, ignore_removed=True)
        # By name: the same files make the same image, and other runs of these tests may have theirs. Podman puts
        # a registry before it.
        return [each for each in found if each.attrs["Config"]["Image"].endswith(self.image)]


def node_environment() -> dict[str, str]:
    """This process's environment, with the project's own Node first on PATH."""
    return {**os.environ, "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}


@contextmanager
def container_host() -> Iterator[ContainerHost]:
    """Builds the image on the engine of this machine, which is installed and started where that can be done."""
    image = f"etl-job:test-{os.getpid()}"
    docker_url = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if _answers(docker_url):
        with _image("docker", image):
            yield ContainerHost(docker_url, image)
        return
    if shutil.which("podman") is None:
        _install_podman()
    with (
        tempfile.TemporaryDirectory(prefix="prefect-ts-podman-") as folder,
        _podman(Path(folder)) as url,
        _image("podman", image),
    ):
        yield ContainerHost(url, image)


def _answers(url: str) -> bool:
    try:
        with closing(docker.DockerClient(base_url=url, timeout=20)) as client:
            return bool(client.ping())
    except docker.errors.DockerException:
        return False


def _install_podman() -> None:
    script = "apt-get update -qq && apt-get install -y -qq --no-install-recommends podman runc"
    reason = "this is no Debian, or you are not root"
    if os.getuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            # One at a time: apt-get refuses to run beside itself.
            ["flock", "/run/lock/prefect-ts-apt", "sh", "-c", script],
            env=env,
            check=False,
            capture_output=True,
            text=True,
        )
        reason = done.stderr[-2000:]
    if shutil.which("podman") is None:
        raise RuntimeError(
            "These tests need a container engine: start Docker, or on Debian and Ubuntu"
            f' "apt-get install podman runc". {reason}'
        )


@contextmanager
def _podman(folder: Path) -> Iterator[str]:
    url = f"unix://{folder}/podman.sock"
    # crun refuses the mixed cgroups of machines that are containers themselves.
    runtime = ["--runtime", "runc"] if shutil.which("runc") else []
    log = folder / "log"
    with log.open("wb") as out:
        service = subprocess.Popen(
            ["podman", *runtime, "system", "service", "--time=0", url], stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(url):
            if service.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Podman does not serve the Docker API:\n{log.read_text()}")
            time.sleep(0.2)
        yield url
    finally:
        stop_process(service)


@contextmanager
def _image(engine: str, image: str) -> Iterator[None]:
    env = node_environment()
    command = ["node", str(ROOT / "scripts/image.ts"), "--engine", engine, "--tag", image]
    built = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
    if built.returncode != 0:
        raise RuntimeError(f"The image could not be built:\n{built.stdout}{built.stderr}")
    try:
        yield
    finally:
        subprocess.run([engine, "image", "rm", "--force", image], check=False, capture_output=True)
