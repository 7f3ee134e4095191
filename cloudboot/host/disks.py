"""Block devices with a file system: type, label and UUID.

udev has probed them all by the time a machine looks for its seed, and its database is there to be read. `blkid` is
asked only when udev left a device out, or is not there; the links under /dev/disk/by-label fill in what is left.
"""

from __future__ import annotations

import os

from cloudboot.errors import CloudbootError
from cloudboot.host import ask
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Disk

if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Optional, Tuple

    from cloudboot.values import FileView, Host

BLOCK, BY_LABEL, UDEV = "/sys/class/block", "/dev/disk/by-label", "/run/udev/data"


def disks(host: Host) -> Tuple[Disk, ...]:
    found = _udev(host.files)
    if found is None:
        code, out = ask(host, ("blkid", "-c", "/dev/null", "-o", "export"))
        found = list(exported(out)) if code == 0 else []
    known = {(disk.device, disk.label) for disk in found}
    found += [d for d in _linked(host.files) if (d.device, d.label) not in known]
    return tuple(sorted(found, key=lambda disk: disk.device))


def _udev(files: FileView) -> Optional[List[Disk]]:
    """What udev's database tells, None where it leaves a device out."""
    found = []
    names = files.names(BLOCK)
    for name in names:
        if files.line(f"{BLOCK}/{name}/size") in ("", "0"):
            continue
        record = files.read(f"{UDEV}/b{files.line(f'{BLOCK}/{name}/dev')}")
        if record is None:
            return None
        told = dict(line[2:].partition("=")[::2] for line in record.decode("utf-8", "replace").splitlines()
                    if line.startswith("E:"))  # fmt: skip
        disk = Disk("/dev/" + name.replace("!", "/"), told.get("ID_FS_TYPE", ""),
                    unescaped(told.get("ID_FS_LABEL_ENC", "")), told.get("ID_FS_UUID", ""))  # fmt: skip
        if disk.type == "vfat" and not disk.label:
            disk = disk.but(fat_label=_boot_label(files, disk.device))
        if disk.type:
            found.append(disk)
    return found if names else None


def _boot_label(files: FileView, device: str) -> str:
    """The label in a FAT boot sector, which udev does not tell: some tools write no other."""
    from cloudboot.media import open_media

    try:
        fd = files.open(device)
    except CloudbootError:
        return ""
    try:
        return open_media(fd).label
    except CloudbootError:
        return ""
    finally:
        os.close(fd)


def exported(text: str) -> Iterator[Disk]:
    """The devices in what ``blkid -o export`` printed: NAME=value lines, an empty one between devices."""
    for block in text.split("\n\n"):
        told: Dict[str, str] = {}
        for line in block.splitlines():
            name, _, value = line.partition("=")
            told[name] = "".join(c for i, c in enumerate(value) if c != "\\" or value[i - 1 : i] == "\\")
        if told.get("DEVNAME"):
            yield Disk(told["DEVNAME"], told.get("TYPE", ""), told.get("LABEL", ""), told.get("UUID", ""),
                       told.get("LABEL_FATBOOT", ""))  # fmt: skip


def _linked(files: FileView) -> Iterator[Disk]:
    for name in files.names(BY_LABEL):
        target = files.link(f"{BY_LABEL}/{name}")
        if target:
            yield Disk(os.path.normpath(os.path.join(BY_LABEL, target)), label=unescaped(name))


def unescaped(text: str) -> str:
    r"""The text with udev's ``\x20`` made a blank."""
    first, *pieces = text.encode("utf-8", "surrogateescape").split(b"\\x")
    for piece in pieces:
        try:
            first += bytes((int(piece[:2], 16),)) + piece[2:]
        except ValueError:
            first += b"\\x" + piece
    return first.decode("utf-8", "replace")
