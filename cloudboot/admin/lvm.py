"""LVM: hands what a disk or partition has gained on to the logical volume that stands on it."""

from __future__ import annotations

from cloudboot.admin import devices
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.admin.devices import Device
    from cloudboot.system.door import System

SECONDS = 120.0
FIELDS = "dev_size,pe_start,vg_extent_size,pv_pe_count"


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
    todo = before if len(before.split()) == 3 else _todo(system, volume, below)
    if todo:
        system.write(note, todo, mode=0o600)
        _carry_out(system, *todo.split())
    system.write(note, now, mode=0o600)


def _carry_out(system: System, physical: str, path: str, extents: str) -> None:
    system.run("lvm", "pvresize", physical, timeout=SECONDS, machine=True)
    done = system.run("lvm", "lvextend", "--extents", extents, path, timeout=SECONDS, machine=True, check=False)
    if done.code and _size(system, path)[:1] != [extents]:  # one that has that size already is refused too
        system.warn(f"{path} could not be made {extents} extents large")


def _todo(system: System, volume: Device, below: Device) -> str:
    """The physical volume, the logical one, and how many extents that is to have; empty where nothing was gained."""
    numbers = _numbers(system, "pvs", FIELDS, below.path)
    path = f"/dev/mapper/{(system.text(f'/sys/class/block/{volume.name}/dm/name') or '').strip()}"
    size = _size(system, path)
    if len(numbers) != 4 or not size or not numbers[2]:
        system.warn(f"{volume.path} is not grown: LVM does not tell how large it and {below.path} are")
        return ""
    device, start, extent, have = numbers
    gained = (device - start) // extent - have
    return f"{below.path} {path} {int(size[0]) + gained}\n" if gained > 0 else ""


def _size(system: System, path: str) -> list[str]:
    """The size of a logical volume in extents; nothing where LVM does not tell."""
    found = _numbers(system, "lvs", "lv_size,vg_extent_size", path)
    return [str(found[0] // found[1])] if len(found) == 2 and found[1] else []


def _numbers(system: System, program: str, fields: str, path: str) -> list[int]:
    words = ("--noheadings", "--nosuffix", "--units", "b", "-o", fields, path)
    said = system.query("lvm", program, *words).stdout.decode("utf-8", "replace").split()
    return [int(word) for word in said] if all(word.isdigit() for word in said) else []
