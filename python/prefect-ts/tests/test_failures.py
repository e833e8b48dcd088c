"""Jobs that fail, print too much or leave no result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import JOBS
from prefect import flow, task
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_KEY,
    PREFECT_CLIENT_CUSTOM_HEADERS,
    temporary_settings,
)

from prefect_ts import NodeJobError, arun_node, run_node

ANSWER = JOBS / "answer.mjs"
ERROR = {"code": "NOT_FOUND", "message": "Block x was not found", "retryable": True}


def run_async(*arguments: Any, **options: Any) -> Any:
    return asyncio.run(arun_node(*arguments, **options))


both = pytest.mark.parametrize("run", [run_node, run_async], ids=["sync", "async"])


def failure(run: Callable[..., Any], **params: Any) -> NodeJobError:
    with pytest.raises(NodeJobError) as caught:
        run(ANSWER, params)
    return caught.value


@both
def test_error_of_the_job_is_raised(run: Callable[..., Any]) -> None:
    error = failure(run, document={"protocol": 1, "ok": False, "error": ERROR}, exitCode=1)
    assert (str(error), error.code, error.retryable) == ("Block x was not found", "NOT_FOUND", True)


@both
def test_result_comes_through(run: Callable[..., Any]) -> None:
    result = {"text": "a\u2028b\u2029", "rows": 842, "none": None}
    assert run(ANSWER, {"document": {"protocol": 1, "ok": True, "result": result}}) == result
    assert len(run(ANSWER, {"size": 200_000})) == 200_000


def test_no_result_names_exit_code_and_last_lines() -> None:
    error = failure(run_node, print="first\nlast line\n", exitCode=3)
    assert error.code == "NO_RESULT"
    assert str(error).endswith(
        "ended with exit code 3 and left no result. Its last output:\nfirst\nlast line"
    )
    assert "exit code 0 and left no result, and printed nothing" in str(failure(run_node))
    assert "signal SIGKILL" in str(failure(run_node, signal="SIGKILL"))


def test_no_result_of_an_old_node_says_so() -> None:
    old = failure(run_node, print="SyntaxError: no\n\nNode.js v20.20.2\n", exitCode=1)
    assert "left no result: Node 20.20.2 is too old, jobs need 22.19 or later" in str(old)
    new = failure(run_node, print="SyntaxError: no\n\nNode.js v22.19.0\n", exitCode=1)
    assert "too old" not in str(new)


def test_result_with_a_bad_exit_code_is_a_failure() -> None:
    error = failure(run_node, document={"protocol": 1, "ok": True, "result": 1}, exitCode=4)
    assert error.code == "EXIT_CODE"
    assert "exit code 4" in str(error)


@both
def test_stray_lines_are_cheap_and_bounded(run: Callable[..., Any]) -> None:
    failure(run)  # Warm caches.
    start = time.monotonic()
    quiet = failure(run, exitCode=1)
    base = time.monotonic() - start
    start = time.monotonic()
    error = failure(run, lines=100_000, exitCode=1)
    took = time.monotonic() - start
    assert quiet.code == error.code == "NO_RESULT"
    assert len(str(error)) < 10_000
    assert took < base + 3


def test_one_endless_line_is_bounded() -> None:
    error = failure(run_node, lines=100, lineLength=1_000_000, exitCode=1)
    assert len(str(error)) < 10_000


def test_secrets_of_the_settings_are_masked_in_messages() -> None:
    key, password, header = 'canary-"key"-1', "canary-pass-2", "canary-header-3"
    with temporary_settings(
        {
            PREFECT_API_KEY: key,
            PREFECT_API_AUTH_STRING: f"admin:{password}",
            PREFECT_CLIENT_CUSTOM_HEADERS: {"X-Token": header},
        }
    ):
        stray = failure(run_node, print=f"{key} {password} {header}\nkept\n", exitCode=1)
        told = failure(
            run_node,
            document={
                "protocol": 1,
                "ok": False,
                "error": {"code": "X", "message": f"bad key {key}"},
            },
        )
    assert "canary" not in f"{stray} {told}"
    assert "******** ******** ********\nkept" in str(stray)
    assert str(told) == "bad key ********"


def test_streamed_lines_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"), pytest.raises(NodeJobError):
        run_node(ANSWER, {"print": "one\n\ntwo é\nthree"}, stream_output=True)
    lines = [record.message for record in caplog.records]
    assert [line for line in lines if line in ("one", "two é", "three")] == [
        "one",
        "two é",
        "three",
    ]


def test_state_message_holds_the_message_of_the_job(api: str) -> None:
    document = {"protocol": 1, "ok": False, "error": ERROR}

    @task
    def step() -> Any:
        return run_node(ANSWER, {"document": document, "exitCode": 1})

    @flow
    def in_task() -> Any:
        return step()

    @flow
    async def in_async_flow() -> Any:
        return await arun_node(ANSWER, {"document": document, "exitCode": 1})

    for state in (in_task(return_state=True), asyncio.run(in_async_flow(return_state=True))):
        assert state.is_failed()
        assert "Block x was not found" in state.message


def test_error_survives_pickling() -> None:
    import cloudpickle

    error = cloudpickle.loads(cloudpickle.dumps(NodeJobError("message", "CODE", True)))
    assert (str(error), error.code, error.retryable) == ("message", "CODE", True)
