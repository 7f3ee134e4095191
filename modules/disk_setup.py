"""disk_setup: partitions disks and makes file systems on them.

    device_aliases:
      data: /dev/vdb
    disk_setup:
      data:
        table_type: gpt
        layout: [50, [25, 82], 25]
        overwrite: false
    fs_setup:
      - label: data
        filesystem: ext4
        device: data.1
      - filesystem: swap
        device: data
        partition: 2
      - label: logs
        device: data
        partition: 3
        cmd: mkfs -t %(filesystem)s -L %(label)s %(device)s
        filesystem: xfs

A device is a path, a name below /dev, an alias, or the cloud's name for it (ephemeral0); ``.N`` after it is its
partition N. A layout is true (one partition), or a list of percentages, each alone or with a type; the last takes what
is left. ``partition`` is a number, none (the device itself), or auto or any: the first partition that can be used,
unless there is one of this type already (with this label, for auto).

Nothing that is on a disk is destroyed but on evidence: it is blank; ``overwrite: true``; the cloud's own NTFS volume
with nothing in it, or one of the type ``replace_fs`` without files. Not even so what is mounted. A disk that is laid
out as asked, and a file system of the type and label asked for, are left as they are. All is decided before anything is
done, and what was decided is written down, by the disks' serial numbers: after a power cut the same is done again.

``cmd`` is the owner's own command, as text for the shell or as a list; it does not run twice. Packages come later: the
tools must be in the image.
"""

from __future__ import annotations

from cloudboot.admin import clearance, devices, filesystems, partitions
from cloudboot.admin.clearance import OVERWRITE, Clearance
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Int, ListOf, MapOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Callable, List, Mapping, Optional, Set, Tuple, Union

    from cloudboot.admin.devices import Device, Names
    from cloudboot.admin.partitions import Layout

    Act = Callable[[], object]

MAKE_SECONDS = 3600.0
PART = AnyOf(Int(least=1, most=100), ListOf(AnyOf(Int, Text), least=2, most=2))
WORDS = AnyOf(ListOf(Text), Text)


class Disk(Noun):
    table_type: str = option(Choice("mbr", "gpt"), default="mbr", help="the kind of partition table")
    layout: Layout = option(
        AnyOf(Bool, Choice("remove"), ListOf(PART)), default=False, help="its partitions; remove takes the table away"
    )
    overwrite: bool = option(Bool, default=False, help="whatever is on the disk may go")


class FileSystem(Noun):
    device: Optional[str] = option(Text, default=None, help="where it is made")
    filesystem: str = option(Text, default="", help="its type: ext4, xfs, btrfs, vfat, swap, ...")
    label: str = option(Text, default="", help="its label")
    partition: Union[int, str] = option(
        AnyOf(Int(least=0), Choice("auto", "any", "none"), Text(r"^\d+$", "a number")),
        default="none",
        help="the number of a partition, auto, any or none",
    )
    overwrite: bool = option(Bool, default=False, help="whatever is there may go")
    replace_fs: str = option(Text, default="", help="a type of file system that may go where it holds no files")
    extra_opts: Union[str, Tuple[str, ...]] = option(WORDS, default=(), help="further words for the tool")
    cmd: Union[str, Tuple[str, ...]] = option(
        WORDS, default=(), help="a command in place of the tool, with %(label)s, %(filesystem)s and %(device)s"
    )


class Options(Noun):
    device_aliases: Mapping[str, str] = option(MapOf(Text, keys="^.+$"), default={}, help="names for devices")
    disk_setup: Mapping[str, Disk] = option(MapOf(Disk, keys="^.+$"), default={}, help="disks, and their partitions")
    fs_setup: Tuple[FileSystem, ...] = option(ListOf(FileSystem, apart=True), default=(), help="file systems to make")


def apply(system: System, options: Options, boot: Boot) -> None:
    names = devices.names(boot.config, boot.instance)
    cleared, trouble = Clearance(system, f"{boot.folder}/cleared"), Trouble()
    acts: List[Act] = []
    fresh: Set[str] = set()
    for name, disk in options.disk_setup.items():
        with trouble:
            acts += _table(system, name, disk, names, cleared, fresh)
    for wish in options.fs_setup:
        with trouble:
            acts += _file_system(system, wish, names, cleared, fresh)
    cleared.keep()
    for act in acts:
        with trouble:
            act()
    if acts:
        partitions.settle(system)
    cleared.end()
    trouble.tell()


