"""Entries that match by a pattern, made one entry for each interface that the machine has and that fits."""

from __future__ import annotations

from cloudboot.network.losses import patterned
from cloudboot.noun import TYPE_CHECKING
from cloudboot.text import fits

if TYPE_CHECKING:
    from typing import List, Sequence

    from cloudboot.network.model import Device, Match, Network
    from cloudboot.values import Nic


def resolved(network: Network, nics: Sequence[Nic]) -> Network:
    """The network for a program that knows interfaces by name only. An entry that fits no interface stays as it is;
    an interface that has an entry of its own is not given a second."""
    own = {d.name for d in network.devices if not patterned(d)}
    devices: List[Device] = []
    for device in network.devices:
        fits = [n for n in nics if n.name not in own and patterned(device) and matches(device.match, n)]
        own.update(n.name for n in fits)
        devices += [device.but(name=n.name, id=n.name, match=device.match.but(name="")) for n in fits] or [device]
    return network.but(devices=tuple(devices))


def matches(match: Match, nic: Nic) -> bool:
    """Does this interface have all that is asked for?"""
    if match.mac and match.mac != nic.mac:
        return False
    if match.name and not fits(nic.name, match.name):
        return False
    return not match.drivers or any(fits(nic.driver, d) for d in match.drivers)
