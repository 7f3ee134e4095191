"""disable_ec2_metadata: keep everything on this machine from asking the metadata service.

    disable_ec2_metadata: true

At every boot a route makes 169.254.169.254 unreachable, with ``ip`` or, where there is none, with ``route``. cloudboot
itself asks before that, in the network stage.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import Noun, option
from cloudboot.schema import Bool
from cloudboot.system.door import System

SERVICE = "169.254.169.254"


class Options(Noun):
    disable_ec2_metadata: bool = option(Bool, default=False, help="whether the metadata service is cut off")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.disable_ec2_metadata:
        return
    if system.which("ip") or not system.which("route"):
        system.run("ip", "route", "replace", "prohibit", SERVICE, machine=True)
    else:
        system.run("route", "add", "-host", SERVICE, "reject", machine=True)


MODULE = Module("disable_ec2_metadata", Stage.CONFIG, Every.BOOT, Options, apply, after=("raspberry_pi", "timezone"))
