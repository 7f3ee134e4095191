"""ssh_import_id: lets in whom a public service knows the keys of.

    ssh_import_id: [gh:octocat, lp:example]
    users:
      - name: alice
        ssh_import_id: ["gh:alice"]

The names at the top are for the default user, those of a user for that user: gh: is GitHub, lp: Launchpad. The program
ssh-import-id fetches the keys, as the user whose they are to be; it is installed where it is not there, and asked once
more where it failed. A user whom it fails for stops none of the others.
"""

from __future__ import annotations

from cloudboot.admin import people
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import ListOf, Text
from cloudboot.system.door import System, failure

if TYPE_CHECKING:
    from typing import Dict, List, Tuple

PROGRAM = "ssh-import-id"
IMPORT_SECONDS = 60.0


class Options(Noun):
    ssh_import_id: Tuple[str, ...] = option(ListOf(Text), default=(), help="whose keys the default user is to have")


def apply(system: System, options: Options, boot: Boot) -> None:
    wanted = _wanted(system, options, boot)
    if not wanted:
        return
    if not system.which(PROGRAM):
        from cloudboot.admin import packages

        packages.ensure(system, boot.host.os, PROGRAM)
    trouble = Trouble()
    for user, ids in wanted.items():
        with trouble:
            _import(system, user, ids)
    trouble.tell()


def _wanted(system: System, options: Options, boot: Boot) -> Dict[str, List[str]]:
    """By user, whose keys."""
    roster = people.roster(boot.config)
    wanted: Dict[str, List[str]] = {}
    for person in roster.people:
        if person.ssh_import_id and not person.snapuser:
            wanted.setdefault(person.name, []).extend(person.ssh_import_id)
    if options.ssh_import_id and roster.default:
        wanted.setdefault(roster.default, []).extend(options.ssh_import_id)
    elif options.ssh_import_id:
        system.warn("there is no default user who could have the keys of ssh_import_id")
    return wanted


def _import(system: System, user: str, ids: List[str]) -> None:
    argv = (PROGRAM, *dict.fromkeys(ids))
    for _ in range(2):
        done = system.run(*argv, user=user, timeout=IMPORT_SECONDS, check=False)
        if not done.code:
            return
    raise CloudbootError(f"{failure(argv, done).reason} for {user}", "check the names, and that the network is there")


MODULE = Module("ssh_import_id", Stage.CONFIG, Every.INSTANCE, Options, apply, also=("users", "user"),
                after=("snap", "ubuntu_autoinstall", "wireguard"),
                work=Work(words=("ssh_import_id", "ssh-import-id")))  # fmt: skip
