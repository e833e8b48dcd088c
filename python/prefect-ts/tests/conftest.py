"""A real Prefect server for the tests: the one that is given, else one of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

# No test may see the developer's own settings, and imports read them: hence not in a fixture.
for _name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
    if _name != "PREFECT_TS_TEST_API_URL":
        del os.environ[_name]
os.environ["DO_NOT_TRACK"] = "1"

JOBS = Path(__file__).parent / "jobs"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
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
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


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
