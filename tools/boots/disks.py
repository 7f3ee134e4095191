"""disks: file systems that lie in partitions, as images of clouds have them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.boots.tree import call, kept

MIB, SECTOR = 1 << 20, 512


def partitioned(filesystem: Path) -> Path:
    """A disk with a GPT whose one partition holds this file system."""
    path = filesystem.with_suffix(".gpt.raw")
    size = filesystem.stat().st_size
    with kept(path) as part:
        if part:
            with open(part, "wb") as disk:
                disk.truncate(2 * MIB + size)
            call(["dd", f"if={filesystem}", f"of={part}", "bs=1M", "seek=1", "conv=sparse,notrunc", "status=none"])
            table = f"label: gpt\nstart={MIB // SECTOR}, size={size // SECTOR}, type=linux\n"
            subprocess.run(["sfdisk", "-q", str(part)], input=table.encode(), check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)  # fmt: skip
    return path
