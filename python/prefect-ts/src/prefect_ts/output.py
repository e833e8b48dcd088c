"""What a Node job prints although nobody reads it: kept, bounded, for the message of a failure."""

from __future__ import annotations

import codecs
import os
import threading
from collections.abc import Callable
from contextvars import copy_context

_KEPT_BYTES = 64 * 1024
_SHOWN_LINES = 20
_SHOWN_CHARACTERS = 400


class OutputTail:
    """One pipe for stdout and stderr of a process, drained by a thread.

    prefect-shell keeps every line, and reads them one by one in Python: 100,000 lines cost minutes
    when they are streamed to the log. This reads 64 KiB at a time and keeps the last 64 KiB.

    Attributes:
        write_end: The descriptor that the process writes to.
        ended: Set when nobody can write any more, as a rule because the process has ended.
    """

    def __init__(self, on_line: Callable[[str], object] | None = None):
        self._read_end, self.write_end = os.pipe()
        self._tail = bytearray()
        self._cut = False
        self._on_line = on_line
        self._drain = threading.Thread(
            target=copy_context().run, args=(self._read,), name="prefect-ts-output", daemon=True
        )
        self.ended = threading.Event()

    def start(self) -> None:
        """Give up the write end, which the process has inherited, and start reading."""
        self._drain.start()
        self._give_up()

    def close(self) -> None:
        """Wait for what was written; at most a second, for a grandchild may hold the pipe open."""
        self._give_up()
        if self._drain.ident is None:
            os.close(self._read_end)
        else:
            self._drain.join(1)

    def text(self, mask: Callable[[str], str]) -> str:
        """The last lines, masked whole before they are cut to a length fit for a message."""
        text = bytes(self._tail).decode(errors="replace").replace("\0", "")
        if self._cut:
            text = text.partition("\n")[2] or text
        lines = [line.rstrip() for line in mask(text).splitlines() if line.strip()]
        return "\n".join(line[:_SHOWN_CHARACTERS] for line in lines[-_SHOWN_LINES:])

    def _give_up(self) -> None:
        descriptor, self.write_end = self.write_end, -1
        if descriptor != -1:
            os.close(descriptor)

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        pending = ""
        try:
            while chunk := os.read(self._read_end, _KEPT_BYTES):
                self._tail += chunk
                if len(self._tail) > 2 * _KEPT_BYTES:
                    del self._tail[:-_KEPT_BYTES]
                    self._cut = True
                if self._on_line is not None:
                    *lines, pending = (pending + decoder.decode(chunk)).split("\n")
                    for line in lines:
                        self._on_line(line)
            if self._on_line is not None and pending:
                self._on_line(pending)
        finally:
            os.close(self._read_end)
            self.ended.set()
