"""Which interfaces came and went while the machine was up, and what is done for them: they alone are touched, since the
others carry traffic."""

from __future__ import annotations

from cloudboot.network.nics import SEEN, hardware
from cloudboot.network.program import IFSTATE, ifstate, is_active, tried
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.text import fits

if TYPE_CHECKING:
    from typing import Collection, Iterable, Set, Tuple

    from cloudboot.network.model import Device, Network
    from cloudboot.system.door import System
    from cloudboot.values import Nic

SYS = "/sys/class/net"


class Change(Noun):
    """The interfaces that came since the last look, and the hardware addresses of those that went."""

    came: Tuple[Nic, ...] = ()
    gone: Tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.gone)


def change(seen: str, nics: Iterable[Nic]) -> Change:
    """What is different from what stood in `SEEN`."""
    before, now = seen.split(), hardware(nics)
    came = tuple(nic for mac, nic in now.items() if mac not in before)
    return Change(came, tuple(mac for mac in before if mac not in now))


def is_described(network: Network, nic: Nic) -> bool:
    """Is there an entry in the description for this interface?"""
    return any(_is_for(device, nic) for device in network.devices)


def _is_for(device: Device, nic: Nic) -> bool:
    match = device.match
    if device.kind not in ("physical", "infiniband", "wifi"):
        return False
    if match.drivers and not any(fits(nic.driver, driver) for driver in match.drivers):
        return False
    if match.mac:
        return match.mac == nic.mac
    return fits(nic.name, match.name) if match.name else bool(match.drivers) or device.name == nic.name


def ifdown(system: System) -> None:
    """Has ifupdown take down what is not there any more, while its file still says how."""
    for name in sorted(ifstate(system)):
        if not system.exists(f"{SYS}/{name.partition(':')[0]}"):
            tried(system, "ifdown", "--force", name)


def plug(system: System, activator: str, network: Network, nics: Iterable[Nic], changed: Collection[str]) -> None:
    """Has the running program take the files that ``changed``, and bring up what came of the ``nics``."""
    new = concerned(network, change(system.text(SEEN) or "", nics).came)
    if activator == "eni":
        _ifup(system, network, new)
    elif not changed:
        return
    elif activator == "network-manager" and is_active(system, "NetworkManager.service"):
        _profiles(system, changed, new | {device.id for device in network.devices if device.name in new})
    elif activator in ("netplan", "networkd"):
        if is_active(system, "systemd-networkd.service"):
            tried(system, "networkctl", "reload")
        if activator == "netplan" and is_active(system, "NetworkManager.service"):
            tried(system, "nmcli", "connection", "reload")
    elif not activator:
        system.warn("nothing here can bring links up; the interface starts as described at the next boot")


def _ifup(system: System, network: Network, new: Collection[str]) -> None:
    if not system.exists(IFSTATE):
        return  # ifupdown has not begun: it does it all itself
    up = ifstate(system)
    for device in network.devices:
        asked = any(s.control != "manual" for s in device.subnets) or device.kind == "bond" or device.bond
        if asked and device.name in new and device.name not in up:
            tried(system, "ifup", device.name)


def concerned(network: Network, came: Collection[Nic]) -> Set[str]:
    """The names of the devices that are for an interface which came, or made of such."""
    new = {device.name for device in network.devices for nic in came if _is_for(device, nic)}
    while True:
        more = {device.name for device in network.devices if new.intersection((*device.members, device.link))} - new
        if not more:
            return new
        new |= more


def _profiles(system: System, changed: Collection[str], new: Collection[str]) -> None:
    """NetworkManager reads what changed, and activates what is new: the others go on as they are."""
    mine = [path for path in changed if path.endswith(".nmconnection") or "/ifcfg-" in path]
    there = [path for path in mine if system.exists(path)]
    if len(there) < len(mine):
        tried(system, "nmcli", "connection", "reload")
    for path in there:
        tried(system, "nmcli", "connection", "load", path)
    for path in there:
        if path.rpartition("/")[2].partition("-")[2].removesuffix(".nmconnection") in new:
            tried(system, "nmcli", "connection", "up", "filename", path)
