"""A file to swap to: how large it is to be, and how it is made on each file system."""

from __future__ import annotations

from cloudboot.admin import mountinfo
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import Problem, Shape

if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Union

    from cloudboot.schema.problem import Path
    from cloudboot.system.door import System

PATTERN = r"^([0-9]+)?\.?[0-9]+[BKMGT]$"
UNITS = {"": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40}
MIB, GIB = 1 << 20, 1 << 30
LARGEST = 8 * GIB
SECONDS = 900.0


class Size(Shape):
    """A number of bytes, or a text such as ``512M``; ``auto`` is taken where ``auto`` is true."""

    def __init__(self, auto: bool = False) -> None:
        self.auto = auto
        self.says = "a size such as 2G" + (", or auto" if auto else "")

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str):
            if self.auto and value == "auto":
                return value
            import re

            plain = re.match(r"^\s*([0-9]*\.?[0-9]+)\s*([BKMGT]?)(?:i?B)?\s*$", value, re.IGNORECASE)
            if plain:
                if not re.match(PATTERN, value):
                    found.append(Problem(path, f"this text is not {self.says}", "write 512M or 2G", "wrong"))
                return int(float(plain[1]) * (1 << UNITS[plain[2].upper()]))
        return self.bad(value, path, found)

    def schema(self) -> Dict[str, Any]:
        kinds: List[Dict[str, Any]] = [{"enum": ["auto"]}] if self.auto else []
        return {"anyOf": [*kinds, {"type": "integer"}, {"type": "string", "pattern": PATTERN}]}


def size_of(system: System, path: str, size: Union[int, str], most: Optional[int]) -> int:
    """The bytes that a swap file gets. ``auto``: as much as there is memory, 4 GiB from there on, and the square root
    of the memory above 16 GiB; but no more than ``most``, else 8 GiB or a quarter of what is free on the disk."""
    if isinstance(size, int):
        return size
    memory, free = _memory(system), _free(system, path.rpartition("/")[0] or "/")
    limit = min(free // 4, LARGEST) if most is None else min(most, free * 9 // 10)
    if memory < 4 * GIB:
        wanted = memory
    elif memory < 16 * GIB:
        wanted = 4 * GIB
    else:
        wanted = round((memory / GIB) ** 0.5) * GIB
    return min(wanted, limit)


def _memory(system: System) -> int:
    for line in (system.text("/proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) << 10
    raise CloudbootError("/proc/meminfo does not tell how much memory there is", "write swap.size as a number")


def _free(system: System, folder: str) -> int:
    lines = system.query("df", "-P", "-k", folder).stdout.decode("utf-8", "replace").splitlines()
    fields = lines[-1].split() if lines else []
    if len(fields) < 6 or not fields[3].isdigit():
        raise CloudbootError(f"df does not tell how much room there is in {folder}", "write swap.size as a number")
    return int(fields[3]) << 10


def make(system: System, path: str, size: int, kernel: str) -> None:
    """Makes the file, unless it is there: beside its place first, so that one in its place is always whole."""
    if system.exists(path):
        return
    new, folder = f"{path}.cloudboot-new", path.rpartition("/")[0] or "/"
    mount = mountinfo.holding(mountinfo.mounts(system), folder)
    kind, amount = mount.type if mount else "", size // MIB
    system.mkdir(folder)
    system.run("install", "-m", "600", "/dev/null", new)
    try:
        if kind == "btrfs":
            system.run("chattr", "+C", new)  # it swaps to no file that is copied on write
        holes = kind == "xfs" and _release(kernel) < [4, 18]  # what fallocate makes there counts as holes
        if holes or system.run("fallocate", "-l", f"{amount}M", new, timeout=SECONDS, check=False).code:
            system.run("dd", "if=/dev/zero", f"of={new}", "bs=1M", f"count={amount}", timeout=SECONDS)
        system.run("mkswap", new)
    except CloudbootError:
        system.run("rm", "-f", new)
        raise
    system.run("mv", new, path)


def _release(kernel: str) -> List[int]:
    return [int("".join(c for c in part if c.isdigit()) or 0) for part in kernel.split(".")[:2]]
