"""runcmd: commands to run once, at the end of the first boot.

    runcmd:
      - [systemctl, restart, rsyslog]
      - cd /srv && ./install.sh
      - logger installed
    runcmd_on_error: stop

A list is one command with its arguments; text is for the shell. All entries together are one script of /bin/sh, so that
a directory, a variable or ``set -e`` of one holds for those after it. This module only writes the script, as runcmd
among the scripts of the instance, and scripts_user runs it there in the order of their names, after packages are
installed and deferred files written.

How each entry ended, after how long and with what last words is in scripts/runcmd.json beside it. With ``continue``
(what everybody is used to) an entry that fails is a warning, and the script's status is that of its last entry;
``stop`` ends the script at the first entry that fails; ``fail`` runs them all and then fails. An entry of nothing is
passed over. A script that a power cut interrupted is reported, not run again.
"""

from __future__ import annotations

from cloudboot.admin.commands import COMMANDS_OR_NOTHING, script
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Choice
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Tuple

    from cloudboot.admin.commands import Entry


class Options(Noun):
    runcmd: Optional[Tuple[Entry, ...]] = option(COMMANDS_OR_NOTHING, help="commands, run in order by one shell")
    runcmd_on_error: str = option(
        Choice("continue", "stop", "fail"), default="continue", help="what an entry that fails means for the others"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.runcmd is not None:
        text = script(system, "runcmd", options.runcmd, options.runcmd_on_error)
        system.write(f"{boot.folder}/scripts/runcmd", text, mode=0o700)


MODULE = Module("runcmd", Stage.CONFIG, Every.INSTANCE, Options, apply, after=("disable_ec2_metadata",))
