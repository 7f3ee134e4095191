"""systemd.link(5) files: the names that interfaces get at the next boot, and how they wake."""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.network.model import Network


def link_files(network: Network, naming: bool = True) -> Tuple[FileSpec, ...]:
    """A file for each physical interface that is found by its MAC address and gets a name (where ``naming``) or wakes
    on LAN. The type keeps it from what is built on that interface with the same address."""
    found = []
    for device in network.devices:
        named = naming and device.renamed and device.kind == "physical"
        if not (device.match.mac or device.wakeonlan) or not (named or device.wakeonlan):
            continue
        match = f"MACAddress={device.match.mac}\nType=ether\n" if device.match.mac else f"OriginalName={device.name}\n"
        if device.match.drivers:
            match += f"Driver={' '.join(device.match.drivers)}\n"
        link = f"Name={device.name}\n" if named else "NamePolicy=keep kernel database onboard slot path\n"
        if device.wakeonlan:
            link += "WakeOnLan=magic\n"
        text = f"{HEADER}[Match]\n{match}\n[Link]\n{link}"
        found.append(FileSpec(f"/etc/systemd/network/10-cloudboot-{device.name}.link", text.encode()))
    return tuple(found)
