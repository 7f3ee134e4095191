"""Hears what a running script says of its own progress, in step with what it prints."""

from __future__ import annotations

import os
import time

from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.actions import Mark
from cloudboot.text import clipped

if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional

KEPT_WORDS = 2048
MOST_MARKS = 10_000


class Marks:
    """Two pipes, which the script opens by name, so that no child of it inherits them. It writes a line to the one and
    waits for a line from the other: by then all that it had printed is here, and belongs to that mark."""

    def __init__(self, output: Optional[Callable[[bytes], None]]) -> None:
        self.fd, self._in = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._out, self._answer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.found: List[Mark] = []
        self._output, self._said, self._started = output, b"", time.monotonic()

    @property
    def env(self) -> Dict[str, str]:
        return {"CLOUDBOOT_MARKS": f"/proc/{os.getpid()}/fd/{self._in}",
                "CLOUDBOOT_HEARD": f"/proc/{os.getpid()}/fd/{self._out}"}  # fmt: skip

    def hear(self, data: bytes) -> None:
        """Some of the script's output, in the order of its coming."""
        self._said = (self._said + data)[-2 * KEPT_WORDS :]
        if self._output:
            self._output(data)

    def take(self) -> None:
        """The marks that wait; all output so far has been heard."""
        seconds = time.monotonic() - self._started
        lines = os.read(self.fd, 65536).decode("utf-8", "replace").splitlines()
        for line in lines[: MOST_MARKS - len(self.found)]:
            said = clipped(self._said, KEPT_WORDS).decode("utf-8", "replace")
            self.found.append(Mark(line, round(seconds, 3), said))
            self._said = b""
        try:
            os.write(self._answer, b"\n" * len(lines))
        except BlockingIOError:  # it marks and never listens: it gets no answer
            pass

    def close(self) -> None:
        for fd in (self.fd, self._in, self._out, self._answer):
            os.close(fd)
