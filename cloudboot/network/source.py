"""Which description of the network counts, of all that a machine was given, and when it is read anew: as the owner says
(``updates: {network: {when: [...]}}``), else as the datasource does.

Facts: sections 5.1, 5.5 and 5.6 of the behaviour reference; netconfig reference, section 1.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Choice as OneOf
from cloudboot.schema import ListOf

if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.values import FileView, Instance, Nic

ORDER = ("command line", "initramfs", "system config", "datasource", "ip= words")
LATE_INITRAMFS = ("command line", "system config", "datasource", "initramfs", "ip= words")
LATE_FOR = ("oracle", "maas")
SYS = "/sys/class/net"
STANDBY_BIT = 62
AT_BOOT = frozenset(("boot", "boot-legacy"))
"""The events that come with every boot."""
HOTPLUG = "hotplug"
"""The event of an interface that comes or goes while the machine is up."""


class Source(Noun):
    """Where a description comes from, and the description: a version 1 or 2 document. ``disabled``: it says that the
    network is not to be touched."""

    name: str
    document: Any = None
    disabled: bool = False


class When(Noun):
    when: Optional[Tuple[str, ...]] = option(
        ListOf(OneOf("boot-new-instance", "boot", "boot-legacy", HOTPLUG)),
        required=True,
        default=None,
        help="the events at which it is written anew",
    )


class Updates(Noun):
    network: When = option(When, default=When(), help="of the network")


def choose_source(given: Mapping[str, Any], datasource: str = "") -> Optional[Source]:
    """The first source, in the order of this datasource, that has anything to say; ``given`` by the names in `ORDER`.
    None where none has."""
    for name in LATE_INITRAMFS if datasource in LATE_FOR else ORDER:
        document = given.get(name)
        if document:
            return Source(name, document, disabled(document))
    return None


def disabled(document: Any) -> bool:
    """Does the document say that the network is not to be touched (``config: disabled``)?"""
    if isinstance(document, dict) and isinstance(document.get("network"), dict):
        document = document["network"]
    return isinstance(document, dict) and document.get("config") == "disabled"


def events(updates: Updates, instance: Instance) -> FrozenSet[str]:
    """The events at which the network of this instance is described anew."""
    when = updates.network.when
    return frozenset(instance.updates if when is None else when)


def fallback(nics: Sequence[Nic], files: FileView, azure: bool = False) -> Optional[Mapping[str, Any]]:
    """DHCP on the first interface: that with a carrier before that without, eth0 before all others, then in natural
    order. None where the machine has none that could do it."""
    ranked: List[Tuple[Tuple[bool, bool, List[Any]], Nic]] = []
    hyperv = {n.mac for n in nics if n.driver == "hv_netvsc"}
    for nic in nics:
        if not _candidate(nic, files) or (nic.driver != "hv_netvsc" and nic.mac in hyperv):
            continue
        carrier = nic.carrier or files.line(f"{SYS}/{nic.name}/carrier") == "1"
        state = files.line(f"{SYS}/{nic.name}/operstate")
        dormant = files.line(f"{SYS}/{nic.name}/dormant") == "1"
        if carrier or dormant or state in ("", "dormant", "down", "lowerlayerdown", "unknown"):
            ranked.append(((not carrier, nic.name != "eth0", natural(nic.name)), nic))
    if not ranked:
        return None
    nic = min(ranked, key=lambda pair: pair[0])[1]
    match: Dict[str, Any] = {"macaddress": nic.mac.lower()}
    if _failover(nic, files) == "master":
        match = {"name": nic.name}
    elif azure and nic.driver:
        match["driver"] = nic.driver
    entry = {"dhcp4": True, "dhcp6": True, "match": match, "set-name": nic.name}
    return {"version": 2, "ethernets": {nic.name: entry}}


def first_nic(nics: Sequence[Nic], files: FileView) -> str:
    """The name of the interface that the fallback would take, empty where there is none."""
    found = fallback(nics, files)
    return next(iter(found["ethernets"])) if found else ""


def natural(name: str) -> List[Any]:
    """A key that sorts eth2 before eth10."""
    parts: List[Any] = [""]
    for char in name:
        if char.isdigit() == parts[-1][-1:].isdigit():
            parts[-1] += char
        else:
            parts.append(char)
    return [(int(p), "") if p.isdigit() else (-1, p) for p in parts]


def _candidate(nic: Nic, files: FileView) -> bool:
    folder = f"{SYS}/{nic.name}"
    if nic.name == "lo" or nic.name.startswith("veth") or not nic.mac.strip("0:"):
        return False
    if nic.kind in ("bridge", "bond", "vlan", "loopback", "dummy") or "DEVTYPE=vlan" in _uevent(folder, files):
        return False
    if files.has(f"{folder}/bridge") or files.has(f"{folder}/bonding"):
        return False
    return _failover(nic, files) != "member"


def _uevent(folder: str, files: FileView) -> str:
    return (files.read(f"{folder}/uevent") or b"").decode("utf-8", "replace")


def _failover(nic: Nic, files: FileView) -> str:
    """master or member of a net_failover pair, else empty: virtio's standby feature marks the master and one member;
    the other member is whatever has such a master."""
    folder = f"{SYS}/{nic.name}"
    master = files.link(f"{folder}/master").rpartition("/")[2]
    if _standby(folder, files):
        return "member" if master else "master"
    return "member" if master and _standby(f"{SYS}/{master}", files) else ""


def _standby(folder: str, files: FileView) -> bool:
    driver = files.link(f"{folder}/device/driver").rpartition("/")[2]
    return driver == "virtio_net" and files.line(f"{folder}/device/features")[STANDBY_BIT : STANDBY_BIT + 1] == "1"
