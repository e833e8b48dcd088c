"""The flow's settings and run ids reach the job, wherever they come from."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from conftest import JOBS
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import (
    PREFECT_API_KEY,
    PREFECT_API_URL,
    get_current_settings,
    temporary_settings,
)

from prefect_ts import NodeJobError, arun_node, node_operation, run_node

ECHO = JOBS / "echo.mjs"
MAIN = Path(__file__).parent / "flows" / "main.py"
SCHEMA = Path(__file__).parents[3] / "protocol" / "context.schema.json"


def start(mode: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MAIN), mode, str(ECHO), '{"a": 1}']
    env = {**os.environ, "PREFECT_HOME": str(cwd / "home"), **environment}
    return subprocess.run(
        command, check=False, cwd=cwd, env=env, text=True, capture_output=True, timeout=120
    )


def answer(mode: str, cwd: Path, **environment: str) -> dict[str, Any]:
    done = start(mode, cwd, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.partition("ANSWER ")[2])


def profile(cwd: Path, **values: str) -> None:
    (cwd / "home").mkdir()
    lines = [
        'active = "mine"',
        "[profiles.mine]",
        *(f"{k} = {json.dumps(v)}" for k, v in values.items()),
    ]
    (cwd / "home" / "profiles.toml").write_text("\n".join(lines))


def test_profile_only_settings_reach_the_job(api_url: str, tmp_path: Path) -> None:
    profile(
        tmp_path,
        PREFECT_API_URL=api_url,
        PREFECT_API_KEY="key-of-profile",
        PREFECT_CLIENT_MAX_RETRIES="2",
        PREFECT_LOGGING_LEVEL="WARNING",
        PREFECT_RUNNER_POLL_FREQUENCY="7",
    )
    given = answer("task", tmp_path)
    assert given["env"]["PREFECT_API_URL"] == api_url
    assert given["env"]["PREFECT_API_KEY"] == "key-of-profile"
    assert given["env"]["PREFECT_CLIENT_MAX_RETRIES"] == "2"
    assert given["env"]["PREFECT_LOGGING_LEVEL"] == "WARNING"
    assert "PREFECT_RUNNER_POLL_FREQUENCY" not in given["env"]
    assert "PREFECT_PROFILE" not in given["env"]
    # Inherited, not ours: it was in the environment of the flow.
    assert given["env"]["PREFECT_HOME"] == str(tmp_path / "home")


def test_inherited_variables_do_not_contradict_the_flow(
    api_url: str, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/other")
    monkeypatch.setenv("prefect_api_key", "other-key")
    monkeypatch.setenv("PREFECT_API", '{"key": "other-key"}')
    monkeypatch.setenv("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-A": "other"}')
    monkeypatch.setenv("PREFECT_DATA_BLOCK_LOCAL", "etl-data")
    env = run_node(ECHO)["env"]
    assert env["PREFECT_API_URL"] == api_url
    assert env["PREFECT_API_KEY"] == env["PREFECT_API_AUTH_STRING"] == ""
    assert env["PREFECT_CLIENT_CUSTOM_HEADERS"] == "{}"
    assert "other" not in json.dumps(env)
    assert env["PREFECT_DATA_BLOCK_LOCAL"] == "etl-data"
    with temporary_settings({PREFECT_API_KEY: "key-of-flow"}):
        assert run_node(ECHO)["env"]["PREFECT_API_KEY"] == "key-of-flow"


def test_env_of_the_operation_wins(api: str) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:9/mine", "USER_VARIABLE": "x"}
    given = run_node(ECHO, env=env)
    assert given["env"]["PREFECT_API_URL"] == "http://127.0.0.1:9/mine"
    assert given["user"] == "x"


def test_temporary_server_is_handed_on(api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Prefect's own object, with the port of the server that runs already: starting one takes long.
    server = SubprocessASGIServer(port=urlsplit(api_url).port)
    monkeypatch.setattr(server, "running", True)
    settings = get_current_settings().copy_with_update(restore_defaults={PREFECT_API_URL})
    monkeypatch.setattr("prefect_ts.environment.get_current_settings", lambda: settings)
    try:
        assert run_node(ECHO)["env"]["PREFECT_API_URL"] == api_url
    finally:
        SubprocessASGIServer._instances.clear()


def test_plain_script_without_any_server_runs(tmp_path: Path) -> None:
    given = answer("plain", tmp_path)
    assert "PREFECT_API_URL" not in given["env"]
    assert given["context"]["flowRun"] is None


def test_flow_without_a_known_server_is_refused(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Only what the operation sees: without a URL Prefect's own threads would start a server.
    settings = get_current_settings().copy_with_update(restore_defaults={PREFECT_API_URL})
    monkeypatch.setattr("prefect_ts.environment.get_current_settings", lambda: settings)
    run_node(ECHO)

    @flow
    def lost() -> Any:
        return run_node(ECHO)

    with pytest.raises(NodeJobError, match="Set PREFECT_API_URL") as caught:
        lost()
    assert caught.value.code == "NO_API_URL"


def test_ids_of_flow_and_task_run(api: str) -> None:
    @task(task_run_name="step-name")
    def step(operation: Any) -> Any:
        return run_node(operation)["context"]

    @flow(flow_run_name="inner-name")
    def inner() -> Any:
        return run_node(ECHO)["context"]

    @flow(flow_run_name="outer-name")
    def outer() -> Any:
        operation = node_operation(ECHO)
        future = step.submit(operation)
        return run_node(operation)["context"], step(operation), future.result(), inner()

    in_flow, in_task, in_thread, in_subflow = outer()
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for context in (in_flow, in_task, in_thread, in_subflow):
        validator.validate(context)
        assert context["deployment"] is None
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(in_flow["flowRun"]["id"])
    assert run.name == in_flow["flowRun"]["name"] == "outer-name"
    assert run.expected_start_time.isoformat() == in_flow["flowRun"]["scheduledStart"]
    assert in_flow["taskRun"] is None
    assert in_task["flowRun"] == in_thread["flowRun"] == in_flow["flowRun"]
    assert in_task["taskRun"]["name"] == in_thread["taskRun"]["name"] == "step-name"
    assert in_task["taskRun"]["id"] != in_thread["taskRun"]["id"]
    assert in_subflow["flowRun"]["name"] == "inner-name"
    assert in_subflow["flowRun"]["id"] != in_flow["flowRun"]["id"]


def test_ids_in_async_flows(api: str) -> None:
    @task
    async def step() -> Any:
        return (await arun_node(ECHO))["context"]

    @flow
    async def outer() -> Any:
        return await asyncio.gather(step(), step(), arun_node(ECHO))

    first, second, own = asyncio.run(outer())
    assert first["flowRun"] == second["flowRun"] == own["context"]["flowRun"]
    assert first["taskRun"]["id"] != second["taskRun"]["id"]
    assert own["context"]["taskRun"] is None


def test_one_operation_maps_over_many_params(api: str) -> None:
    operation = node_operation(ECHO)

    @task
    def step(number: int) -> Any:
        return run_node(operation, {"n": number})["context"]

    @flow
    def outer() -> Any:
        return step.map(list(range(6))).result()

    contexts = outer()
    assert [context["params"]["n"] for context in contexts] == list(range(6))
    assert len({context["taskRun"]["id"] for context in contexts}) == 6
