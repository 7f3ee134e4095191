"""Partition tables, read and written with sfdisk, which knows both kinds: dos (MBR) and gpt."""

from __future__ import annotations

from cloudboot.admin import devices
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple, Union

    from cloudboot.admin.devices import Device, Names
    from cloudboot.system.door import System

    Layout = Union[bool, str, Sequence[Union[int, Sequence[Any]]]]

MIB = 1 << 20
MOST = {"dos": 4}
LINUX = {"dos": "83", "gpt": "8300"}
SCHEME = {"mbr": "dos", "gpt": "gpt"}
SECONDS, SETTLE_SECONDS = 120.0, 30
SPARE = 2 * MIB
"""Less than this behind a partition is alignment, and the copy of a GPT that is kept at the end."""
TYPES = {
    "0700": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
    "8200": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
    "8300": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    "8302": "933AC7E1-2EB4-4F13-B844-0E14E2AEF915",
    "8303": "44479540-F297-41B2-9AF7-D131D5F0458A",
    "8304": "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
    "8305": "B921B045-1DF0-41C3-AF44-4C6F280D3FAE",
    "8306": "3B8F8425-20E0-4F3B-907F-1A25A76F98E8",
    "8307": "69DAD710-2CE4-4E3C-B16C-21A1D49ABED3",
    "8309": "CA7D7CCB-63ED-4C53-861C-1742536059CC",
    "8E00": "E6D6D379-F507-44C2-A23C-238F2A3DF928",
    "EF00": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
    "EF02": "21686148-6449-6E6F-744E-656564454649",
    "FD00": "A19D880F-05FC-4D3B-A006-743F0F84911E",
}
"""Types of a GPT by the short codes that people write, after the codes of an MBR."""


class Part(Noun):
    """A partition that is wanted: ``percent`` of the disk, 0 for all that is left; ``type`` as sfdisk knows it."""

    percent: int
    type: str


def wanted(scheme: str, layout: Layout) -> Tuple[Part, ...]:
    """What a layout asks for. Raises `CloudbootError` for one that no disk can have."""
    items = layout if isinstance(layout, (list, tuple)) else (100,)
    parts: List[Part] = []
    for item in items:
        percent, code = (*(item if isinstance(item, (list, tuple)) else (item,)), LINUX[scheme])[:2]
        parts.append(Part(_percent(percent), _type(scheme, str(code))))
    if not parts or sum(part.percent for part in parts) > 100:
        raise CloudbootError("the parts of a layout are more than the whole disk, or none", "100 percent is all of it")
    if len(parts) > MOST.get(scheme, 128):
        raise CloudbootError(f"an MBR has at most {MOST['dos']} partitions", "write table_type: gpt")
    return (*parts[:-1], parts[-1].but(percent=0))


def _percent(value: Any) -> int:
    text = str(value)
    if not text.isdigit() or not 0 < int(text) <= 100:
        raise CloudbootError("a part of a layout is no percentage of the disk", "write a number from 1 to 100")
    return int(text)


def _type(scheme: str, code: str) -> str:
    plain = code.upper()
    short = set(plain) <= set("0123456789ABCDEF")
    if scheme == "dos" and short and len(plain) in (1, 2):
        return plain.lower()
    if scheme == "gpt" and len(plain) == 36 and set(plain) <= set("0123456789ABCDEF-"):
        return plain
    if scheme == "gpt" and short and len(plain) in (2, 4):
        code = plain.ljust(4, "0")
        if code in TYPES:
            return TYPES[code]
    raise CloudbootError("a part of a layout has a type that nobody knows", f"write {LINUX[scheme]}, or the whole GUID")


def script(scheme: str, parts: Sequence[Part], size: int) -> str:
    """What sfdisk is told, for a disk of ``size`` bytes. The last partition gets what is left."""
    lines = [f"label: {scheme}\n"]
    for part in parts:
        room = f"{size * part.percent // 100 // MIB}MiB" if part.percent else "+"
        lines.append(f",{room},{part.type}\n")
    return "".join(lines)


