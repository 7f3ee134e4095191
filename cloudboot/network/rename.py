"""Giving interfaces the names that the description asks for, by their MAC addresses.

Pure: what is there and what is wanted go in, the commands of ip(8) come out. Facts: netconfig reference, section 1.2.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.text import fits

if TYPE_CHECKING:
    from typing import Callable, Dict, List, Sequence, Tuple

    from cloudboot.network.model import Device, Network
    from cloudboot.values import Nic

LONGEST = 15


def renames(network: Network, nics: Sequence[Nic]) -> Tuple[Tuple[Tuple[str, str], ...], Tuple[str, ...]]:
    """(old, new) for every interface that has another name than is wanted, and warnings: more than one interface
    with the address, a name the kernel does not take."""
    found: List[Tuple[str, str]] = []
    present: Dict[str, List[Nic]] = {}
    for nic in nics:
        present.setdefault(nic.mac.lower(), []).append(nic)
    warnings: List[str] = []
    for device in network.devices:
        if not device.renamed or not device.match.mac or device.kind not in ("physical", "infiniband"):
            continue
        if len(device.name.encode()) > LONGEST:
            warnings.append(f"{device.name}: a name has at most {LONGEST} bytes; the interface keeps the one it has")
            continue
        hits = [n for n in present.get(device.match.mac, ()) if _fits(device, n)]
        if len(hits) > 1:
            names = ", ".join(n.name for n in hits)
            warnings.append(f"{device.name}: {names} all have its MAC address; none is renamed")
        elif hits and hits[0].name != device.name:
            found.append((hits[0].name, device.name))
    return tuple(found), tuple(warnings)


def commands(wanted: Sequence[Tuple[str, str]], nics: Sequence[Nic],
             busy: Callable[[str], bool]) -> Tuple[List[Tuple[str, ...]], List[str]]:  # fmt: skip
    """The commands that do it, in order, and warnings. ``busy`` tells of a link that is up whether it is in use; such
    a link keeps its name, and so does whoever wants it. A name that is taken is first freed by giving its holder a
    passing one, so that names can be swapped."""
    up = {n.name: n.up for n in nics}
    taken = {n.name for n in nics}
    warnings: List[str] = []
    free: Dict[str, str] = {}
    for old, new in wanted:
        if up[old] and busy(old):
            warnings.append(f"{old}: it is in use, so it is not renamed to {new} before the next boot")
        else:
            free[old] = new
    while True:
        stuck = [old for old, new in free.items() if new in taken and new not in free]
        if not stuck:
            break
        for old in stuck:
            warnings.append(f"{old}: the name {free[old]} is taken by an interface that keeps it")
            del free[old]
    todo: List[Tuple[str, ...]] = [("ip", "link", "set", "dev", old, "down") for old in free if up[old]]
    passing = {}
    for i, (old, new) in enumerate(free.items()):
        if new in taken:
            passing[old] = f"cbpass{i}"
    # whoever wants a name that is still held waits under a passing one
    todo += [_name(old, temporary) for old, temporary in passing.items()]
    todo += [_name(old, new) for old, new in free.items() if old not in passing]
    todo += [_name(temporary, free[old]) for old, temporary in passing.items()]
    todo += [("ip", "link", "set", "dev", new, "up") for old, new in free.items() if up[old]]
    return todo, warnings


def _name(old: str, new: str) -> Tuple[str, ...]:
    return ("ip", "link", "set", "dev", old, "name", new)


def _fits(device: Device, nic: Nic) -> bool:
    if nic.kind in ("bridge", "bond", "vlan"):
        return False
    return not device.match.drivers or any(fits(nic.driver, d) for d in device.match.drivers)
