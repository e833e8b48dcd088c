"""A real Prefect server for the tests: the one that is given, else one of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from processes import stop_process

if TYPE_CHECKING:
    from docker_engine import ContainerHost

# No test may see the developer's own settings, and imports read them: hence not in a fixture.
for _name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
    if not _name.startswith(("PREFECT_TS_TEST_", "PREFECT_TS_TRIALS", "PREFECT_TS_SEED")):
        del os.environ[_name]
os.environ["DO_NOT_TRACK"] = "1"

JOBS = Path(__file__).parent / "jobs"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.3)
    pytest.exit(f"The Prefect server did not start:\n{log.read_text()}", returncode=3)


@pytest.fixture(scope="session")
def api_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API of a real Prefect server."""
    given = os.environ.get("PREFECT_TS_TEST_API_URL")
    if given:
        yield given
        return
    home = tmp_path_factory.mktemp("server")
    port = _free_port()
    log = home / "server.log"
    # Its tables are there already: to make them takes longer than all else.
    template = os.environ.get("PREFECT_TS_TEST_DATABASE")
    if template:
        shutil.copyfile(template, home / "prefect.db")
    environment = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_UI_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/api"
    try:
        _wait_until_healthy(url, server, log)
        yield url
    finally:
        stop_process(server)


@pytest.fixture(scope="session")
def _sent(api_url: str) -> Iterator[None]:
    """Sends what is queued before the server stops: else Prefect looks for it for a minute."""
    yield
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=10)
    EventsWorker.drain_all(timeout=10)


@pytest.fixture
def api(api_url: str, _sent: None) -> Iterator[str]:
    """This process's Prefect settings point at the server, as an environment variable would do."""
    from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

    with temporary_settings({PREFECT_API_URL: api_url, PREFECT_LOGGING_LEVEL: "WARNING"}):
        yield api_url


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go meanwhile, so that a test can see what is left of them."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture(scope="session")
def container_host() -> Iterator[ContainerHost]:
    """A container engine with the image of apps/etl-job."""
    import docker_engine

    with docker_engine.container_host() as host:
        yield host


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 server of this machine, in memory."""
    port = _free_port()
    program = Path(__file__).parents[3] / "test" / "servers" / "moto_server.py"
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("wb") as out:
        server = subprocess.Popen([sys.executable, str(program), str(port)], stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 60
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.exit(f"The S3 server did not start:\n{log.read_text()}", returncode=3)
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_process(server)


@pytest.fixture
def bucket(api: str, s3_server: str) -> str:
    """A bucket of its own, as the name of the block that leads to it."""
    from prefect_aws import AwsCredentials, S3Bucket
    from prefect_aws.client_parameters import AwsClientParameters

    name = f"bucket-{uuid.uuid4().hex[:12]}"
    AwsCredentials(
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        aws_client_parameters=AwsClientParameters(endpoint_url=s3_server),
    ).save(name)
    credentials = AwsCredentials.load(name)
    credentials.get_s3_client().create_bucket(Bucket=name)
    S3Bucket(bucket_name=name, credentials=credentials).save(name)
    return f"s3-bucket/{name}"
