"""update_hostname: follows the cloud when it renames the machine, unless somebody on the machine has chosen a name.

    hostname: web1
    preserve_hostname: false

It looks at every boot. A name that is not the one set last is somebody's own choice and stays.
"""

from __future__ import annotations

from cloudboot.admin import hostname
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.system.door import System


def apply(system: System, options: hostname.Wish, boot: Boot) -> None:
    os = boot.host.os
    name = hostname.chosen(options, os, boot.instance)
    if options.preserve_hostname or not name:
        return
    now, before = hostname.current(system, os), hostname.remembered(system)
    if now and now not in (name, before):
        if before:
            system.warn("somebody has renamed this machine; it keeps that name")
        return
    if now != name:
        hostname.keep(system, os, name, options.create_hostname_file)
        hostname.take_on(system, name, boot.host.root)
    hostname.remember(system, name)  # last: until then, a name that is not the one set last could pass for a choice


MODULE = Module("update_hostname", Stage.LOCAL, Every.BOOT, hostname.Wish, apply, unasked=True, after=("set_hostname",),
                work=Work(redone="set_hostname"))  # fmt: skip
