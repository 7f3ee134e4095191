"""ubuntu_drivers: the drivers that Ubuntu may not ship switched on.

    drivers:
      nvidia:
        license-accepted: true
        version: "535"

NVIDIA's compute driver, of that version or the newest that suits the machine, once its licence is accepted; without
that nothing is done. ubuntu-drivers is installed where it is not there.
"""

from __future__ import annotations

from cloudboot.admin import debconf, packages
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional

LICENCE = "linux-restricted-modules linux/nvidia/latelink boolean true"
INSTALL_SECONDS = 1800.0


class Nvidia(Noun):
    accepted: bool = option(
        Bool, key="license-accepted", required=True, default=False, help="whether NVIDIA's licence is accepted"
    )
    version: str = option(Text, default="", help="the driver's version; the one that suits best if not given")


class Options(Noun):
    nvidia: Optional[Nvidia] = option(Nvidia, default=None, help="the driver for NVIDIA's GPUs")


def apply(system: System, options: Options, boot: Boot) -> None:
    nvidia = options.nvidia
    if nvidia is None or not nvidia.accepted:
        return
    if not system.which("ubuntu-drivers"):
        packages.ensure(system, boot.host.os, "ubuntu-drivers-common")
    debconf.answer(system, LICENCE)
    driver = f"nvidia:{nvidia.version}" if nvidia.version else "nvidia"
    system.run("ubuntu-drivers", "install", "--gpgpu", driver, timeout=INSTALL_SECONDS, stream=True)


MODULE = Module("ubuntu_drivers", Stage.FINAL, Every.INSTANCE, Options, apply, key="drivers", distros=("ubuntu",),
                after=("lxd",))  # fmt: skip
