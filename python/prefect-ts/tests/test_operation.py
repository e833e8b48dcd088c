"""The block: what it starts, what it hides, how it is saved."""

from __future__ import annotations

import asyncio
import shutil
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from conftest import JOBS
from prefect import flow
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_KEY,
    PREFECT_CLIENT_CUSTOM_HEADERS,
    temporary_settings,
)
from prefect_shell import ShellOperation
from pydantic import SecretStr, ValidationError

from prefect_ts import NodeJobError, NodeOperation, arun_node, node_operation, run_node

ECHO = JOBS / "echo.mjs"
ANSWER = JOBS / "answer.mjs"
KEY = "canary-key-4711"
PASSWORD = "canary-pass-0815"
HEADER = "canary-header-42"


@pytest.fixture
def secrets() -> Any:
    with temporary_settings(
        {
            PREFECT_API_KEY: KEY,
            PREFECT_API_AUTH_STRING: f"admin:{PASSWORD}",
            PREFECT_CLIENT_CUSTOM_HEADERS: {"X-Token": HEADER},
        }
    ):
        yield


def leaks(operation: NodeOperation) -> list[str]:
    renderings = [
        repr(operation),
        str(operation),
        operation.model_dump_json(),
        str(operation.model_dump(context={"include_secrets": True})),
        repr(cloudpickle.dumps(operation)),
        repr(operation.__dict__) + repr(operation.__pydantic_private__),
    ]
    return [text for text in renderings for word in (KEY, PASSWORD, HEADER) if word in text]


def test_no_secret_in_any_rendering_before_while_and_after(secrets: None) -> None:
    operation = node_operation(ECHO, {"a": 1})
    assert leaks(operation) == []
    answer = run_node(operation)
    # The job did get them, so there was something to leak.
    assert answer["env"]["PREFECT_API_KEY"] == KEY
    assert answer["env"]["PREFECT_API_AUTH_STRING"] == f"admin:{PASSWORD}"
    assert HEADER in answer["env"]["PREFECT_CLIENT_CUSTOM_HEADERS"]
    assert leaks(operation) == []
    with operation:
        operation.trigger().wait_for_completion()
        assert leaks(operation) == []
    assert leaks(operation) == []
    copy = cloudpickle.loads(cloudpickle.dumps(operation))
    assert run_node(copy)["context"]["params"] == {"a": 1}


def test_triggering_twice_by_hand_works_and_leaves_nothing(temporary_folder: Path) -> None:
    async def trigger() -> None:
        async with node_operation(ECHO) as operation:
            process = await operation.atrigger()
            await process.await_for_completion()
            assert b'"ok":true' in operation.read_result_file()

    asyncio.run(trigger())
    with node_operation(ECHO) as operation:
        operation.trigger().wait_for_completion()
        assert b'"ok":true' in operation.read_result_file()
    assert list(temporary_folder.iterdir()) == []


def test_run_of_the_block_returns_the_result() -> None:
    operation = node_operation(ANSWER, {"document": {"protocol": 1, "ok": True, "result": 5}})
    assert operation.run() == 5

    async def run() -> Any:
        return await operation.run()

    assert asyncio.run(run()) == 5


def test_command_is_quoted_and_holds_no_params(tmp_path: Path) -> None:
    folder = tmp_path / "a b'$(touch pwned)`x`\"é;&"
    folder.mkdir()
    script = folder / "-job $HOME.mjs"
    shutil.copy(ECHO, script)
    node = folder / "my node"
    node.symlink_to(shutil.which("node") or "")
    operation = node_operation(
        script.name,
        {"canary": "param"},
        node=node,
        node_options=["--title=a b;c"],
        working_dir=folder,
        env={"USER_VARIABLE": "a'b $c"},
    )
    assert "canary" not in " ".join(operation.commands)
    answer = run_node(operation)
    assert answer["argv"] == [str(script)]
    assert answer["execArgv"] == ["--title=a b;c"]
    assert answer["cwd"] == str(folder)
    assert answer["user"] == "a'b $c"
    assert not (folder / "pwned").exists()


def test_one_operation_runs_many_times_at_once() -> None:
    operation = node_operation(ECHO)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: run_node(operation, {"n": n}), range(16)))
    assert [answer["context"]["params"]["n"] for answer in answers] == list(range(16))
    assert len({answer["context"]["resultFile"] for answer in answers}) == 16

    async def together() -> list[Any]:
        return await asyncio.gather(*(arun_node(operation, {"n": n}) for n in range(8)))

    assert [answer["context"]["params"]["n"] for answer in asyncio.run(together())] == [*range(8)]


