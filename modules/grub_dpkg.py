"""grub_dpkg: tell Debian's GRUB packages which disk to write the boot loader to, so that an upgrade does not ask.

    grub_dpkg:
      enabled: true
      grub-pc/install_devices: /dev/vda
      grub-pc/install_devices_empty: false

Off unless ``enabled``. A disk that is not named is the one that /boot (or, on EFI, /boot/efi) is on, by its lasting
name below /dev/disk/by-id where it has one. Nothing is reinstalled now.
"""

from __future__ import annotations

from cloudboot.admin import debconf
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Deprecated, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Union


class Options(Noun):
    enabled: bool = option(Bool, default=False, help="whether anything is done")
    devices: Optional[str] = option(
        Text, default=None, key="grub-pc/install_devices", help="the disk of a machine that boots by BIOS"
    )
    empty: Union[bool, str, None] = option(
        AnyOf(Bool, Deprecated(Text, "22.3", "a boolean")),
        default=None,
        key="grub-pc/install_devices_empty",
        help="whether it is right to write it to no disk",
    )
    efi: Optional[str] = option(
        Text, default=None, key="grub-efi/install_devices", help="the partition of a machine that boots by EFI"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.enabled:
        return
    if system.exists("/sys/firmware/efi"):
        devices = options.efi if options.efi is not None else _found(system, "findmnt", "-no", "SOURCE", "/boot/efi")
        debconf.answer(system, f"grub-pc grub-efi/install_devices string {devices}")
        return
    devices = options.devices if options.devices is not None else _found(system, "grub-probe", "-t", "disk", "/boot")
    empty = not devices if options.empty is None else options.empty
    debconf.answer(
        system,
        f"grub-pc grub-pc/install_devices string {devices}",
        f"grub-pc grub-pc/install_devices_empty boolean {str(empty).lower()}",
    )


def _found(system: System, *question: str) -> str:
    """The device that a question is answered with, by a name that does not change from boot to boot."""
    device = system.query(*question).stdout.decode("utf-8", "replace").strip()
    if not device:
        return ""
    links = system.query("udevadm", "info", "--root", "--query=symlink", device).stdout.decode().split()
    lasting = sorted(link for link in links if "by-id" in link)
    return lasting[0] if lasting else device


MODULE = Module("grub_dpkg", Stage.CONFIG, Every.INSTANCE, Options, apply, key="grub_dpkg", distros=("debian",),
                after=("locale",), aliases={"grub-dpkg": "22.2"})  # fmt: skip
