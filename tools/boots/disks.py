"""disks: file systems that lie in partitions and on logical volumes, as images of clouds have them."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path

from tools.boots.tree import call, kept

MIB, SECTOR, EXTENT = 1 << 20, 512, 4 << 20
PV_ID, VG_ID, LV_ID = (f"{name}{'0' * 30}" for name in ("pv", "vg", "lv"))
MDA_START, MDA_SIZE = 4096, MIB - 4096  # of the area that holds a group's description, before the first extent
MAGIC = b" LVM2 x[5A%r0N*>"
LINUX, LVM = "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "E6D6D379-F507-44C2-A23C-238F2A3DF928"


def partitioned(filesystem: Path) -> Path:
    """A disk with a GPT whose one partition holds this file system."""
    return _disk(filesystem, filesystem.with_suffix(".gpt.raw"), 0, LINUX)


def on_lvm(filesystem: Path) -> Path:
    """A disk whose one partition is a physical volume: the file system is ``/dev/mapper/vg-root``."""
    path = filesystem.with_suffix(".lvm.raw")
    size = filesystem.stat().st_size + MIB
    return _disk(filesystem, path, MIB, LVM, _physical_volume(size))


def _disk(filesystem: Path, path: Path, before: int, kind: str, head: bytes = b"") -> Path:
    """The file system ``before`` bytes after the start of a partition that begins with ``head``."""
    size = filesystem.stat().st_size + before
    with kept(path) as part:
        if part:
            with open(part, "wb") as disk:
                disk.truncate(2 * MIB + size)
                disk.seek(MIB)
                disk.write(head)
            call(["dd", f"if={filesystem}", f"of={part}", "bs=1M", f"seek={(MIB + before) // MIB}",
                  "conv=sparse,notrunc", "status=none"])  # fmt: skip
            table = f"label: gpt\nstart={MIB // SECTOR}, size={size // SECTOR}, type={kind}\n"
            subprocess.run(["sfdisk", "-q", str(part)], input=table.encode(), check=True, stdout=subprocess.DEVNULL)
    return path


def _physical_volume(size: int) -> bytes:
    """The first MiB of a physical volume of ``size`` bytes with one group ``vg`` and one volume ``root``, which fills
    it. The layout is lvm2's own: lib/format_text/layout.h of its sources."""
    text = _description(size).encode() + b"\0"
    where = struct.pack("<QQII", SECTOR, len(text), _crc(text), 0)
    body = MAGIC + struct.pack("<IQQ", 1, MDA_START, MDA_SIZE) + where
    body = body.ljust(SECTOR - 4, b"\0")
    areas = struct.pack("<QQQQ", MIB, 0, 0, 0) + struct.pack("<QQQQII", MDA_START, MDA_SIZE, 0, 0, 2, 1)
    label = struct.pack("<I8s", 32, b"LVM2 001") + PV_ID.encode() + struct.pack("<Q", size) + areas
    label = label.ljust(SECTOR - 20, b"\0")
    sector = b"LABELONE" + struct.pack("<QI", 1, _crc(label)) + label
    area = struct.pack("<I", _crc(body)) + body + text
    return (b"\0" * SECTOR + sector).ljust(MDA_START, b"\0") + area.ljust(MDA_SIZE, b"\0")


def _description(size: int) -> str:
    extents = (size - MIB) // EXTENT
    return f"""contents = "Text Format Volume Group"
version = 1
description = ""
creation_host = "localhost"
creation_time = 0
vg {{
id = "{_dashed(VG_ID)}"
seqno = 1
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = {EXTENT // SECTOR}
max_lv = 0
max_pv = 0
metadata_copies = 0
physical_volumes {{
pv0 {{
id = "{_dashed(PV_ID)}"
device = "/dev/vda1"
status = ["ALLOCATABLE"]
flags = []
dev_size = {size // SECTOR}
pe_start = {MIB // SECTOR}
pe_count = {extents}
}}
}}
logical_volumes {{
root {{
id = "{_dashed(LV_ID)}"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
segment_count = 1
segment1 {{
start_extent = 0
extent_count = {extents}
type = "striped"
stripe_count = 1
stripes = ["pv0", 0]
}}
}}
}}
}}
"""


def _dashed(id: str) -> str:
    """``6-4-4-4-4-4-6``, as ids are written."""
    cuts = (0, 6, 10, 14, 18, 22, 26, 32)
    return "-".join(id[a:b] for a, b in zip(cuts, cuts[1:]))


def _crc(data: bytes) -> int:
    """LVM's checksum: a CRC-32 with a beginning of its own, not inverted."""
    return zlib.crc32(data, 0xF597A6CF ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
