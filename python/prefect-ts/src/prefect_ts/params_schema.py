"""The params of a Node job as it declares them itself: checked before it starts, shown in a deployment's form."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Annotated, Any

import jsonschema
from pydantic import AfterValidator, WithJsonSchema

from .environment import job_environment, mask_settings
from .errors import NodeJobError
from .handover import CONTEXT_VARIABLE, PROTOCOL
from .jsonable import to_jsonable
from .operation import NodeOperation, node_operation

_DESCRIBE_SECONDS = 60
_cache: dict[tuple[Any, ...], dict[str, Any]] = {}


def job_params_schema(
    operation: NodeOperation | str | os.PathLike[str], **options: Any
) -> dict[str, Any]:
    """The JSON Schema of a job's params: what `node script --describe` prints.

    Asked of the script once per process and version of the script (its path, time and size): that costs one
    start of Node, some 0.1 s. A changed import of an unchanged script is seen by the next process.

    Raises:
        NodeJobError: `DESCRIBE_FAILED`, with what the script printed: it calls no `runJob`, or its schema
            has no JSON Schema. `SCRIPT_NOT_FOUND`, `NODE_NOT_FOUND` and others as in `run_node`.
    """
    return _describe(_as_operation(operation, options), fresh=False)


def check_params(operation: NodeOperation, params: Any) -> None:
    """Refuse params that the job would refuse.

    Raises:
        NodeJobError: `INVALID_PARAMS`, naming each param; never its value.
    """
    problems = _problems(_describe(operation, fresh=False), params)
    # A refusal by a schema of before a deploy would be wrong; an acceptance the job itself corrects.
    if problems and (problems := _problems(_describe(operation, fresh=True), params)):
        raise NodeJobError(
            f"The job {operation.script} does not accept the params: {'; '.join(problems)}. Correct"
            " them; nothing was started",
            "INVALID_PARAMS",
        )


def job_params(operation: NodeOperation | str | os.PathLike[str], **options: Any) -> Any:
    """A type for a flow's parameter that holds the params of a job: `params: Report`.

    A deployment of the flow shows the job's own schema as its form, and server and flow refuse params that
    do not fit it before anything runs. The job is asked when the type is made: build it first.

    Examples:
        ```python
        Report = job_params("dist/main.js")


        @flow
        def report(params: Report):
            return run_node("dist/main.js", params)
        ```
    """
    job = _as_operation(operation, options)

    def check(params: dict[str, Any]) -> dict[str, Any]:
        if problems := _problems(_describe(job, fresh=False), to_jsonable(params)):
            raise ValueError("; ".join(problems))
        return params

    schema = {name: value for name, value in job_params_schema(job).items() if name != "$schema"}
    return Annotated[dict[str, Any], AfterValidator(check), WithJsonSchema(_titled(schema))]


def _titled(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with the name of each property as its title: Prefect's form shows its type else."""
    titled = dict(schema)
    if isinstance(schema.get("properties"), dict):
        titled["properties"] = {
            name: {"title": name, **_titled(each)} if isinstance(each, dict) else each
            for name, each in schema["properties"].items()
        }
    if isinstance(schema.get("items"), dict):
        titled["items"] = _titled(schema["items"])
    return titled


def _as_operation(
    operation: NodeOperation | str | os.PathLike[str], options: dict[str, Any]
) -> NodeOperation:
    if isinstance(operation, NodeOperation):
        return operation
    return node_operation(operation, **options)


def _describe(operation: NodeOperation, fresh: bool) -> dict[str, Any]:
    folder = Path(operation.working_dir or os.getcwd()).absolute()
    environment = job_environment(operation.env)
    environment.pop(CONTEXT_VARIABLE, None)
    operation.check_parts(environment)
    stat = (folder / operation.script).stat()
    key = (
        *(folder, operation.script, stat.st_mtime_ns, stat.st_size),
        *(operation.node, *operation.node_options),
    )
    if fresh or key not in _cache:
        _cache[key] = _ask(operation, folder, environment)
    return _cache[key]


def _ask(operation: NodeOperation, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    command = [*operation.argv(), "--describe"]
    failed = f"{operation.script} --describe"
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_DESCRIBE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NodeJobError(
            f"{failed} did not end within {_DESCRIBE_SECONDS} s: it must call runJob",
            "DESCRIBE_FAILED",
        ) from None
    try:
        answer = json.loads(done.stdout)
        if done.returncode == 0 and answer["protocol"] == PROTOCOL:
            jsonschema.Draft202012Validator.check_schema(answer["params"])
            return answer["params"]
    except (ValueError, KeyError, TypeError, jsonschema.SchemaError):
        pass
    printed = mask_settings(done.stderr.decode(errors="replace").strip())[-2000:]
    raise NodeJobError(
        f"{failed} ended with exit code {done.returncode} and printed no schema of its params: it must"
        f" call runJob of @prefect-ts/run{f'. Its errors: {printed}' if printed else ''}",
        "DESCRIBE_FAILED",
    )


def _problems(schema: dict[str, Any], params: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return [_problem(error) for error in sorted(validator.iter_errors(params), key=str)]


def _problem(error: jsonschema.ValidationError) -> str:
    # jsonschema's own messages quote the value.
    place = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        reason = f"lacks {', '.join(missing)}"
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = [name for name in error.instance if name not in known]
        reason = f"has the unknown {', '.join(unknown)}"
    elif error.validator in ("type", "format", "enum", "const"):
        reason = f"is not of {error.validator} {json.dumps(error.validator_value)}"
    else:
        reason = f"does not fit {error.validator} {json.dumps(error.validator_value)[:200]}"
    return f"{json.dumps(place) if place else 'the whole'} {reason}"
