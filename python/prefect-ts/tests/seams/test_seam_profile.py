"""A server with a password, known to the flow from a profile only: the job reaches it and tells nobody."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import stop_process
from trials import JOB, use_project_node

FLOW = Path(__file__).parent / "flows" / "seams.py"
PASSWORD = "canary-5d1f-password"
AUTH = f"operator:{PASSWORD}"
BASE64 = base64.b64encode(AUTH.encode()).decode()


@dataclass
class Server:
    url: str
    home: Path

    def post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{self.url}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Basic {BASE64}"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def all(self, path: str, **filters: Any) -> list[Any]:
        found: list[Any] = []
        while True:
            page = self.post(path, {**filters, "offset": len(found), "limit": 200})
            found += page
            if len(page) < 200:
                return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("protected")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "PREFECT_HOME": str(home / "server"),
        "PREFECT_SERVER_API_AUTH_STRING": AUTH,
        "PREFECT_API_AUTH_STRING": AUTH,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_UI_ENABLED": "false",
    }
    with (home / "log").open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "prefect",
                "server",
                "start",
                "--no-services",
                "--port",
                str(port),
            ],
            env=env,
            stdout=out,
            stderr=out,
        )
    url = f"http://127.0.0.1:{port}/api"
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{url}/health", timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, (home / "log").read_text()
                assert time.monotonic() < deadline, (home / "log").read_text()
                time.sleep(0.3)
        yield Server(url, home)
    finally:
        stop_process(process)


def test_url_and_password_from_a_profile_only(server: Server, tmp_path: Path) -> None:
    use_project_node()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{server.url}/admin/version", timeout=5)
    home = tmp_path / "home"
    home.mkdir()
    profile = {"PREFECT_API_URL": server.url, "PREFECT_API_AUTH_STRING": AUTH}
    lines = ['active = "other"', "[profiles.other]", "[profiles.protected]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in profile.items()]
    (home / "profiles.toml").write_text("\n".join(lines))
    env = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILE": "protected",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    block = f"seam-{uuid.uuid4().hex[:8]}"
    save = f"from prefect.filesystems import LocalFileSystem as L; L(basepath='/x').save('{block}')"
    subprocess.run([sys.executable, "-c", save], env=env, cwd=tmp_path, check=True, timeout=120)

    params = {"mode": "leak", "block": f"local-file-system/{block}"}
    calls = [params, {**params, "how": "throw"}, {**params, "how": "exit"}]
    done = subprocess.run(
        [sys.executable, str(FLOW), str(JOB), json.dumps(calls)],
        check=False,
        env=env,
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=120,
    )
    assert "ANSWER" in done.stdout, done.stderr
    answers = json.loads(done.stdout.partition("ANSWER ")[2])
    for name in ("in_sync", "in_async"):
        good, thrown, printed = answers[name]["calls"]
        assert good["result"] == "/x"
        assert good["repr"].startswith("NodeOperation(")
        assert (thrown["code"], printed["code"]) == ("JOB_FAILED", "NO_RESULT")
        assert thrown["message"] == "refused ******** ******** ********"
        # It called process.exit: the lines that it had no time to send stand in its output.
        assert "INFO     loaded /x\n" in printed["message"]
        assert "printed ******** ******** ********" in printed["message"]

    logs = server.all("/logs/filter", sort="TIMESTAMP_ASC")
    lines = [(log["level"], log["message"]) for log in logs]
    assert lines.count((20, "loaded /x")) == 5
    warnings = [text for level, text in lines if level == 30 and text.startswith("settings")]
    assert len(warnings) == 5
    assert all(text.startswith("settings ******** ******** ********") for text in warnings)
    flow_runs = server.all("/flow_runs/filter", sort="START_TIME_ASC")
    assert [run["state_type"] for run in flow_runs] == ["COMPLETED", "COMPLETED", "FAILED"]
    assert "refused ******** ******** ********" in flow_runs[-1]["state"]["message"]
    artifacts = server.all("/artifacts/filter")
    told = [artifact["data"] for artifact in artifacts if artifact["type"] == "markdown"]
    assert told == ["artifact ******** ******** ********"] * 7

    everything = [done.stdout, done.stderr, logs, flow_runs, artifacts]
    everything += [server.all("/task_runs/filter"), server.all("/block_documents/filter")]
    text = json.dumps(everything)
    assert PASSWORD not in text
    assert BASE64 not in text
