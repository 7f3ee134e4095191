"""network-config version 1: a list of devices, name servers and routes.

    version: 1
    config:
      - {type: physical, name: lan0, mac_address: "02:00:5e:10:00:01", subnets: [{type: dhcp4}]}
      - {type: vlan, name: lan0.40, vlan_link: lan0, vlan_id: 40, subnets: [{type: static, address: 192.0.2.9/24}]}
      - {type: nameserver, address: [192.0.2.53], search: [example.net]}

Facts: netconfig reference, sections 2 and 2.2 to 2.4.
"""

from __future__ import annotations

from cloudboot.network.addresses import is_address, is_v6, network_length, prefix_of, split
from cloudboot.network.model import Device, Dns, Match, Network, Route, Subnet
from cloudboot.network.parameters import STATUS, bond_name, bridge_name
from cloudboot.network.reading import NO_ADDRESS, Reader, Wrong, enslaved, interface_name, line
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema.problem import Problem

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Tuple

    from cloudboot.schema.problem import Path

KINDS = ("physical", "bond", "bridge", "vlan", "infiniband", "loopback")
NEEDS = {"bridge": ("bridge_interfaces",), "vlan": ("vlan_link", "vlan_id"),
         "nameserver": ("address",)}  # fmt: skip
SUBNETS = {"dhcp": "dhcp4", "dhcp4": "dhcp4", "dhcp6": "dhcp6", "static": "static", "static6": "static",
           "ipv6_dhcpv6-stateful": "ipv6_dhcpv6-stateful", "ipv6_dhcpv6-stateless": "ipv6_dhcpv6-stateless",
           "ipv6_slaac": "ipv6_slaac", "manual": "manual", "loopback": "loopback"}  # fmt: skip


def parse_v1(document: Mapping[str, Any], found: List[Problem]) -> Network:
    """The network that a version 1 document describes. What is wrong or worth a warning is added to ``found``; an
    entry that cannot be used is left out."""
    top = Reader(document, (), found)
    top.take("version")
    lists = _Lists()
    try:
        if "config" not in top:
            raise Wrong((), "config is missing", "version 1 needs a list of devices there")
        for entry in top.children("config"):
            try:
                _entry(entry, lists)
            except Wrong as problem:
                found.append(problem.problem)
        top.done()
        devices = _joined(lists, found)
    except Wrong as problem:
        found.append(problem.problem)
        devices = ()
    return Network(devices, lists.dns, tuple(lists.routes), 1)


class _Lists:
    """What the entries of a document come to; ``tied`` are name servers of one interface."""

    def __init__(self) -> None:
        self.devices: Dict[str, Device] = {}
        self.routes: List[Route] = []
        self.tied: List[Tuple[Path, str, Dns]] = []
        self.dns = Dns()


def _entry(entry: Reader, lists: _Lists) -> None:
    kind = entry.needed("type")
    missing = [k for k in ("name",) * (kind in KINDS) + NEEDS.get(kind, ()) if k not in entry]
    if missing:
        entry.warn("", f"{missing[0]} is missing; the {kind} is left out", "dropped")
        return
    if kind == "nameserver":
        interface, dns = entry.text("interface"), Dns(entry.texts("address"), entry.texts("search"))
        if interface:
            lists.tied.append((entry.path, interface, dns))
        else:
            lists.dns = lists.dns.plus(dns)
    elif kind == "route":
        lists.routes.append(_route(entry))
    elif kind in KINDS:
        device = _device(kind, entry)
        if device.name in lists.devices:
            entry.warn("name", f"{device.name} is described before; this entry is taken")
        lists.devices[device.name] = device
    else:
        raise Wrong((*entry.path, "type"), "no such type of entry", f"there are {', '.join(KINDS)}")
    entry.done()


def _device(kind: str, entry: Reader) -> Device:
    name = interface_name(entry.needed("name"), (*entry.path, "name"))
    mac = entry.mac("mac_address")
    inborn = mac if kind in ("physical", "infiniband") else ""
    driver = ""
    parameters: Mapping[str, Any] = {}
    if kind == "physical":
        more = entry.child("params")
        driver = more.text("driver")
        more.take("device_id")
        more.done()
    elif kind in ("bond", "bridge"):
        parameters = _parameters(kind, entry.child("params"))
    found = Device(
        name,
        kind,
        id=name,
        match=Match("", inborn, (driver,) if driver else ()),
        renamed=bool(inborn) and kind == "physical",
        mac="" if inborn else mac,
        mtu=entry.whole("mtu"),
        subnets=tuple(_subnet(s) for s in entry.children("subnets")),
        accept_ra=entry.truth("accept-ra") if "accept-ra" in entry else entry.truth("accept_ra"),
        optional=bool(entry.truth("optional")),
        critical=bool(entry.truth("keep_configuration")),
        wakeonlan=entry.truth("wakeonlan"),
        members=entry.texts(f"{kind}_interfaces"),
        link=entry.text("vlan_link"),
        vlan_id=entry.whole("vlan_id") or 0,
        parameters=parameters,
    )
    return found.but(mtu=found.mtu or None)


