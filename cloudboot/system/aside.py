"""A child of this process that works something out beside it, and says what comes of it line by line.

What it does to memory is lost, what it holds can be ended at any time: two properties that a thread does not have.
"""

from __future__ import annotations

import os
import select
import sys
from time import monotonic

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from typing import Callable, List, Optional, Sequence

    Say = Callable[[bytes], None]
else:
    import _signal as signal  # what is around it costs an import of enum

MOST_SAID = 256 << 20


class Aside:
    """Starts ``work(say)`` in a child. ``over``: it has ended, or said more than anybody wants to hear.

    A child that outlives what its parent is at takes along only the descriptors to ``keep``, and no handler of signals:
    whoever waits for the parent's end must not wait for the child's.
    """

    def __init__(self, work: Callable[[Say], None], keep: Optional[Sequence[int]] = None) -> None:
        self.over = False
        self._rest, self._said = b"", 0
        self.fd, write = os.pipe2(os.O_CLOEXEC)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.fd)
                if keep is not None:
                    _let_go({0, 1, 2, write, *keep})
                work(lambda line: _write(write, line + b"\n"))
            finally:  # nothing of what is open belongs to this process, whatever came up
                trace = sys.exc_info()
                if trace[0] is not None and issubclass(trace[0], Exception):
                    sys.excepthook(trace[0], trace[1], trace[2])
                os._exit(0)
        os.close(write)

    def lines(self) -> List[bytes]:
        """What it has said since it was last heard; waits until there is something."""
        data = os.read(self.fd, 1 << 20)
        self._said += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.over = not data or self._said > MOST_SAID
        return lines

    def end(self) -> None:
        """Ends it, whatever it is doing."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def heard(children: Sequence[Aside], deadline: float) -> List[Aside]:
    """Those of the children that have something to say, as soon as one has; none at the ``deadline``."""
    poll = select.poll()
    for child in children:
        poll.register(child.fd, select.POLLIN)
    left = max(0.0, deadline - monotonic())
    ready = {fd for fd, _ in poll.poll(left * 1000 + 1)}
    return [child for child in children if child.fd in ready]


def _let_go(kept: set[int]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:  # the one that the list was read from
                pass


def _write(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
