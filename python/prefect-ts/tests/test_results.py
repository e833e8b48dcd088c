"""Typed results, and what Prefect's own options make of failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from conftest import JOBS
from prefect import flow, task
from pydantic import BaseModel

from prefect_ts import NodeJobError, arun_node, retry_if_retryable, run_node

ANSWER = JOBS / "answer.mjs"


def run_async(*arguments: Any, **options: Any) -> Any:
    return asyncio.run(arun_node(*arguments, **options))


both = pytest.mark.parametrize("run", [run_node, run_async], ids=["sync", "async"])


class Report(BaseModel):
    day: date
    rows: int
    paths: tuple[str, ...] = ()


@dataclass
class Size:
    rows: int


def answer(result: Any) -> dict[str, Any]:
    return {"document": {"protocol": 1, "ok": True, "result": result}}


def failing(retryable: bool) -> dict[str, Any]:
    error = {"code": "X", "message": "no", "retryable": retryable}
    return {"document": {"protocol": 1, "ok": False, "error": error}, "exitCode": 1}


@both
def test_result_is_made_into_its_type(run: Callable[..., Any]) -> None:
    result = {"day": "2013-01-31", "rows": 3, "paths": ["a"]}
    report = run(ANSWER, answer(result), result_type=Report)
    assert report == Report(day=date(2013, 1, 31), rows=3, paths=("a",))
    assert run(ANSWER, answer({"rows": 3}), result_type=Size) == Size(3)
    assert run(ANSWER, answer([1, 2]), result_type=list[int]) == [1, 2]
    assert run(ANSWER, answer(None), result_type=int | None) is None


@both
def test_other_result_is_refused_without_its_value(run: Callable[..., Any]) -> None:
    with pytest.raises(NodeJobError) as caught:
        run(ANSWER, answer({"day": "canary-1", "rows": "3"}), result_type=Report)
    assert caught.value.code == "INVALID_RESULT"
    assert "is no Report: day: " in str(caught.value)
    assert "rows: Input should be a valid integer" in str(caught.value)
    assert "canary-1" not in str(caught.value)


@pytest.mark.parametrize(("retryable", "attempts"), [(True, 3), (False, 1)])
def test_retries_act_on_what_may_help(api: str, retryable: bool, attempts: int) -> None:
    tried: list[int] = []

    @task(retries=2, retry_condition_fn=retry_if_retryable)
    def step() -> Any:
        tried.append(1)
        return run_node(ANSWER, failing(retryable))

    @task(retries=2, retry_condition_fn=retry_if_retryable)
    async def async_step() -> Any:
        tried.append(1)
        return await arun_node(ANSWER, failing(retryable))

    @flow
    def with_retries() -> Any:
        return step()

    @flow
    async def with_async_retries() -> Any:
        return await async_step()

    with pytest.raises(NodeJobError):
        with_retries()
    assert len(tried) == attempts
    with pytest.raises(NodeJobError):
        asyncio.run(with_async_retries())
    assert len(tried) == 2 * attempts


def test_other_exceptions_are_retried_as_without_condition(api: str) -> None:
    tried: list[int] = []

    @task(retries=1, retry_condition_fn=retry_if_retryable)
    def step() -> None:
        tried.append(1)
        raise ValueError("x")

    @flow
    def with_retries() -> None:
        step()

    with pytest.raises(ValueError):
        with_retries()
    assert len(tried) == 2


def test_map_gives_typed_results(api: str) -> None:
    @task
    def step(number: int) -> Size:
        return run_node(ANSWER, answer({"rows": number}), result_type=Size)

    @flow
    def mapped() -> Any:
        return step.map([1, 2, 3]).result()

    assert mapped() == [Size(1), Size(2), Size(3)]
