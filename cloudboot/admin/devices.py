"""Block devices: the many names that a document, a cloud, udev and the kernel have for one, and what it is made of."""

from __future__ import annotations

from posixpath import dirname, normpath

from cloudboot.admin import mountinfo
from cloudboot.admin.fstab import unescaped
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Iterator, List, Mapping, Optional, Tuple

    from cloudboot.admin.mountinfo import Mount
    from cloudboot.system.door import System
    from cloudboot.values import Instance

BLOCK = "/sys/class/block"
SECTOR = 512  # the unit of sysfs, whatever the disk's own
RENAMED = {"sd": ("vd", "xvd", "vtb"), "hd": ("sd", "vd", "xvd")}
META = ("ephemeral", "swap", "root")
"""Names that mean something only through an alias or the cloud."""


class Device(Noun):
    """A block device by the kernel's name for it. It is partition ``number`` of ``disk``; a whole disk is its own."""

    name: str
    disk: str
    number: int = 0

    @property
    def path(self) -> str:
        return f"/dev/{self.name.replace('!', '/')}"


class Names(Noun):
    """Further names: ``aliases`` from the document, ``cloud`` from the metadata service."""

    aliases: Mapping[str, str] = {}
    cloud: Mapping[str, str] = {}


def names(config: Mapping[str, Any], instance: Instance) -> Names:
    aliases, cloud = config.get("device_aliases"), instance.metadata.get("block-device-mapping")
    return Names(*({str(k): str(v) for k, v in m.items()} if isinstance(m, dict) else {} for m in (aliases, cloud)))


def locate(system: System, name: str, known: Names) -> Tuple[str, str]:
    """The path that a document's name for a device means, and the partition that stands after a dot in it
    (``ephemeral0.1``). The path is empty for a name that nobody explains."""
    found = _explained(system, name, known)
    if found and (system.exists(found) or "." not in name):
        return found, ""
    before, dot, part = name.rpartition(".")
    if dot and (part.isdigit() or part in ("auto", "any", "none")):
        return _explained(system, before, known), part
    return found, ""


def _explained(system: System, name: str, known: Names) -> str:
    given = known.aliases.get(name, name)
    if given == "ephemeral":
        given = "ephemeral0"
    told = known.cloud.get(given) or (known.cloud.get("ephemeral") if given == "ephemeral0" else None)
    if told:
        return _renamed(system, told if told.startswith("/") else f"/dev/{told}")
    if given.startswith("/"):
        return given
    return "" if given.startswith(META) else f"/dev/{given}"


def _renamed(system: System, path: str) -> str:
    """A cloud's name for a disk, as the kernel that runs here would have it; empty where there is no such disk."""
    short = path.rpartition("/")[2]
    there = [path, *(f"/dev/{new}{short[2:]}" for new in RENAMED.get(short[:2], ()))]
    return next((candidate for candidate in there if system.exists(candidate)), "")


def find(system: System, path: str) -> Optional[Device]:
    """The device behind a path, through the links that udev makes; None where there is none."""
    for _ in range(8):
        entry = system.look(path)
        if entry is None or entry.kind != "link":
            break
        path = normpath(f"{dirname(path)}/{entry.target}" if entry.target[:1] != "/" else entry.target)
    return by_name(system, path[5:].replace("/", "!")) if path.startswith("/dev/") else None


def by_name(system: System, name: str) -> Optional[Device]:
    if not system.exists(f"{BLOCK}/{name}"):
        return None
    number = number_in(system, name, "partition")
    disks = (disk for disk in system.names(BLOCK) if number and system.exists(f"{BLOCK}/{disk}/{name}"))
    return Device(name, next(disks, name), number)


def under(system: System, mount: Mount) -> Optional[Device]:
    """The device that a file system is on. The kernel's number for it is tried before the name it was mounted by,
    which may be one (/dev/root) that there is not."""
    entry = system.look(f"/sys/dev/block/{mount.device}")
    if entry and entry.kind == "link":
        return by_name(system, entry.target.rpartition("/")[2])
    return find(system, mount.source)


def partitions(system: System, disk: str) -> Tuple[Device, ...]:
    """The partitions of a disk that the kernel knows, by number."""
    inside = (by_name(system, name) for name in system.names(f"{BLOCK}/{disk}") if name.startswith(disk))
    return tuple(sorted((d for d in inside if d and d.number), key=lambda d: d.number))


def partition_path(path: str, number: int) -> str:
    """The path of a disk's partition, by the habit of whoever gave the disk's name."""
    if path.startswith("/dev/disk/"):
        return f"{path}-part{number}"
    return f"{path}{'p' if path[-1:].isdigit() else ''}{number}"


def number_in(system: System, name: str, attribute: str) -> int:
    """A number that sysfs tells of a device, 0 where it does not."""
    text = (system.text(f"{BLOCK}/{name}/{attribute}") or "").strip()
    return int(text) if text.isdigit() else 0


def size(system: System, device: Device) -> int:
    """In bytes."""
    return number_in(system, device.name, "size") * SECTOR


def fingerprint(system: System, device: Device) -> str:
    """What tells this disk from another that may have its name at the next boot."""
    whole = f"{BLOCK}/{device.disk}"
    marks = [system.text(f"{whole}/{mark}") for mark in ("size", "serial", "wwid", "device/wwid", "device/serial")]
    return "/".join("".join((mark or "").split()) for mark in marks)


def layers(system: System, device: Device) -> Tuple[Device, ...]:
    """The device and all that it stands on, the lowest last; nothing where one stands on several."""
    found: List[Device] = [device]
    while True:
        below = system.names(f"{BLOCK}/{found[-1].name}/slaves")
        if not below:
            return tuple(found)
        lower = by_name(system, below[0])
        if len(below) > 1 or lower is None or lower in found:
            return ()
        found.append(lower)


def in_use(system: System, device: Device) -> str:
    """Who uses a device or a partition of it, in words; empty where nobody does."""
    mine = (device, *(partitions(system, device.disk) if not device.number else ()))
    for each in mine:
        holders = system.names(f"{BLOCK}/{each.name}/holders")
        if holders:
            return f"{each.path} is part of {holders[0]}"
    for path, use in _used(system):
        user = find(system, path)
        if user in mine and user:
            return f"{user.path} is {use}"
    return ""


def _used(system: System) -> Iterator[Tuple[str, str]]:
    for mount in mountinfo.mounts(system):
        device = under(system, mount)
        if device:
            yield device.path, f"mounted at {mount.point}"
    for line in (system.text("/proc/swaps") or "").splitlines()[1:]:
        yield unescaped(line.split()[0]), "in use as swap"
