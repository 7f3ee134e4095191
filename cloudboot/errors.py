"""Problems that a person can act on: what failed, the way out, and where.

A bug is not one of these: it stays an ordinary exception and is caught in one place, the command line.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import List, Optional


class Place(Noun):
    """Where in a document: ``file:line:column: path``. Lines and columns count from 1; 0 is unknown."""

    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        spot = self.file
        if self.line:
            spot += f":{self.line}:{self.column}" if spot else f"line {self.line}:{self.column}"
        return f"{spot}: {self.path}" if spot and self.path else spot or self.path


class CloudbootError(Exception):
    """Something a person can act on. ``reason`` and ``remedy`` never hold a secret or a user's value."""

    def __init__(self, reason: str, remedy: str = "", place: Optional[Place] = None) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.place = reason, remedy, place

    def __str__(self) -> str:
        text = f"{self.place}: {self.reason}" if self.place and str(self.place) else self.reason
        return f"{text}; {self.remedy}" if self.remedy else text


class Usage(CloudbootError):
    """The words of the command line are wrong."""


class Invalid(CloudbootError):
    """A user's value does not have the shape asked for."""


class Uninstalled(CloudbootError):
    """A Python package that this needs is not there for this interpreter. ``package`` is what people call it,
    ``debian`` the distribution's name for it."""

    def __init__(self, package: str, debian: str) -> None:
        import sys

        super().__init__(f"the Python package {package} is not installed for {sys.executable}",
                         f"apt-get install {debian}, or {sys.executable} -m pip install {package}")  # fmt: skip


class BadPart(CloudbootError):
    """A part of user-data that cannot be understood; the other parts still count."""


class NotYet(CloudbootError):
    """A datasource: ask me again in a later stage."""


class Moved(CloudbootError):
    """A datasource: the network of this machine has become another one; ask me again over what is there now."""


class Absent(CloudbootError):
    """A datasource: this machine is not mine after all."""


class Unreachable(CloudbootError):
    """A datasource that this machine has, but which does not answer: never proof of a new instance."""


class Missing(Unreachable):
    """The other side answers, and says that there is nothing at this address (or not for us)."""


class CommandFailed(CloudbootError):
    """A command exited with a status that means failure; ``code`` is that status, negative for a signal."""

    def __init__(self, reason: str, remedy: str = "", code: int = 1) -> None:
        super().__init__(reason, remedy)
        self.code = code


class UnsafePath(CloudbootError):
    """A path leads through a link that somebody other than root could have placed."""


class Busy(CloudbootError):
    """Something else holds what is needed, and the wait for it is over."""


class Trouble:
    """What went wrong on the way, kept until all that can be done is done: ``with trouble: step()`` goes on after a
    problem, and `tell` raises what has come together."""

    def __init__(self) -> None:
        self.met: List[CloudbootError] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: object, trace: object) -> bool:
        if isinstance(problem, CloudbootError):
            self.met.append(problem)
            return True
        return False

    def tell(self) -> None:
        if len(self.met) == 1:
            raise self.met[0]
        if self.met:
            raise CloudbootError("; ".join(dict.fromkeys(str(problem) for problem in self.met)))


def where(bug: BaseException) -> str:
    """File and line of a bug, for its report."""
    trace = bug.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"


def said(what: str, path: str, problem: OSError) -> CloudbootError:
    """What the system said when a file was to be read or changed, and what can be done about it."""
    remedies = {28: "make room on the disk", 30: "the file system is mounted read-only", 13: "run this as root"}
    return CloudbootError(f"cannot {what} {path}: {problem.strerror}", remedies.get(problem.errno or 0, ""))
