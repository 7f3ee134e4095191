"""What is mounted where, as the kernel tells."""

from __future__ import annotations

from cloudboot.admin.fstab import unescaped
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, Iterable, Optional, Tuple

    from cloudboot.system.door import System

PATH = "/proc/self/mountinfo"


class Mount(Noun):
    """One line of mountinfo: ``device`` is major:minor, ``source`` what was mounted, by the name that was used."""

    point: str
    type: str
    source: str
    device: str = ""
    options: Tuple[str, ...] = ()


def mounts(system: System) -> Tuple[Mount, ...]:
    """All that is mounted; of several at one point the last, which is the one to be seen."""
    found: Dict[str, Mount] = {}
    for line in (system.text(PATH) or "").splitlines():
        first, _, second = line.partition(" - ")
        left, right = first.split(" "), second.split(" ")
        if len(left) > 5 and len(right) > 1:
            point = unescaped(left[4])
            found[point] = Mount(point, right[0], unescaped(right[1]), left[2], tuple(left[5].split(",")))
    return tuple(found.values())


def holding(found: Iterable[Mount], path: str) -> Optional[Mount]:
    """The mount that a path is on."""
    above = [m for m in found if m.point == "/" or path == m.point or path.startswith(m.point + "/")]
    return max(above, key=lambda m: len(m.point)) if above else None
