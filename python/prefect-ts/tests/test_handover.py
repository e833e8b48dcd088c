"""The protocol: its vectors, and what the flow really writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import JOBS

from prefect_ts import NodeJobError, node_operation, run_node
from prefect_ts.handover import read_result

PROTOCOL = Path(__file__).parents[3] / "protocol"
VECTORS = json.loads((PROTOCOL / "handover.vectors.json").read_text())


def schema(name: str) -> jsonschema.Draft202012Validator:
    document = json.loads((PROTOCOL / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def named(kind: str) -> Any:
    cases = VECTORS[kind]
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named("context")
def test_schema_tells_valid_contexts_from_others(case: dict[str, Any]) -> None:
    assert schema("context").is_valid(case["document"]) == (case["outcome"] in ("ok", "file"))


@named("result")
def test_result_is_read_as_the_vectors_say(case: dict[str, Any]) -> None:
    document = case.get("text", json.dumps(case["document"]) if "document" in case else None)
    data = None if document is None else document.encode()
    outcome = case["outcome"]
    if "result" in outcome:
        assert read_result(data, case["exitCode"], "job.js") == outcome["result"]
        return
    with pytest.raises(NodeJobError) as caught:
        read_result(data, case["exitCode"], "job.js")
    assert caught.value.code == outcome["error"]["code"]
    assert caught.value.retryable == outcome["error"]["retryable"]
    assert outcome["error"].get("message", str(caught.value)) == str(caught.value)


@named("result")
def test_schema_fits_what_a_job_may_write(case: dict[str, Any]) -> None:
    outcome = case["outcome"]
    accepted = "result" in outcome or "message" in outcome["error"]
    written = accepted or outcome["error"]["code"] == "EXIT_CODE"
    if "document" in case:
        assert schema("result").is_valid(case["document"]) == written


def test_vectors_hold_both_kinds() -> None:
    for kind in ("context", "result"):
        outcomes = [case["outcome"] for case in VECTORS[kind]]
        assert len(outcomes) > 25
        assert len({json.dumps(outcome) for outcome in outcomes}) > 3


def test_context_of_a_plain_script_fits_the_schema() -> None:
    answer = run_node(
        JOBS / "echo.mjs",
        {"day": "2013-01-01", "text": "a\u2028b'\"$`\\ é😀"},
        datastores={"local": "local-file-system/etl-data", "default": "local"},
        time_zone="America/New_York",
    )
    context = answer["context"]
    schema("context").validate(context)
    assert context["params"] == {"day": "2013-01-01", "text": "a\u2028b'\"$`\\ é😀"}
    assert context["flowRun"] is context["taskRun"] is context["deployment"] is None
    assert context["timeZone"] == "America/New_York"
    assert context["datastores"] == {"local": "local-file-system/etl-data", "default": "local"}
    assert context["parentProcessId"] == answer["parentProcessId"]
    assert answer["folderMode"] == "700"


@pytest.mark.parametrize("size", [64_000, 66_000, 3_000_000])
def test_large_context_goes_through_a_private_file(size: int, temporary_folder: Path) -> None:
    answer = run_node(JOBS / "echo.mjs", {"text": "x" * size})
    assert answer["context"]["params"]["text"] == "x" * size
    assert answer.get("contextFile") == ({"mode": "600"} if size > 65_000 else None)
    schema("context").validate(answer["context"])
    assert list(temporary_folder.iterdir()) == []


def test_other_protocol_names_both_versions() -> None:
    with pytest.raises(NodeJobError, match="protocol 7, this flow speaks protocol 1") as caught:
        run_node(JOBS / "answer.mjs", {"document": {"protocol": 7}})
    assert caught.value.code == "UNKNOWN_PROTOCOL"


def test_operation_is_not_changed_by_other_params() -> None:
    operation = node_operation(JOBS / "echo.mjs", {"a": 1})
    assert run_node(operation, {"b": 2})["context"]["params"] == {"b": 2}
    assert run_node(operation)["context"]["params"] == {"a": 1}
