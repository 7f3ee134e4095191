"""snap: assertions to believe, and commands for snapd.

    snap:
      assertions:
        - |
          type: account-key
          authority-id: example
      commands:
        - snap install canonical-livepatch
        - [install, --classic, certbot]

Both are a list, or a mapping of which the keys give the order. A command that is a text is one for the shell; one that
is a list is run as it is, with ``snap`` in front where that is missing. All are run, each within ten minutes; those
that failed are named in the end. One that ran when power failed is not run again. snapd is installed where it is not
there, and given five minutes to seed itself.
"""

from __future__ import annotations

from cloudboot.admin import packages
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, ListOf, MapOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Mapping, Tuple, Union

    Command = Union[str, Tuple[str, ...]]

SEED_SECONDS, COMMAND_SECONDS = 300.0, 600.0
COMMAND = AnyOf(ListOf(Text), Text)


class Options(Noun):
    _least = 1
    assertions: Union[Tuple[str, ...], Mapping[str, str]] = option(
        AnyOf(ListOf(Text, least=1, unique=True), MapOf(Text, least=1)), default=(), help="signed assertions"
    )
    commands: Union[Tuple[Command, ...], Mapping[str, Command]] = option(
        AnyOf(ListOf(COMMAND, least=1), MapOf(COMMAND, least=1)), default=(), help="commands to run, in order"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    if not system.which("snap"):
        packages.ensure(system, boot.host.os, "snapd")
    system.run("snap", "wait", "system", "seed.loaded", timeout=SEED_SECONDS, machine=True)
    assertions = _in_order(options.assertions)
    if assertions:
        path = f"{boot.folder}/snap.assertions"
        system.write(path, "\n\n".join(text.strip("\n") for text in assertions) + "\n", mode=0o600)
        system.run("snap", "ack", path, machine=True)
    trouble = Trouble()
    for n, command in enumerate(_in_order(options.commands)):
        with trouble:
            _run(system, n, command)
    trouble.tell()


def _in_order(given: Any) -> Tuple[Any, ...]:
    """The items of a list as they are, those of a mapping by its keys."""
    if isinstance(given, dict):
        return tuple(given[key] for key in sorted(given, key=_place))
    return tuple(given)


def _place(key: str) -> Tuple[int, str]:
    """Where a key stands: numbers by what they count, 2 before 10."""
    return (int(key), "") if key.isdecimal() else (-1, key)


def _run(system: System, n: int, command: Command) -> None:
    """Runs one; what it says may be secret and stays out of reports."""
    if isinstance(command, str):
        argv: Tuple[str, ...] = ("/bin/sh", "-c", command)
    else:
        argv = command if command[:1] == ("snap",) else ("snap", *command)
    done = system.run(*argv, timeout=COMMAND_SECONDS, in_doubt="skip", stream=True, check=False, machine=True,
                      describe=f"run snap.commands[{n}]")  # fmt: skip
    if done.doubted:
        system.warn(f"snap.commands[{n}] may have run before the power failed, and was not run again")
    elif done.code:
        raise CloudbootError(f"snap.commands[{n}] exited {done.code}", "the output log has all it said")


MODULE = Module("snap", Stage.CONFIG, Every.INSTANCE, Options, apply, key="snap", distros=("debian",),
                after=("wireguard",))  # fmt: skip