def test_params_become_json() -> None:
    identity = uuid.UUID(int=7)
    params = {
        "day": date(2013, 1, 1),
        "at": datetime(2013, 1, 1, 5, tzinfo=timezone.utc),
        "id": identity,
        "path": Path("/a/b"),
        "pair": (1, 2.5),
    }
    assert run_node(ECHO, params)["context"]["params"] == {
        "day": "2013-01-01",
        "at": "2013-01-01T05:00:00+00:00",
        "id": str(identity),
        "path": "/a/b",
        "pair": [1, 2.5],
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), r"params\.a\[1\] is nan"),
        (2**53, r"params\.a\[1\] is an integer beyond"),
        (SecretStr("canary-secret"), r"params\.a\[1\] is a pydantic.types.SecretStr"),
        (Decimal("1.5"), r"params\.a\[1\] is a decimal.Decimal"),
        ({1: 2}, r"params\.a\[1\] has a key of type int"),
        (b"x", r"params\.a\[1\] is a builtins.bytes"),
    ],
)
def test_params_without_json_form_are_refused(value: Any, message: str) -> None:
    with pytest.raises(NodeJobError, match=message) as caught:
        run_node(ECHO, {"a": [0, value]})
    assert caught.value.code == "INVALID_PARAMS"
    assert "canary" not in str(caught.value)


def test_missing_parts_are_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary_folder: Path
) -> None:
    def code(**options: Any) -> str:
        with pytest.raises(NodeJobError) as caught:
            run_node(**options)
        assert "\n" not in str(caught.value)
        return f"{caught.value.code} {caught.value}"

    assert code(operation="no.js", working_dir=tmp_path).startswith(
        f"SCRIPT_NOT_FOUND Node script {tmp_path}/no.js does not exist"
    )
    assert "NODE_NOT_FOUND Node program nod is not on PATH" in code(operation=ECHO, node="nod")
    assert "NODE_NOT_FOUND" in code(operation=ECHO, node=tmp_path / "node")
    assert "NODE_NOT_FOUND" in code(operation=ECHO, env={"PATH": str(tmp_path)})
    gone = tmp_path / "gone"
    gone.mkdir()
    operation = node_operation(ECHO, working_dir=gone)
    gone.rmdir()
    assert "WORKING_DIR_NOT_FOUND" in code(operation=operation)
    monkeypatch.setattr(sys, "platform", "win32")
    assert "UNSUPPORTED_PLATFORM" in code(operation=ECHO)
    assert list(temporary_folder.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../etc/passwd"},
        {"datastores": {"lokal": "a/b"}},
        {"datastores": {"local": "etl-data"}},
        {"datastores": {"default": "s3-bucket/x"}},
        {"working_dir": "/no/such/folder"},
    ],
)
def test_unusable_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        node_operation(ECHO, **options)


def test_options_belong_to_the_operation() -> None:
    with pytest.raises(TypeError, match="unexpected here: node"):
        run_node(node_operation(ECHO), node="nodejs")


def test_saved_operation_loads_and_runs(api: str) -> None:
    name = f"node-{uuid.uuid4().hex[:8]}"
    node_operation(ECHO, {"a": {"b": [1]}}, node_options=["--no-warnings"]).save(name)
    loaded = NodeOperation.load(name)
    assert type(loaded) is NodeOperation
    assert loaded.params == {"a": {"b": [1]}}
    assert loaded.commands == node_operation(ECHO, node_options=["--no-warnings"]).commands
    assert run_node(loaded)["context"]["params"] == {"a": {"b": [1]}}


def test_shell_operation_keeps_its_place_in_the_registry(api: str) -> None:
    name = f"shell-{uuid.uuid4().hex[:8]}"
    ShellOperation(commands=["echo one"]).save(name)
    loaded = ShellOperation.load(name)
    assert type(loaded) is ShellOperation
    assert loaded.run() == ["one"]
    assert NodeOperation.get_block_type_slug() == "node-operation"
    assert ShellOperation.get_block_type_slug() == "shell-operation"


def test_operation_passes_through_a_flow_as_parameter(api: str) -> None:
    @flow
    def job(operation: NodeOperation) -> Any:
        return run_node(operation)["context"]

    context = job(node_operation(ECHO, {"a": 1}))
    assert context["params"] == {"a": 1}
    assert context["flowRun"]["id"]
