"""growpart: has partitions take up a disk that has become larger.

    growpart:
      mode: auto
      devices: [/, /dev/vdb1]
      ignore_growroot_disabled: false

It runs at every boot, for the partition of the root file system where nothing else is asked for; each device is a mount
point or a partition. With ``auto`` it uses growpart(1), or else sfdisk; no program is started unless there is room
behind the partition. ``off`` (or the file /etc/growroot-disabled) leaves all as it is. Only the last partition before
free room can grow; the file system is the affair of resizefs.

Below LVM the physical volume grows too, and the logical volume by what that brought. Below LUKS the mapping grows where
the image left a key for that in /cc_growpart_keydata (JSON: ``key`` in base64, ``slot``); the key slot and the file are
gone afterwards. gpart is a program of FreeBSD.
"""

from __future__ import annotations

from cloudboot.admin import devices, lvm, mountinfo, partitions
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Deprecated, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Tuple, Union

    from cloudboot.admin.devices import Device

KEY = "/cc_growpart_keydata"
DISABLED = "/etc/growroot-disabled"
SECONDS = 120.0


class Options(Noun):
    mode: Union[str, bool] = option(
        AnyOf(Choice("auto", "growpart", "gpart", "off"), Deprecated(Choice(False), "22.3", "off")),
        default="auto",
        help="the program that does it; off for none",
    )
    devices: Tuple[str, ...] = option(ListOf(Text), default=("/",), help="mount points and partitions")
    ignore_growroot_disabled: bool = option(Bool, default=False, help=f"go on even where there is a file {DISABLED}")


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.mode in ("off", False) or boot.host.container:
        return
    if system.exists(DISABLED) and not options.ignore_growroot_disabled:
        return
    trouble = Trouble()
    for path in options.devices:
        with trouble:
            device = _device(system, path)
            if device:
                _grow(system, device, str(options.mode), f"{boot.folder}/growing-{device.name}")
            elif path != "/":
                system.warn(f"growpart: {path} is neither mounted from a disk nor a block device")
    trouble.tell()


def _device(system: System, path: str) -> Optional[Device]:
    if path.startswith("/dev/"):
        return devices.find(system, path)
    mount = next((m for m in mountinfo.mounts(system) if m.point == path), None)
    return devices.under(system, mount) if mount else None


def _grow(system: System, device: Device, mode: str, note: str) -> None:
    """Grows what a device stands on, from the partition up."""
    stack = devices.layers(system, device)
    kinds = [(system.text(f"{devices.BLOCK}/{d.name}/dm/uuid") or "").partition("-")[0] for d in stack[:-1]]
    if not stack or not set(kinds) <= {"CRYPT", "LVM"}:
        system.warn(f"growpart: {device.path} stands on several disks, or on what cannot grow")
        return
    lowest = stack[-1]
    if lowest.number and partitions.room_after(system, lowest) > partitions.SPARE:
        for kind, upper, lower in zip(kinds, stack, stack[1:]):
            if kind == "LVM" and lower is lowest:
                lvm.remember(system, upper, lower, note)
        partitions.grow(system, lowest, _program(system, mode))
    for kind, upper, lower in reversed(list(zip(kinds, stack, stack[1:]))):
        if kind == "CRYPT":
            _widen(system, upper, lower)
        else:
            lvm.grow(system, upper, lower, note)


def _program(system: System, mode: str) -> str:
    if mode == "gpart":
        raise CloudbootError("gpart is a program of FreeBSD", "write mode: auto")
    if system.which("growpart"):
        return "growpart"
    if mode == "growpart":
        raise CloudbootError("growpart is not installed", "write mode: auto, or put cloud-guest-utils in the image")
    return "sfdisk"


def _widen(system: System, mapping: Device, partition: Device) -> None:
    """Grows an encrypted mapping with the key that the image left for this one time, and does away with the key
    whatever comes of it."""
    text = system.text(KEY)
    if text is None:
        return
    from binascii import a2b_base64

    from cloudboot import json

    try:
        told = json.loads(text)
        key, slot = a2b_base64(told["key"]), str(int(told["slot"]))
    except (ValueError, KeyError, TypeError):
        raise CloudbootError(
            f"{KEY} is no JSON mapping of a key in base64 and its slot", "make the image anew"
        ) from None
    name = (system.text(f"{devices.BLOCK}/{mapping.name}/dm/name") or "").strip()
    trouble = Trouble()
    with trouble:
        system.run(
            "cryptsetup", "--key-file", "-", "resize", name, stdin=key, quiet=True, timeout=SECONDS, machine=True
        )
    with trouble:
        system.run("cryptsetup", "luksKillSlot", "--batch-mode", partition.path, slot, timeout=SECONDS, machine=True)
    system.remove(KEY)
    trouble.tell()


MODULE = Module(
    "growpart",
    Stage.NETWORK,
    Every.BOOT,
    Options,
    apply,
    key="growpart",
    unasked=True,
    after=("write_files",),
    work=Work(contained=False),
)
