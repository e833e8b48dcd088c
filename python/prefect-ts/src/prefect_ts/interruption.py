"""Whether the flow run around a submitted task is being interrupted."""

from __future__ import annotations

import sys
from itertools import chain

from prefect.context import FlowRunContext


def flow_interrupted() -> bool:
    """True when SIGTERM, Ctrl-C or a cancelled event loop ends the flow that submitted this task.

    Python delivers signals to the main thread only. There the flow unwinds into its task runner's
    `__exit__`, which tells the tasks (`_cancel_events`) and waits for their threads. A flow that
    merely returns ends the same way and lets running tasks finish, so the kind of exit is read from
    the frame that waits.
    """
    context = FlowRunContext.get()
    runner = context.task_runner if context else None
    events = getattr(runner, "_cancel_events", {})
    if not any(event.is_set() for event in events.copy().values()):
        return False
    for frame in chain.from_iterable(map(_stack, sys._current_frames().values())):
        if frame.f_code.co_name == "__exit__" and frame.f_locals.get("self") is runner:
            kind = frame.f_locals.get("exc_type")
            return isinstance(kind, type) and not issubclass(kind, Exception)
    return False


def _stack(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back
