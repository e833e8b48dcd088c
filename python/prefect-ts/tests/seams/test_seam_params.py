"""A job's own schema of its params: checked before the start, and the form of a deployment."""

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.exceptions import ParameterTypeError

from prefect_ts import NodeJobError, job_params, job_params_schema, node_operation, run_node
from prefect_ts import params_schema as module

SCRIPT = Path(__file__).parent / "jobs" / "params.mjs"


def refused(params: dict[str, Any], **options: Any) -> str:
    with pytest.raises(NodeJobError) as caught:
        run_node(SCRIPT, params, check_params=True, **options)
    assert caught.value.code == "INVALID_PARAMS"
    assert not caught.value.retryable
    return str(caught.value)


def test_schema_is_what_the_flow_passes() -> None:
    schema = job_params_schema(SCRIPT)
    assert schema["required"] == ["run_date"]
    assert schema["properties"]["limit"]["default"] == 10
    assert schema["additionalProperties"] is False


def test_good_params_reach_the_job_with_defaults_and_its_names() -> None:
    params = {"run_date": date(2013, 1, 31), "kind": "a"}
    result = run_node(SCRIPT, params, check_params=True)
    assert (result["runDate"], result["limit"], result["kind"]) == ("2013-01-31", 10, "a")


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({}, "the whole lacks run_date"),
        ({"run_date": "2013-01-31", "stranger": 1}, "has the unknown stranger"),
        ({"run_date": "yesterday"}, '"run_date"'),
        ({"run_date": "2013-01-31", "limit": "canary-1"}, '"limit" is not of type "integer"'),
        ({"run_date": "2013-01-31", "limit": 101}, '"limit" does not fit maximum 100'),
        ({"run_date": "2013-01-31", "kind": "canary-1"}, '"kind" is not of enum ["a", "b"]'),
    ],
)
def test_bad_params_are_refused_before_the_start(params: dict[str, Any], problem: str) -> None:
    message = refused(params)
    assert problem in message
    assert "canary-1" not in message
    assert "nothing was started" in message


def test_the_job_is_asked_once_per_version(tmp_path: Path, monkeypatch: Any) -> None:
    asked = []
    ask = module._ask
    monkeypatch.setattr(module, "_cache", {})
    monkeypatch.setattr(module, "_ask", lambda *given: asked.append(1) or ask(*given))
    for _ in range(3):
        job_params_schema(SCRIPT)
    assert len(asked) == 1
    # A refusal is made with a schema of now, not of the cache.
    refused({})
    assert len(asked) == 2


def test_schema_of_an_older_version_refuses_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_cache", {})
    job_params_schema(SCRIPT)
    for schema in module._cache.values():
        schema["required"] = ["gone"]
    assert run_node(SCRIPT, {"run_date": "2013-01-31"}, check_params=True)["limit"] == 10


def test_script_without_description_is_named(tmp_path: Path) -> None:
    script = tmp_path / "plain.mjs"
    script.write_text("console.error('I am no job'); process.exit(3)")
    with pytest.raises(NodeJobError, match="exit code 3.*I am no job") as caught:
        job_params_schema(script)
    assert caught.value.code == "DESCRIBE_FAILED"


def test_flow_and_deployment_know_the_params(api: str) -> None:
    report = job_params(SCRIPT)

    @flow
    def with_job_params(params: report):  # type: ignore[valid-type]
        return run_node(SCRIPT, params)

    assert with_job_params({"run_date": "2013-01-31"})["limit"] == 10
    with pytest.raises(ParameterTypeError, match="limit"):
        with_job_params({"run_date": "2013-01-31", "limit": 1000})

    deployment = with_job_params.to_deployment("form")
    deployment.entrypoint = f"{Path(__file__).name}:with_job_params"
    deployment_id = deployment.apply()
    with get_client(sync_client=True) as client:
        stored = client.read_deployment(deployment_id)
        form = stored.parameter_openapi_schema["properties"]["params"]
        assert form["properties"]["run_date"]["format"] == "date"
        assert form["required"] == ["run_date"]
        # What the form shows beside each field.
        assert [each["title"] for each in form["properties"].values()] == list(form["properties"])
        good = {"params": {"run_date": "2013-01-31"}}
        client.create_flow_run_from_deployment(deployment_id, parameters=good)
        with pytest.raises(Exception, match="limit|less than|maximum"):
            bad = {"params": {"run_date": "2013-01-31", "limit": 1000}}
            client.create_flow_run_from_deployment(deployment_id, parameters=bad)


def test_working_folder_and_node_options_count(tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path / "copy.mjs")
    text = (tmp_path / "copy.mjs").read_text()
    root = SCRIPT.parents[5]
    (tmp_path / "copy.mjs").write_text(text.replace("../../../../../", f"{root}{os.sep}"))
    operation = node_operation(
        "copy.mjs", working_dir=tmp_path, node_options=["--no-warnings"], check_params=True
    )
    assert run_node(operation, {"run_date": "2013-01-31"})["limit"] == 10
