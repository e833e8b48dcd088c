"""The block that starts a Node job."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect_shell import ShellOperation
from pydantic import Field, PrivateAttr, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from .environment import job_environment
from .errors import NodeJobError
from .handover import CONTEXT_VARIABLE, run_identity, write_context
from .jsonable import to_jsonable
from .output import OutputTail


class NodeOperation(ShellOperation):
    """
    A Node job: a script, and what it is called with.

    What the job needs to know of its run, and the Prefect settings with their keys, are put into the
    environment of the process when it starts; the block itself holds none of them.

    Attributes:
        script: The JavaScript file, absolute or relative to the working directory.
        params: What the job gets as its parameters; must have a JSON form.
        node: The Node program, a name on PATH or a path.
        node_options: Options for Node itself, before the script.
        datastores: Blocks by role: `local` and `remote` name them as `slug/name`, `default` is one
            of the two roles.
        time_zone: IANA name of the zone in which the job reckons days.
        check_params: Whether to check the params against the job's own schema before it starts.

    Examples:
        Run a job:
        ```python
        from prefect_ts import NodeOperation

        result = NodeOperation(script="dist/main.js", params={"rundate": "2013-01-01"}).run()
        ```
    """

    _block_type_name = "Node Operation"
    # Without a slug of its own the class would take ShellOperation's place in Prefect's registry.
    _block_type_slug = "node-operation"

    commands: SkipJsonSchema[list[str]] = Field(
        default_factory=list,
        exclude=True,
        description="Computed from node, node_options and script; a given value is ignored.",
    )
    script: str = Field(
        default=...,
        description="The JavaScript file, absolute or relative to the working directory.",
    )
    params: dict[str, Any] = Field(
        default_factory=dict, description="The parameters of the job; must have a JSON form."
    )
    node: str = Field(default="node", description="The Node program: a name on PATH, or a path.")
    node_options: list[str] = Field(
        default_factory=list, title="Node Options", description="Options for Node itself."
    )
    datastores: dict[str, str] = Field(
        default_factory=dict,
        description="Blocks as slug/name under `local` and `remote`; `default` is one of these two.",
    )
    time_zone: str = Field(
        default="UTC",
        title="Time Zone",
        description="IANA name of the zone that days are reckoned in.",
    )
    check_params: bool = Field(
        default=False,
        title="Check Params",
        description="Whether to ask the job for the schema of its params and check them before it starts.",
    )
    stream_output: bool = Field(
        default=False,
        description="Whether to log every line that the job prints; slow beyond some thousand lines.",
    )

    _output: OutputTail | None = PrivateAttr(default=None)
    _result_file: Path | None = PrivateAttr(default=None)

    @field_validator("datastores")
    @classmethod
    def _known_roles(cls, datastores: dict[str, str]) -> dict[str, str]:
        for role, value in datastores.items():
            if role not in ("local", "remote", "default"):
                raise ValueError(f"unknown role {role!r}: known are local, remote and default")
            if role == "default" and value not in ("local", "remote"):
                raise ValueError(f"default is {value!r}: must be 'local' or 'remote'")
            if role != "default" and not all(value.partition("/")[::2]):
                raise ValueError(f"{role} is {value!r}: must name a block as slug/name")
        return datastores

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            if name != "UTC":
                ZoneInfo(name)
        except (OSError, ValueError, LookupError):
            raise ValueError(f"unknown time zone {name!r}: must be an IANA name") from None
        return name

    @model_validator(mode="after")
    def _compute_commands(self) -> NodeOperation:
        # bash keeps the file open that it reads: removed first, the script is gone even when the
        # flow is killed. Without exec a cancelled flow would leave Node behind.
        self.commands = ['rm -f -- "$0"', f"exec {shlex.join(self.argv())}"]
        return self

    def argv(self) -> list[str]:
        """The command: Node, its options, the script."""
        # A path that starts with a dash would be an option.
        script = f"./{self.script}" if self.script.startswith("-") else self.script
        return [self.node, *self.node_options, script]

    async def arun(self) -> Any:
        """Run the job and return its result (async version); see `run`."""
        from .run import arun_node

        return await arun_node(self)

    @async_dispatch(arun)
    def run(self) -> Any:
        """
        Run the job and return its result, as `run_node` does.

        Raises:
            NodeJobError: The job failed or could not be started.
        """
        from .run import run_node

        return run_node(self)

    def fresh(self) -> NodeOperation:
        """A copy with no processes of its own yet, so that one operation can run many times at once."""
        copy = self.model_copy()
        copy._exit_stack, copy._sync_exit_stack = AsyncExitStack(), ExitStack()
        copy._output = copy._result_file = None
        return copy

    def read_result_file(self) -> bytes | None:
        """What the started job has written as its result so far; None when nothing."""
        try:
            return self._result_file.read_bytes() if self._result_file else None
        except FileNotFoundError:
            return None

    def _compile_kwargs(self, **open_kwargs: Any) -> dict[str, Any]:
        environment = self._exit_stack.enter_context(self._handover())
        return {**super()._compile_kwargs(**open_kwargs), **self._process(environment)}

    def _compile_kwargs_sync(self, **open_kwargs: Any) -> dict[str, Any]:
        environment = self._sync_exit_stack.enter_context(self._handover())
        return {**super()._compile_kwargs_sync(**open_kwargs), **self._process(environment)}

    def _process(self, environment: dict[str, str]) -> dict[str, Any]:
        if self._output is None:
            return {"env": environment}
        pipe = self._output.write_end
        return {"env": environment, "stdout": pipe, "stderr": pipe}

    @contextmanager
    def _handover(self) -> Generator[dict[str, str], None, None]:
        """The environment of one process, and the private folder of its result meanwhile."""
        self._compute_commands()
        environment = job_environment(self.env)
        self.check_parts(environment)
        params = to_jsonable(self.params)
        if self.check_params:
            from .params_schema import check_params

            check_params(self, params)
        context = {
            "params": params,
            **run_identity(),
            "timeZone": self.time_zone,
            "datastores": self.datastores,
            "parentProcessId": os.getpid(),
        }
        # Last: only the job itself can remove the folder of a flow that is killed.
        folder = Path(tempfile.mkdtemp(prefix="prefect-ts-"))
        try:
            self._result_file = folder / "result.json"
            context["resultFile"] = str(self._result_file)
            environment[CONTEXT_VARIABLE] = write_context(context, folder)
            yield environment
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def check_parts(self, environment: Mapping[str, str]) -> None:
        """Refuse to start what is not there: the script, Node, the working directory, a shell."""
        if sys.platform == "win32":
            raise NodeJobError(
                "prefect-ts starts Node jobs on Linux and macOS only, not on Windows: run the flow in"
                " WSL or a container",
                "UNSUPPORTED_PLATFORM",
            )
        folder = Path(self.working_dir or os.getcwd()).absolute()
        if not folder.is_dir():
            raise NodeJobError(
                f"Working directory {folder} does not exist", "WORKING_DIR_NOT_FOUND"
            )
        script = folder / self.script
        if not script.is_file():
            raise NodeJobError(
                f"Node script {script} does not exist: build the job, or correct script or working_dir",
                "SCRIPT_NOT_FOUND",
            )
        path = environment.get("PATH", os.defpath)
        node = str(folder / self.node) if "/" in self.node else self.node
        if shutil.which(node, path=path) is None:
            where = "is not an executable file" if "/" in node else f"is not on PATH ({path})"
            raise NodeJobError(
                f"Node program {node} {where}: install Node, or name it in node", "NODE_NOT_FOUND"
            )
        if shutil.which(self.shell or "bash", path=os.environ.get("PATH")) is None:
            raise NodeJobError(
                f"Shell {self.shell or 'bash'} is not on PATH: prefect-shell needs it",
                "SHELL_NOT_FOUND",
            )

    def __getstate__(self) -> dict[Any, Any]:
        # The stacks hold processes and generators: nothing that another process could use.
        state = super().__getstate__()
        return {**state, "__pydantic_private__": self.fresh().__pydantic_private__}


def node_operation(
    script: str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    node: str | os.PathLike[str] = "node",
    node_options: Sequence[str] = (),
    datastores: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    working_dir: str | os.PathLike[str] | None = None,
    time_zone: str = "UTC",
    check_params: bool = False,
    stream_output: bool = False,
) -> NodeOperation:
    """A `NodeOperation`: a Node job as a block, to be run by `run_node` or saved.

    Args:
        script: The JavaScript file, absolute or relative to `working_dir`.
        params: The parameters of the job. Dates become ISO text, UUIDs and paths text; anything else
            without a JSON form is refused when the job starts.
        node: The Node program, a name on PATH or a path.
        node_options: Options for Node itself, before the script.
        datastores: `local` and `remote` name blocks as `slug/name`; `default` is `local` or `remote`.
        env: More environment variables. They are kept in the block as they are and win over all
            others: no place for secrets.
        working_dir: Where the job runs; must exist. By default the directory of the flow process.
        time_zone: IANA name of the zone in which the job reckons days.
        check_params: Whether to ask the job for the schema of its params (`runJob` answers `--describe`)
            and check them before it starts. Costs one more start of Node, once per process and version of
            the script.
        stream_output: Whether to log every line that the job prints.
    """
    return NodeOperation(
        script=os.fspath(script),
        params=dict(params or {}),
        node=os.fspath(node),
        node_options=list(node_options),
        datastores=dict(datastores or {}),
        env=dict(env or {}),
        working_dir=Path(working_dir) if working_dir is not None else None,
        time_zone=time_zone,
        check_params=check_params,
        stream_output=stream_output,
    )
