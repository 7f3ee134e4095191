"""set_hostname: gives a new machine its name, from the document or else from the cloud.

    hostname: web1
    fqdn: web1.example.com
    prefer_fqdn_over_hostname: false

The Red Hat family takes the full name unless told otherwise, every other the short one. A hostname without a domain
gets that of the cloud's name. Where neither the document nor the cloud says anything, the machine keeps its own.
"""

from __future__ import annotations

from cloudboot.admin import hostname
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.system.door import System


def apply(system: System, options: hostname.Wish, boot: Boot) -> None:
    name = hostname.chosen(options, boot.host.os, boot.instance)
    if options.preserve_hostname or not name:
        return
    hostname.keep(system, boot.host.os, name, options.create_hostname_file)
    hostname.take_on(system, name, boot.host.root)
    hostname.remember(system, name)


MODULE = Module("set_hostname", Stage.LOCAL, Every.INSTANCE, hostname.Wish, apply, unasked=True)