def _parameters(kind: str, entry: Reader) -> Mapping[str, Any]:
    named = bond_name if kind == "bond" else bridge_name
    found: Dict[str, Any] = {}
    for key, value in entry.raw(*entry.rest).items():
        name = named(key)
        if kind == "bond" and name in STATUS and name != "active_slave":
            entry.warn(key, "the kernel reports this and takes no setting of it; left out")
        elif name in ("pathcost", "portprio"):
            found[name] = dict(_by_port(v, (*entry.path, key)) for v in _several(value))
        elif name == "waitport":
            found[name] = tuple(line(v, (*entry.path, key)) for v in _several(value))
        elif name == "stp":
            found[name] = Reader({key: value}, entry.path, entry.found).truth(key)
        elif name != "ports":
            found[name] = tuple(value) if isinstance(value, list) else value
    return found


def _several(value: Any) -> List[Any]:
    return value if isinstance(value, list) else [value]


def _by_port(value: Any, path: Path) -> Tuple[str, int]:
    port, _, number = line(value, path).partition(" ")
    if not number.strip().isdigit():
        raise Wrong(path, "expected a port and a number, such as eth0 50")
    return port, int(number)


def _subnet(entry: Reader) -> Subnet:
    word = entry.text("type", "manual")
    if word not in SUBNETS:
        raise Wrong((*entry.path, "type"), "no such type of subnet", f"there are {', '.join(SUBNETS)}")
    # what the converter of OpenStack's descriptions marks, and what only says again where it stands
    entry.raw("ipv4", "ipv6", "interface")
    other = entry.text("ip_address")
    address, mask = split((entry.text("address") or other).strip())
    if address and not is_address(address):
        entry.warn("address" if address != split(other.strip())[0] else "ip_address", NO_ADDRESS, "dropped")
        address = ""
    elif word.startswith("static") and not address:
        entry.warn("address", "this key is missing; the subnet gives no address")
    if not address:
        entry.raw("netmask", "prefix")
    prefix = _prefix(entry, mask, is_v6(address), 64 if is_v6(address) else 24) if address else 0
    found = Subnet(
        SUBNETS[word] if address or not word.startswith("static") else "manual",
        address,
        prefix,
        gateway=entry.address("gateway"),
        metric=entry.whole("metric"),
        mtu=entry.whole("mtu"),
        broadcast=entry.text("broadcast"),
        peer=entry.text("pointopoint"),
        scope=entry.text("scope"),
        control=entry.text("control", "auto"),
        dns=Dns(entry.texts("dns_nameservers"), entry.texts("dns_search")),
        routes=tuple(_route(r) for r in entry.children("routes")),
    )
    entry.done()
    return found


def _route(entry: Reader) -> Route:
    entry.take("type")
    entry.take("id")
    key = "destination" if "destination" in entry else "network"
    network, mask = split(entry.needed(key))
    via = entry.text("gateway")
    if network == "default":
        network, mask = ("::", "0") if is_v6(via) else ("0.0.0.0", "0")
    length = _prefix(entry, mask, is_v6(network), network_length(network))
    found = Route(network, length, via, entry.whole("metric"), mtu=entry.whole("mtu"))
    entry.done()
    return found


def _prefix(entry: Reader, mask: str, v6: bool, default: int) -> int:
    """The prefix: behind the slash, else from ``prefix``, else from ``netmask``."""
    given = [(mask, ""), (entry.text("prefix"), "prefix"), (entry.text("netmask"), "netmask")]
    for text, key in given:
        if text:
            try:
                return prefix_of(text, v6)
            except ValueError:
                raise Wrong((*entry.path, key) if key else entry.path, "this is no netmask or prefix length") from None
    return default


def _joined(lists: _Lists, found: List[Problem]) -> Tuple[Device, ...]:
    """The devices, each told which bond or bridge it is a member of and which name servers are its own."""
    devices = lists.devices
    for path, name, dns in lists.tied:
        if name not in devices:
            raise Wrong((*path, "interface"), "no device of this name is described here")
        devices[name] = devices[name].but(dns=devices[name].dns.plus(dns))
    return enslaved(devices, found)
