"""Installs packages, whatever the tool: told what to do without asking, its lock awaited by the name of its holder."""

from __future__ import annotations

from cloudboot.admin.package_tools import Tool, fitting
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.system.door import failure

if TYPE_CHECKING:
    from typing import Iterable, Mapping, Sequence, Tuple

    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System
    from cloudboot.values import Os

LOCK_SECONDS = 600.0
TOOL_SECONDS = 3600.0
ROUNDS = 3


class Package(Noun):
    """A package by name; ``version`` in the words of its tool, any where it is empty."""

    name: str
    version: str = ""


def ensure(system: System, os: Os, *names: str) -> None:
    """Has these packages installed. The lists of what there is are fetched only when they prove too old for it."""
    tool = fitting(system, os)
    done = _tell(system, tool, (*tool.install, *names))
    if done.code and tool.refresh:
        refresh(system, tool)
        done = _tell(system, tool, (*tool.install, *names))
    _demand(tool, done, names)


def ensure_first(system: System, os: Os, *wanted: Package) -> None:
    """Has one of these installed: the first that the tool knows, for packages that have other names elsewhere."""
    tool = fitting(system, os)
    for fresh in (False, True):
        if fresh:
            refresh(system, tool)
        for package in wanted:
            try:
                if not install(system, tool, [package]):
                    return
            except CloudbootError:  # the lists may be too old to fetch it by
                if fresh or not tool.refresh:
                    raise
                break
    names = " or ".join(package.name for package in wanted)
    raise CloudbootError(f"there is no package {names}", "add the repository it is from, or name another package")


def refresh(system: System, tool: Tool) -> None:
    """Fetches the lists of what there is to install."""
    if tool.refresh:
        _demand(tool, _tell(system, tool, tool.refresh))


def upgrade(system: System, tool: Tool) -> None:
    """Brings everything that is installed to its newest version."""
    _demand(tool, _tell(system, tool, tool.upgrade))


def install(system: System, tool: Tool, wanted: Sequence[Package]) -> Tuple[str, ...]:
    """Installs these, and says which of them the tool does not know; the others are in place then."""
    words = {package.name: tool.spelled(package.name, package.version) for package in wanted}
    if tool.singly:
        return tuple(lost for name, each in words.items() for lost in _install(system, tool, {name: each}))
    return _install(system, tool, words)


def _install(system: System, tool: Tool, words: Mapping[str, Sequence[str]]) -> Tuple[str, ...]:
    done = _tell(system, tool, (*tool.install, *(w for each in words.values() for w in each)))
    lost = _unknown(tool, done, words)
    rest = {name: each for name, each in words.items() if name not in lost}
    if lost and rest:
        done = _tell(system, tool, (*tool.install, *(w for each in rest.values() for w in each)))
    if rest:
        _demand(tool, done, tuple(rest))
    return lost


def _tell(system: System, tool: Tool, words: Sequence[str]) -> Outcome:
    """Gives the tool its orders; again where another had its lock, or after mending what a power cut left."""
    argv = (*tool.program, *words)
    for _ in range(ROUNDS):
        if tool.locks:
            system.await_lock(*tool.locks, timeout=LOCK_SECONDS)
        done = system.run(
            *argv,
            env=tool.env,
            timeout=TOOL_SECONDS,
            stream=True,
            check=False,
            describe=f"run {tool.name} {' '.join(words)}",
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        if done.code in tool.fine:
            return done.but(code=0)
        if tool.interrupted and tool.interrupted in said:
            system.run(*tool.mend, env=tool.env, timeout=TOOL_SECONDS, stream=True)
        elif not (tool.busy and tool.busy in said):
            break
    return done


def _demand(tool: Tool, done: Outcome, names: Sequence[str] = ()) -> None:
    if done.code:
        problem = failure((tool.name,), done)
        what = f" for {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}" if names else ""
        raise CloudbootError(f"{problem.reason}{what}", "the output log has all it said")


def _unknown(tool: Tool, done: Outcome, names: Iterable[str]) -> Tuple[str, ...]:
    """Which of ``names`` the tool said it does not know."""
    if not done.code or not tool.unknown:
        return ()
    import re

    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    found = {g.partition("=")[0] for match in re.finditer(tool.unknown, said) for g in match.groups() if g}
    return tuple(name for name in names if name in found)
