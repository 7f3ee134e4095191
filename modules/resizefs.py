"""resizefs: makes the root file system as large as the device it is on.

    resize_rootfs: noblock

ext2 to 4, xfs, btrfs, f2fs, zfs and bcachefs, each by its own tool. It looks at every boot, and starts the tool once
for an instance and whenever the device has another size than it had then. ``noblock`` goes on with the boot meanwhile;
``false`` leaves the file system as it is. In a container the file system is the host's.
"""

from __future__ import annotations

from cloudboot.admin import devices, filesystems, mountinfo
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Choice
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Union

SECONDS = 3600.0
DETACHED = '"$0" "$@" </dev/null >/dev/null 2>&1 &'


class Options(Noun):
    resize_rootfs: Union[bool, str] = option(
        Choice(True, False, "noblock"), default=True, help="whether it grows; noblock: the boot does not wait for it"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    root = mountinfo.holding(mountinfo.mounts(system), "/")
    if options.resize_rootfs is False or root is None or boot.host.container:
        return
    path = filesystems.device_of(system, root)
    words = filesystems.grow_words(system, root, path) if path else ()
    device = devices.find(system, path)
    if not words or device is None:
        return
    note, now = f"{boot.folder}/root-size", f"{devices.size(system, device)}\n"
    if system.text(note) == now:
        return
    if not system.which(words[0]):
        if "resize_rootfs" in boot.config:
            raise CloudbootError(f"{words[0]} is not installed", f"the root file system is {root.type}")
        return
    if options.resize_rootfs == "noblock":
        system.run("/bin/sh", "-c", DETACHED, *words, machine=True, describe=f"start {' '.join(words)}")
    else:
        system.run(*words, timeout=SECONDS, machine=True)
    system.write(note, now)


MODULE = Module(
    "resizefs",
    Stage.NETWORK,
    Every.BOOT,
    Options,
    apply,
    unasked=True,
    after=("growpart",),
    work=Work(contained=False),
)
