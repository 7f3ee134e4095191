"""OpenStack's network_data.json, as a network-config version 1 document.

    {"links": [{"id": "tap1", "type": "vif", "ethernet_mac_address": "fa:16:3e:00:00:01", "mtu": 1450}],
     "networks": [{"id": "n0", "link": "tap1", "type": "ipv4_dhcp"}],
     "services": [{"type": "dns", "address": "192.0.2.53"}]}

A link's id is the host's name for it and means nothing in the guest: interfaces are found by MAC address. Facts:
netconfig reference, section 4.
"""

from __future__ import annotations

from cloudboot.network.model import Network
from cloudboot.network.parse_v1 import parse_v1
from cloudboot.network.reading import Reader, Wrong, settled
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Sequence

    from cloudboot.schema import Problem
    from cloudboot.values import Nic

SUBNETS = {"ipv4_dhcp": "dhcp4", "ipv6_dhcp": "dhcp6", "ipv4": "static", "static": "static", "ipv6": "static6",
           "static6": "static6", "ipv6_dhcpv6-stateful": "ipv6_dhcpv6-stateful",
           "ipv6_dhcpv6-stateless": "ipv6_dhcpv6-stateless", "ipv6_slaac": "ipv6_slaac"}  # fmt: skip
ACCEPT_RA = {"ipv6_dhcp": True, "ipv6_dhcpv6-stateful": True, "ipv6": False, "static6": False}
SHORTEST = 17
"""The length of an Ethernet address; IPoIB has longer ones."""
KEPT = ("netmask", "broadcast", "metric", "gateway", "pointopoint", "scope", "dns_search")


def parse_openstack(data: Any, nics: Sequence[Nic] = ()) -> Network:
    """The network that network_data.json describes. Raises `Invalid` with the path of what is wrong."""
    found: List[Problem] = []
    warnings: List[str] = []
    network = parse_v1(openstack_config(data, nics, warnings), found)
    return settled(network.but(warnings=tuple(warnings)), found)


def openstack_config(data: Any, nics: Sequence[Nic], warnings: List[str]) -> Mapping[str, Any]:
    """The same as a version 1 document; ``nics`` are those of the machine. What was not understood is added to
    ``warnings``. Raises `Invalid` also where a link's interface is not there."""
    found: List[Problem] = []
    top = Reader(data, (), found)
    present = {n.mac.lower(): n for n in reversed(nics) if n.mac}
    present.update((_short(n.mac), n) for n in reversed(nics) if len(n.mac) > SHORTEST)
    links = list(top.children("links"))
    networks = list(top.children("networks"))
    entries: Dict[str, Dict[str, Any]] = {}
    bonds = 0
    for link in links:
        id, kind = link.needed("id"), link.text("type")
        entry: Dict[str, Any] = {"type": kind if kind in ("bond", "vlan") else "physical", "subnets": []}
        entry["mac_address"] = link.mac("ethernet_mac_address")
        entry["mtu"] = link.whole("mtu")
        entry["name"] = link.text("name")
        if kind == "bond":
            entry["name"] = entry["name"] or f"bond{bonds}"
            bonds += 1
            _bond(link, entry)
        elif kind == "vlan":
            entry["vlan_id"], entry["vlan_link"] = link.whole("vlan_id"), link.text("vlan_link")
            entry["mac_address"] = link.mac("vlan_mac_address") or entry["mac_address"]
        else:
            _hardware(link, entry, present)
        entries[id] = entry
    for entry in entries.values():
        if entry["type"] == "bond":
            entry["bond_interfaces"] = [entries[i]["name"] if i in entries else i for i in entry["bond_interfaces"]]
    for entry in entries.values():
        if entry["type"] == "vlan":
            parent = entries.get(entry["vlan_link"])
            entry["vlan_link"] = parent["name"] if parent else entry["vlan_link"]
            entry["name"] = entry["name"] or f"{entry['vlan_link']}.{entry['vlan_id']}"
    for network in networks:
        link_of = entries.get(network.text("link"))
        if link_of is None:
            network.warn("link", "no link has this id; the network is left out")
        else:
            _subnet(network, link_of)
    config = [{k: v for k, v in entry.items() if v not in (None, "")} for entry in entries.values()]
    for service in top.children("services"):
        if service.text("type", "dns") == "dns":
            config.append({"type": "nameserver", "address": [*service.texts("address")],
                           "search": [*service.texts("search")]})  # fmt: skip
    warnings.extend(settled(Network(), found).warnings)
    return {"version": 1, "config": config}


def _bond(link: Reader, entry: Dict[str, Any]) -> None:
    entry["bond_interfaces"] = list(link.texts("bond_links"))
    options = link.raw(*(k for k in link.rest if str(k).startswith("bond_")))
    entry["params"] = {f"bond-{key[5:]}": value for key, value in options.items()}


def _hardware(link: Reader, entry: Dict[str, Any], present: Mapping[str, Nic]) -> None:
    """The name that the machine has for the interface with this MAC address; an IPoIB interface has its own, of
    twenty bytes, of which the cloud tells six."""
    nic = present.get(entry["mac_address"])
    if nic and len(nic.mac) > SHORTEST:
        entry.update(type="infiniband", mac_address=nic.mac.lower())
    if not entry["name"] and nic:
        entry["name"] = nic.name
    if not entry["name"]:
        raise Wrong((*link.path, "ethernet_mac_address"), "no network interface of this machine has this MAC address")


def _short(mac: str) -> str:
    parts = mac.lower().split(":")
    return ":".join((*parts[-8:-5], *parts[-3:]))


def _subnet(network: Reader, entry: Dict[str, Any]) -> None:
    kind = network.text("type", "ipv4")
    if kind not in SUBNETS:
        network.warn("type", "no such type of network; it is left out")
        return
    subnet: Dict[str, Any] = {"type": SUBNETS[kind], **network.raw(*KEPT)}
    if kind in ACCEPT_RA:
        entry["accept-ra"] = ACCEPT_RA[kind]
    address = network.text("ip_address")
    if SUBNETS[kind].startswith("static") and address:
        subnet["address"] = address
    subnet["routes"] = []
    servers: List[str] = []
    for route in network.children("routes"):
        subnet["routes"].append(route.raw("network", "destination", "netmask", "gateway", "metric"))
        for service in route.children("services"):
            servers += service.texts("address") if service.text("type") == "dns" else ()
    for service in network.children("services"):
        servers += service.texts("address") if service.text("type") == "dns" else ()
    servers += network.texts("dns_nameservers")
    subnet["dns_nameservers"] = list(dict.fromkeys(servers))
    entry["subnets"].append(subnet)