def _table(system: System, name: str, disk: Disk, names: Names, cleared: Clearance, fresh: Set[str]) -> List[Act]:
    if disk.layout is False:
        return []
    found_device = partitions.attached(system, name, names)
    if found_device is None:
        return []
    device = found_device[0]
    if device.number:
        raise CloudbootError(f"{device.path} is a partition, and only disks are partitioned", "name the disk")
    scheme = partitions.SCHEME[disk.table_type]
    parts = () if disk.layout == "remove" else partitions.wanted(scheme, disk.layout)
    if not cleared.remembers("table", device):
        found = filesystems.content(system, device.path)
        if found.is_blank if not parts else partitions.is_laid_out(system, device.path, scheme, parts):
            return []
        if not (found.is_blank or disk.overwrite or (parts and clearance.is_vendors(system, device))):
            system.warn(f"disk_setup: {device.path} holds {found}, and is left as it is; {OVERWRITE}")
            return []
        cleared.give("table", device)
    if not parts:
        return [lambda: partitions.wipe(system, device)]
    fresh.add(device.disk)
    text = partitions.script(scheme, parts, devices.size(system, device))
    return [lambda: partitions.make(system, device, text)]


def _file_system(system: System, wish: FileSystem, names: Names, cleared: Clearance, fresh: Set[str]) -> List[Act]:
    if not (wish.device and (wish.filesystem or wish.cmd)):
        raise CloudbootError("an entry of fs_setup lacks its device, or filesystem and cmd", "say where, and what")
    found_device = partitions.attached(system, wish.device, names)
    if found_device is None:
        return []
    device, dotted = found_device
    part = dotted or str(wish.partition)
    new = device.disk in fresh and not device.number
    number = _chosen(system, wish, device, part, cleared, new)
    if number is None:
        return []
    if new and not number:
        raise CloudbootError(f"{device.path} gets partitions, and a file system in their place", "name a partition")
    path = devices.partition_path(device.path, number) if number else device.path
    argv = _command(system, wish, path)
    if not cleared.remembers("format", device, number):
        cleared.give("format", device, number)
    own = bool(wish.cmd)
    return [lambda: system.run(*argv, timeout=MAKE_SECONDS, machine=True, stream=own,
                               in_doubt="skip" if own else "again")]  # fmt: skip


def _chosen(system: System, wish: FileSystem, device: Device, part: str, cleared: Clearance,
            new: bool) -> Optional[int]:  # fmt: skip
    """The partition that a file system is made on, 0 for the device itself; None where there is nothing to do."""
    free = part in ("auto", "any")
    numbers = [1 if new else 0] if free else [int(part) if part.isdigit() else 0]
    if free and not new and not device.number:
        numbers = [p.number for p in devices.partitions(system, device.disk)] or numbers
    for number in numbers:
        if new or cleared.remembers("format", device, number):
            return number
    paths = {n: devices.partition_path(device.path, n) if n else device.path for n in numbers}
    found = {number: filesystems.content(system, path) for number, path in paths.items()}
    for each in found.values():
        same = (
            not each.is_blank
            and each.type == wish.filesystem
            and (each.label == wish.label or part == "any" or not wish.label)
        )
        if same and (free or not wish.overwrite):
            return None
    for number, each in found.items():
        if wish.overwrite or clearance.may_replace(system, paths[number], each, wish.replace_fs):
            return number
    held = ", ".join(f"{paths[number]} holds {each}" for number, each in found.items())
    system.warn(f"fs_setup: {held}, and is left as it is; {OVERWRITE}")
    return None


def _command(system: System, wish: FileSystem, path: str) -> Tuple[str, ...]:
    if not wish.cmd:
        options = wish.extra_opts.split() if isinstance(wish.extra_opts, str) else wish.extra_opts
        return filesystems.make_words(system, wish.filesystem, wish.label, path, options)
    if wish.extra_opts:
        system.warn("fs_setup: extra_opts has no effect beside cmd")
    return filesystems.own_words(wish.cmd, wish.filesystem, wish.label, path)


MODULE = Module("disk_setup", Stage.NETWORK, Every.INSTANCE, Options, apply, after=("resizefs",))
