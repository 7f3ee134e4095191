"""How the stage units of systemd and the one process that does the work meet: a named pipe a stage.

A stage unit's shell opens its pipe for reading, which blocks until this side opens it for writing; so the opening is
the unit's "go" and our "it is asked for" at once. One line, ``CODE TEXT``, ends the stage; a line ``wait`` before it
has systemd count the time that the unit may take anew. When this process dies, the shell reads the end of the file
instead; when it hangs, the unit's time runs out. Pipes that are removed make ``ConditionPathExists=`` skip their units.
"""

from __future__ import annotations

import os
import time

from cloudboot.errors import Busy
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from typing import Any, Dict, Iterable, List, Optional, Tuple
else:
    import _signal as signal  # what is around it costs an import of enum

GATES = ("local", "access", "network", "config", "final")
"""The stages, and after the first of them the users: their unit ends when these are final, in whichever stage."""
WAIT_SECONDS, FIRST_SECONDS = 1800, 86400
"""For a stage's unit to be started; and for the first one's, which comes after whatever a person may have to mend."""
LOOK_SECONDS = 1.0
LINGER_SECONDS = 10.0
WAIT = b"wait\n"


class Gates:
    """The pipes in ``folder``, one for each of ``stages``."""

    def __init__(self, folder: str, stages: Iterable[str]) -> None:
        self.folder = folder
        self._stages = tuple(stages)
        self._open: Dict[str, int] = {}
        self._left: List[int] = []
        self._done: List[str] = []
        self._lingered = -LINGER_SECONDS
        os.makedirs(folder, 0o755, exist_ok=True)
        for stage in self._stages:
            path = os.path.join(folder, stage)
            if not os.path.exists(path):
                os.mkfifo(path, 0o600)
        ready()

    def wait(self, stage: str, seconds: int = WAIT_SECONDS) -> None:
        """Returns when the stage's unit is started, or a later one's: then this one is over, or never comes.

        Raises `Busy` when neither is so for so long.
        """
        later = self._after(stage)
        end = time.monotonic() + seconds

        def look(number: int, frame: Any) -> None:
            if any(self._asked(other) for other in later):
                raise TimeoutError
            if time.monotonic() >= end:
                raise Busy(f"the unit of stage {stage} was not started within {seconds} s",
                           f"see systemctl status cloudboot-{stage}.service")  # fmt: skip

        if self.is_open(stage):
            return
        before = signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)
        try:
            self._open[stage] = os.open(os.path.join(self.folder, stage), os.O_WRONLY | os.O_CLOEXEC)
        except TimeoutError:
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def is_open(self, stage: str) -> bool:
        """Has this stage's unit been heard, or a later one's?"""
        return stage in self._open or any(other in self._open for other in self._after(stage))

    def _after(self, stage: str) -> Tuple[str, ...]:
        return self._stages[self._stages.index(stage) + 1 :]

    def _asked(self, stage: str) -> bool:
        """Is there a unit that waits for this stage already? Its pipe stays open, or it would read its end."""
        try:
            pipe = os.open(os.path.join(self.folder, stage), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        self._open[stage] = pipe
        return True

    def done(self, stage: str, code: int, text: str) -> bool:
        """Ends the stage's unit with this status; the text is its line in the journal. False where no unit was told;
        the word is left in the pipe for one that comes yet."""
        word = f"{code} {' '.join(text.split())[:400]}\n".encode()
        self._done.append(stage)
        if stage not in self._open and not self._asked(stage):
            self._leave(stage, word)
            return False
        fd = self._open.pop(stage)
        try:
            os.write(fd, word)
        except BrokenPipeError:  # its unit ran out of time: the work goes on without it
            return False
        finally:
            os.close(fd)
        return True

    def linger(self) -> None:
        """To be said again and again while it is right to wait without an end: the time of those units that wait now
        begins anew. Whoever does not come to say it hangs, and the units end."""
        if time.monotonic() < self._lingered + LINGER_SECONDS:
            return
        self._lingered = time.monotonic()
        for stage in self._stages:
            if stage in self._open or (stage not in self._done and self._asked(stage)):
                try:
                    os.write(self._open[stage], WAIT)
                except OSError:  # its unit is gone, or reads no more
                    pass

    def _leave(self, stage: str, word: bytes) -> None:
        try:
            fd = os.open(os.path.join(self.folder, stage), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        self._left.append(fd)  # the pipe holds the word for as long as somebody has it open
        os.write(fd, word)

    def close(self, code: int, text: str) -> None:
        """There is nothing to do: the units that wait end with this, and the others cost no process."""
        waiting = [stage for stage in self._stages if stage in self._open or self._asked(stage)]
        self.drop()
        for stage in waiting:
            self.done(stage, code, text)

    def drop(self) -> None:
        """There is nothing more to do: the units of stages that have not begun shall cost no process."""
        for stage in self._stages:
            try:
                os.unlink(os.path.join(self.folder, stage))
            except FileNotFoundError:
                pass


def ready(environ: Optional[Dict[str, str]] = None) -> None:
    """Tells systemd that the pipes are there (sd_notify(3))."""
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if address:
        from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, socket  # what is around it costs more than all of this

        notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC)
        notify.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)
        notify.close()


def unit() -> str:
    """How systemd sees the agent: ``active``, ``failed``, ``coming`` when it is to be started, else ``inactive``.

    Empty where there is no systemd to ask.
    """
    if not os.path.isdir("/run/systemd/system"):
        return ""
    from cloudboot.system.spawn import spawn

    asked = spawn(["systemctl", "show", "-p", "ActiveState", "-p", "Job", "cloudboot.service"], timeout=10.0)
    said = dict(line.split("=", 1) for line in asked.stdout.decode().splitlines() if "=" in line)
    state = said.get("ActiveState", "")
    if state in ("activating", "reloading") or said.get("Job", "0") not in ("", "0"):
        return "coming"
    return state
