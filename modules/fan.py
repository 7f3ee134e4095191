"""fan: an overlay network by arithmetic, for containers on Ubuntu.

    fan:
      config: |
        # fan 240
        10.0.0.0/8 eth0/16 dhcp
        10.0.0.0/8 eth1/16 dhcp off
      config_path: /etc/network/fan

Writes the file, installs ubuntu-fan where ``fanctl`` is missing, and has the service take it up. The file is written
before the package comes, so that its first start finds it.
"""

from __future__ import annotations

from cloudboot.admin import packages, services
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional


class Options(Noun):
    config: Optional[str] = option(Text, required=True, help="the whole content of the file, see fanctl(8)")
    config_path: str = option(Text, default="/etc/network/fan", help="the file")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.config:
        return
    changed = system.write(options.config_path, options.config.rstrip("\n") + "\n")
    if not system.which("fanctl"):
        packages.ensure(system, boot.host.os, "ubuntu-fan")
    if changed:
        services.restart(system, boot.host.os, "ubuntu-fan")


MODULE = Module("fan", Stage.FINAL, Every.INSTANCE, Options, apply, key="fan", distros=("ubuntu",),
                after=("package_update_upgrade_install",))  # fmt: skip
