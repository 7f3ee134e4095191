"""bootcmd: commands to run early, at every boot.

    bootcmd:
      - [mkdir, -p, /run/cache]
      - echo 192.168.1.130 mirror.internal >> /etc/hosts

Written as for runcmd and run as one script of /bin/sh, in the network stage, once the owner can log in and before
anything else. INSTANCE_ID and CLOUDBOOT_STAGE are in the environment. The module fails when the last command fails; an
earlier one that fails is a warning. How each entry ended is in /run/cloudboot/bootcmd.json.

For something that is to happen once only, use runcmd, or let the command look whether it is done.
"""

from __future__ import annotations

from cloudboot.admin.commands import COMMANDS, script
from cloudboot.admin.scripts import ScriptOptions, run_script
from cloudboot.card import RUN
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, option
from cloudboot.system.door import System, failure

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.admin.commands import Entry

PATH = f"{RUN}/bootcmd"


class Options(ScriptOptions):
    bootcmd: Tuple[Entry, ...] = option(COMMANDS, default=(), help="commands, run in order by one shell at every boot")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.bootcmd:
        return
    system.write(PATH, script(system, "bootcmd", options.bootcmd), mode=0o700)
    done = run_script(system, options, PATH, ("/bin/sh", PATH), boot.env)
    if done.code:
        raise failure(("bootcmd",), done, quiet=True)


MODULE = Module("bootcmd", Stage.NETWORK, Every.BOOT, Options, apply,
                after=("boothooks", "seed_random", "set_passwords", "ssh_host_keys", "users_groups"))  # fmt: skip
