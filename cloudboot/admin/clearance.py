"""Leave to destroy what a disk holds. It is given on evidence only, and written down before the first act: a run that
power cut short must neither take its own half-made work for somebody's data, nor look for evidence twice."""

from __future__ import annotations

from cloudboot.admin import devices, filesystems
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.admin.devices import Device
    from cloudboot.admin.filesystems import Content
    from cloudboot.system.door import System

OVERWRITE = "overwrite: true would replace it"


class Clearance:
    """What was cleared, kept in the file ``note`` until all of it is done. A disk counts there by what it is, not by
    its name, which may be another disk's after a restart; one that has nothing to be known by is not remembered."""

    def __init__(self, system: System, note: str) -> None:
        self._system, self._note = system, note
        self._before = frozenset((system.text(note) or "").splitlines())
        self._given: list[str] = []

    def remembers(self, act: str, device: Device, number: int = 0) -> bool:
        """Whether this was cleared before power failed; it stays so."""
        line = self._line(act, device, number)
        if not line or line not in self._before:
            return False
        self._given.append(line)
        return True

    def give(self, act: str, device: Device, number: int = 0) -> None:
        """Clears a disk, or its partition ``number``. Raises `CloudbootError` where it is in use."""
        inside = devices.find(self._system, devices.partition_path(device.path, number)) if number else device
        use = devices.in_use(self._system, inside) if inside else ""
        if use:
            raise CloudbootError(f"{use}, and is left as it is", "unmount it first")
        self._given.append(self._line(act, device, number))

    def keep(self) -> None:
        """Writes it down; from now on things may be destroyed."""
        lines = sorted({line for line in self._given if line})
        if lines:
            self._system.write(self._note, "".join(f"{line}\n" for line in lines), mode=0o600)

    def end(self) -> None:
        """All is done: what is on the disks from now on is somebody's."""
        if any(self._given):
            self._system.remove(self._note)

    def _line(self, act: str, device: Device, number: int) -> str:
        mark = devices.fingerprint(self._system, device)
        return f"{act} {number or device.number} {mark}" if mark else ""


def may_replace(system: System, path: str, found: Content, replace: str) -> bool:
    """Whether what is there may go without being asked for by ``overwrite``: nothing at all, or a file system of the
    type ``replace`` without a file of anybody's in it."""
    return found.is_blank or bool(replace and found.type == replace and filesystems.is_empty(system, path, replace))


def is_vendors(system: System, disk: Device) -> bool:
    """Whether a disk holds what some clouds deliver a scratch disk with: one NTFS partition, and nothing in it."""
    parts = devices.partitions(system, disk.disk)
    if len(parts) != 1:
        return False
    found = filesystems.content(system, parts[0].path)
    return found.type == "ntfs" and filesystems.is_empty(system, parts[0].path, "ntfs")
