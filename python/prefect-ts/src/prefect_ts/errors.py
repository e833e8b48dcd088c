"""The error of the flow's side."""

from __future__ import annotations


class NodeJobError(RuntimeError):
    """A Node job that failed, could not start, or did not hand back a result.

    `str(error)` is the job's own one-line message where the job wrote one, so that Prefect's state
    message shows it.

    Attributes:
        code: What went wrong: the job's own code, or one of `NODE_NOT_FOUND`, `SCRIPT_NOT_FOUND`,
            `WORKING_DIR_NOT_FOUND`, `SHELL_NOT_FOUND`, `INVALID_PARAMS`, `NO_API_URL`,
            `UNSUPPORTED_PLATFORM`, `DESCRIBE_FAILED`, `NO_FLOW_RUN`, `IMAGE_NOT_FOUND` (nothing was
            started), `DOCKER_FAILED`, `NO_RESULT`,
            `INVALID_RESULT`, `UNKNOWN_PROTOCOL`, `EXIT_CODE`, `CANCELLED`.
        retryable: Whether the job said that running it again may help.
    """

    def __init__(self, message: str, code: str = "UNKNOWN", retryable: bool = False):
        super().__init__(message)
        self.code = code
        self.retryable = retryable
