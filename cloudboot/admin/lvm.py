"""LVM: hands what a disk or partition has gained on to the logical volume that stands on it."""

from __future__ import annotations

from cloudboot.admin import devices
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List

    from cloudboot.admin.devices import Device
    from cloudboot.system.door import System

SECONDS = 120.0
FIELDS = "dev_size,pe_start,vg_extent_size,pv_pe_count"


def remember(system: System, volume: Device, below: Device, note: str) -> None:
    """Writes down how many extents the physical volume ``below`` and ``volume`` have, before the partition that the
    former is grows: growpart(1) has the physical volume take up what it gains, and nothing would tell it afterwards."""
    numbers = _numbers(system, "pvs", FIELDS, below.path)
    size = _size(system, _path(system, volume))
    if len(numbers) == 4 and size and len((system.text(note) or "").split()) < 2:
        system.write(note, f"{numbers[3]} {size[0]}\n", mode=0o600)


def grow(system: System, volume: Device, below: Device, note: str) -> None:
    """Makes the physical volume ``below`` as large as its device, and ``volume`` larger by what that brought: extents
    that the group had to spare before stay spare, somebody left them so.

    What is to be done is written to the file ``note`` first: once the physical volume has grown nothing else would tell
    what it has gained, and power can fail between the two. Afterwards the note holds the size of the device, so that no
    program is asked until that is another.
    """
    before, now = system.text(note) or "", f"{devices.size(system, below)}\n"
    if before == now:
        return
    said = before.split()
    todo = before if len(said) == 3 else _todo(system, volume, below, said if len(said) == 2 else [])
    if todo:
        system.write(note, todo, mode=0o600)
        _carry_out(system, *todo.split())
    system.write(note, now, mode=0o600)


def _carry_out(system: System, physical: str, path: str, extents: str) -> None:
    system.run("lvm", "pvresize", physical, timeout=SECONDS, machine=True)
    done = system.run("lvm", "lvextend", "--extents", extents, path, timeout=SECONDS, machine=True, check=False)
    if done.code and _size(system, path)[:1] != [extents]:  # one that has that size already is refused too
        system.warn(f"{path} could not be made {extents} extents large")


def _path(system: System, volume: Device) -> str:
    return f"/dev/mapper/{(system.text(f'/sys/class/block/{volume.name}/dm/name') or '').strip()}"


def _todo(system: System, volume: Device, below: Device, remembered: List[str]) -> str:
    """The physical volume, the logical one, and how many extents that is to have; empty where nothing was gained.
    ``remembered`` are the extents that the two had before the partition grew."""
    numbers = _numbers(system, "pvs", FIELDS, below.path)
    path = _path(system, volume)
    size = remembered[1:] or _size(system, path)
    if len(numbers) != 4 or not size or not numbers[2]:
        system.warn(f"{volume.path} is not grown: LVM does not tell how large it and {below.path} are")
        return ""
    device, start, extent, have = numbers
    have = int(remembered[0]) if remembered else have
    gained = (device - start) // extent - have
    return f"{below.path} {path} {int(size[0]) + gained}\n" if gained > 0 else ""


def _size(system: System, path: str) -> List[str]:
    """The size of a logical volume in extents; nothing where LVM does not tell."""
    found = _numbers(system, "lvs", "lv_size,vg_extent_size", path)
    return [str(found[0] // found[1])] if len(found) == 2 and found[1] else []


def _numbers(system: System, program: str, fields: str, path: str) -> List[int]:
    words = ("--noheadings", "--nosuffix", "--units", "b", "-o", fields, path)
    said = system.query("lvm", program, *words).stdout.decode("utf-8", "replace").split()
    return [int(word) for word in said] if all(word.isdigit() for word in said) else []