def is_laid_out(system: System, path: str, scheme: str, parts: Sequence[Part]) -> bool:
    """Whether the disk has this kind of table, with partitions of these types in this order."""
    from cloudboot import json

    done = system.query("sfdisk", "--json", path)
    try:
        table = json.loads(done.stdout)["partitiontable"] if done.code == 0 else {}
    except (ValueError, KeyError):
        return False
    types = [str(p.get("type", "")).lower() for p in table.get("partitions", ())]
    return table.get("label") == scheme and types == [part.type.lower() for part in parts]


def make(system: System, disk: Device, text: str) -> None:
    """Writes a new table, and wipes what old file systems left where the new partitions begin. The kernel forgets the
    old partitions before it hears of the new ones: it takes none that overlaps with one it knows."""
    _forget(system, disk)
    system.run("sfdisk", "--wipe=always", "--wipe-partitions=always", "--no-reread", "--no-tell-kernel", disk.path,
               stdin=text.encode(), timeout=SECONDS, machine=True, describe=f"partition {disk.path}")  # fmt: skip
    system.run("partx", "--update", disk.path, timeout=SECONDS, machine=True)
    settle(system)


def wipe(system: System, disk: Device) -> None:
    """Takes the table away, and with it what the partitions seemed to hold."""
    for path in (*(part.path for part in devices.partitions(system, disk.disk)), disk.path):
        system.run("wipefs", "--all", "--force", path, timeout=SECONDS, machine=True)
    _forget(system, disk)
    settle(system)


def _forget(system: System, disk: Device) -> None:
    """No partition of the disk is known to the kernel any more. It is no error that there was none."""
    system.run("partx", "--delete", disk.path, timeout=SECONDS, machine=True, check=False)


def attached(system: System, name: str, known: Names) -> Optional[Tuple[Device, str]]:
    """The device that a document names, and the partition that its name brings along; None, and a warning, where it is
    not there: one document serves machines with and without that disk."""
    path, part = devices.locate(system, name, known)
    if not path:
        system.warn(f"nobody says which device {name} is; add it to device_aliases")
        return None
    if not system.exists(path):
        settle(system)
    device = devices.find(system, path)
    if device is None:
        system.warn(f"there is no device {path}; see whether the disk is attached")
        return None
    return device, part


def settle(system: System) -> None:
    """Until udev has made the names of what is new."""
    if system.which("udevadm"):
        system.query("udevadm", "settle", f"--timeout={SETTLE_SECONDS}", timeout=SETTLE_SECONDS + 5.0)


def room_after(system: System, part: Device) -> int:
    """The bytes that a partition could grow by, as the kernel knows the disk. No program is asked, because at nearly
    every boot there are none."""
    end = _end(system, part)
    others = [p for p in devices.partitions(system, part.disk) if p.number != part.number]
    starts = [devices.number_in(system, p.name, "start") for p in others]
    limit = min([start for start in starts if start >= end] + [devices.number_in(system, part.disk, "size")])
    return max(0, limit - end) * devices.SECTOR


def _end(system: System, part: Device) -> int:
    return sum(devices.number_in(system, part.name, attribute) for attribute in ("start", "size"))


def grow(system: System, part: Device, program: str) -> None:
    """Has a partition, mounted or not, end where the next one begins. ``program`` is growpart or sfdisk."""
    disk, number = disk_path(part), str(part.number)
    if program == "growpart":
        done = system.run("growpart", disk, number, timeout=SECONDS, machine=True, check=False)
        if done.code > 1:  # 1 is: as large as it can be
            said = (done.stdout + done.stderr).decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
            raise CloudbootError(f"growpart {disk} {number} exited {done.code}: {said}")
        return
    system.run("sfdisk", "--no-reread", "--no-tell-kernel", "-N", number, disk, stdin=b", +\n", timeout=SECONDS,
               machine=True)  # fmt: skip
    system.run("partx", "--update", "--nr", number, disk, timeout=SECONDS, machine=True)


def disk_path(part: Device) -> str:
    return part.but(name=part.disk).path
