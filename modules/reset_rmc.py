"""reset_rmc: a node id of its own for IBM's cluster software (RSCT) on a copied machine.

    {}

RSCT tells machines apart by the number in /etc/ct_node_id, which a copy has in common with its model, so that the
management console of a PowerVM cannot reach either. Where RSCT is installed (/opt/rsct/install/bin) its subsystem is
stopped, given a new number by ``recfgct``, and opened to the console again. It needs no key, and does nothing on a
machine that no datasource knows.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import Noun
from cloudboot.system.door import System

INSTALLER = "/opt/rsct/install/bin"
RECONFIGURE = f"{INSTALLER}/recfgct"
CONTROL = "/opt/rsct/bin/rmcctrl"
SECONDS = 120.0


class Options(Noun):
    pass


def apply(system: System, options: Options, boot: Boot) -> None:
    if not system.exists(INSTALLER) or boot.instance.datasource.lower() == "none":
        return
    system.run(CONTROL, "-z", timeout=SECONDS, machine=True)
    system.run(RECONFIGURE, timeout=SECONDS, machine=True)
    system.run(CONTROL, "-p", timeout=SECONDS, machine=True)


MODULE = Module(
    "reset_rmc",
    Stage.FINAL,
    Every.INSTANCE,
    Options,
    apply,
    unasked=True,
    after=("package_update_upgrade_install", "salt_minion"),
    work=Work(there=(INSTALLER,)),
)
