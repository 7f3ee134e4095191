"""network-config version 2: mappings of devices by kind, the language of netplan.

    version: 2
    ethernets:
      nic-a: {match: {macaddress: "02:00:5e:20:00:01"}, set-name: wan0, dhcp4: true}
    vlans:
      wan0.77: {id: 77, link: nic-a, addresses: [198.51.100.7/24], routes: [{to: default, via: 198.51.100.1}]}

The document itself is kept whole beside the model, because netplan holds all of it. Facts: netconfig reference,
sections 3 to 3.4.
"""

from __future__ import annotations

from cloudboot.network.addresses import is_address, is_v6, network_length, split
from cloudboot.network.model import Device, Dns, Match, Network, Route, Rule, Subnet
from cloudboot.network.reading import NO_ADDRESS, Reader, Wrong, enslaved, interface_name, line
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema.problem import Problem

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Sequence, Set, Tuple

    from cloudboot.values import Nic

KINDS = {"ethernets": "physical", "wifis": "wifi", "modems": "modem", "bonds": "bond", "bridges": "bridge",
         "vlans": "vlan", "vrfs": "vrf", "tunnels": "tunnel", "dummy-devices": "dummy",
         "virtual-ethernets": "veth"}  # fmt: skip
NEEDS = {"vlan": ("id", "link")}
SWITCHES = ("ipv6-privacy", "ignore-carrier", "emit-lldp", "neigh-suppress", "hairpin", "port-mac-learning",
            "delay-virtual-functions-rebind", "receive-checksum-offload", "transmit-checksum-offload",
            "tcp-segmentation-offload", "tcp6-segmentation-offload", "generic-segmentation-offload",
            "generic-receive-offload", "large-receive-offload")  # fmt: skip
WORDS = ("ipv6-address-generation", "ipv6-address-token", "dhcp-identifier", "activation-mode", "infiniband-mode",
         "embedded-switch-mode")  # fmt: skip
OTHERS = ("ra-overrides", "optional-addresses", "virtual-function-count", "openvswitch", "auth", "networkmanager")
OPTIONS = {
    "tunnel": ("mode", "local", "remote", "ttl", "key", "keys", "port", "mark", "peers", "id", "port-range",
               "ageing", "aging", "limit", "mac-learning", "arp-proxy", "notifications", "short-circuit", "checksums",
               "extensions", "flow-label", "do-not-fragment", "type-of-service"),
    "vrf": ("table",),
    "veth": ("peer",),
    "wifi": ("access-points", "wakeonwlan", "regulatory-domain"),
    "modem": ("apn", "auto-config", "device-id", "network-id", "number", "password", "pin", "sim-id",
              "sim-operator-id", "username"),
}  # fmt: skip


def parse_v2(document: Mapping[str, Any], found: List[Problem], nics: Sequence[Nic] = ()) -> Network:
    """The network that a version 2 document describes; ``nics`` are those of the machine, by which an entry that is
    matched by MAC address gets its present name. What is wrong or worth a warning is added to ``found``; a device that
    cannot be used is left out."""
    top = Reader(document, (), found)
    top.take("version")
    top.take("renderer")
    devices: Dict[str, Device] = {}
    keys: Set[str] = set()
    present = {n.mac.lower(): n.name for n in reversed(nics) if n.mac}
    for key, kind in KINDS.items():
        try:
            for id, entry in top.named(key):
                _add(id, kind, entry, present, devices, keys)
        except Wrong as problem:
            found.append(problem.problem)
    top.done()
    named = {d.id: d.name for d in devices.values()}
    linked = {
        name: d.but(link=named.get(d.link, d.link), members=tuple(named.get(m, m) for m in d.members))
        for name, d in devices.items()
    }
    return Network(enslaved(linked, found), version=2, document=document)


def _add(id: str, kind: str, entry: Reader, present: Mapping[str, str], devices: Dict[str, Device],
         keys: Set[str]) -> None:  # fmt: skip
    if id in keys:
        entry.found.append(Wrong(entry.path, "another device has this key", "give each its own").problem)
        return
    keys.add(id)
    missing = [key for key in NEEDS.get(kind, ()) if key not in entry]
    if missing:
        entry.warn("", f"{missing[0]} is missing; the {kind} is left out", "dropped")
        return
    try:
        device = _device(id, kind, entry, present)
    except Wrong as problem:
        entry.found.append(problem.problem)
        return
    if device.name in devices:
        entry.warn("", f"{devices[device.name].id} has the name {device.name} too; this one is taken")
    devices[device.name] = device


def _device(id: str, kind: str, entry: Reader, present: Mapping[str, str]) -> Device:
    match = _match(entry.child("match"))
    wanted = entry.text("set-name")
    name = interface_name(wanted or present.get(match.mac) or match.exact_name or id, entry.path)
    entry.take("renderer")
    overrides4, overrides6 = (_overrides(entry.child(f"dhcp{n}-overrides")) for n in (4, 6))
    dns_entry = entry.child("nameservers")
    dns = Dns(dns_entry.texts("addresses"), dns_entry.texts("search"))
    dns_entry.done()
    routes = _routes(entry)
    found = Device(
        name,
        kind,
        id=id,
        match=match,
        renamed=bool(wanted),
        mac=entry.mac("macaddress"),
        mtu=entry.whole("mtu") or None,
        subnets=_subnets(entry, overrides4, overrides6, dns),
        routes=routes,
        rules=_rules(entry),
        dns=dns,
        dhcp4_overrides=overrides4,
        dhcp6_overrides=overrides6,
        accept_ra=entry.truth("accept-ra"),
        optional=bool(entry.truth("optional")),
        critical=bool(entry.truth("critical")),
        wakeonlan=entry.truth("wakeonlan"),
        members=entry.texts("interfaces"),
        parameters=_parameters(kind, entry.child("parameters")),
        vlan_id=(entry.whole("id") or 0) if kind == "vlan" else 0,
        link=entry.text("link") if kind in ("vlan", "tunnel") else "",
        options=entry.raw(*OPTIONS.get(kind, ())),
        ipv6_mtu=entry.whole("ipv6-mtu"),
        link_local=entry.texts("link-local") if isinstance(entry.rest.get("link-local"), list) else None,
        settings=_settings(kind, entry),
    )
    entry.done("cloudboot knows no such key; only netplan may know it", "deprecated")
    return found


def _settings(kind: str, entry: Reader) -> Mapping[str, Any]:
    """What the model has no field of its own for, by the document's keys."""
    found: Dict[str, Any] = {key: entry.truth(key) for key in SWITCHES if key in entry}
    found.update((key, entry.text(key)) for key in WORDS if key in entry)
    found.update(entry.raw(*OTHERS, *(("link",) if kind == "physical" else ())))
    return found


def _match(entry: Reader) -> Match:
    drivers = entry.texts("driver")
    found = Match(entry.text("name"), entry.mac("macaddress"), drivers)
    entry.done()
    return found


def _overrides(entry: Reader) -> Mapping[str, Any]:
    found: Dict[str, Any] = {}
    for key in ("use-dns", "use-ntp", "use-hostname", "send-hostname", "use-mtu", "use-routes"):
        if key in entry:
            found[key] = entry.truth(key)
    if "use-domains" in entry:
        found["use-domains"] = "route" if entry.rest["use-domains"] == "route" else entry.truth("use-domains")
        entry.take("use-domains")
    if "route-metric" in entry:
        found["route-metric"] = entry.whole("route-metric")
    if "hostname" in entry:
        found["hostname"] = entry.text("hostname")
    entry.done()
    return found


def _subnets(entry: Reader, overrides4: Mapping[str, Any], overrides6: Mapping[str, Any],
             dns: Dns) -> Tuple[Subnet, ...]:  # fmt: skip
    found: List[Subnet] = []
    for family, overrides in ((4, overrides4), (6, overrides6)):
        if entry.truth(f"dhcp{family}"):
            found.append(Subnet(f"dhcp{family}", metric=overrides.get("route-metric")))
    gateways = {False: entry.address("gateway4"), True: entry.address("gateway6")}
    for i, (text, label, lifetime) in enumerate(_addresses(entry)):
        address, prefix = split(text.strip())
        if not is_address(address):
            entry.found.append(Problem((*entry.path, "addresses", i), NO_ADDRESS, level="dropped"))
            continue
        v6 = is_v6(address)
        length = int(prefix) if prefix.isdigit() else 64 if v6 else 24
        if length > (128 if v6 else 32):
            entry.found.append(Wrong((*entry.path, "addresses", i), "this prefix is longer than the address").problem)
        found.append(Subnet("static", address, length, gateway=gateways[v6], dns=dns, label=label, lifetime=lifetime))
        gateways[v6], dns = "", Dns()
    for v6, gateway in gateways.items():
        if gateway:
            entry.warn(f"gateway{6 if v6 else 4}", "there is no address of that family to go with it; left out")
    return tuple(found)


def _addresses(entry: Reader) -> List[Tuple[str, str, str]]:
    """Each address with its label and lifetime."""
    found = []
    path = (*entry.path, "addresses")
    value = entry.take("addresses")
    for i, item in enumerate(value if isinstance(value, list) else [] if value is None else [value]):
        if isinstance(item, dict) and len(item) == 1:
            [(text, more)] = item.items()
            reader = Reader(more or {}, (*path, i), entry.found)
            found.append((line(text, (*path, i)), reader.text("label"), reader.text("lifetime")))
            reader.done()
        else:
            found.append((line(item, (*path, i)), "", ""))
    return found


def _routes(entry: Reader) -> Tuple[Route, ...]:
    found = []
    for route in entry.children("routes"):
        via = route.text("via")
        network, prefix = split(route.needed("to"))
        if network == "default":
            network, prefix = ("::", "0") if is_v6(via) else ("0.0.0.0", "0")
        length = int(prefix) if prefix.isdigit() else network_length(network)
        if length > (128 if is_v6(network) else 32):
            entry.found.append(Wrong((*route.path, "to"), "this prefix is longer than the address").problem)
        found.append(
            Route(
                network,
                length,
                via,
                route.whole("metric"),
                route.whole("table"),
                route.whole("mtu"),
                bool(route.truth("on-link")),
                route.text("from"),
                route.text("type"),
                route.text("scope"),
                route.whole("congestion-window"),
                route.whole("advertised-receive-window"),
                route.whole("advertised-mss"),
            )
        )
        route.done()
    return tuple(found)


def _rules(entry: Reader) -> Tuple[Rule, ...]:
    found = []
    for rule in entry.children("routing-policy"):
        found.append(Rule(rule.text("from"), rule.text("to"), rule.whole("table"), rule.whole("priority"),
                          rule.whole("mark"), rule.whole("type-of-service")))  # fmt: skip
        rule.done()
    return tuple(found)


def _parameters(kind: str, entry: Reader) -> Mapping[str, Any]:
    found: Dict[str, Any] = {}
    for key, name in _known_parameters(kind).items():
        if key not in entry:
            continue
        if name in ("pathcost", "portprio"):
            ports = entry.child(key)
            found[name] = {port: ports.whole(port) for port in list(ports.rest)}
        elif name in ("stp", "all_slaves_active"):
            found[name] = entry.truth(key)
        elif name == "arp_ip_target":
            found[name] = entry.texts(key)
        else:
            found[name] = entry.raw(key)[key]
    entry.done()
    return found


def _known_parameters(kind: str) -> Mapping[str, str]:
    if kind not in ("bond", "bridge"):
        return {}
    from cloudboot.network.parameters import BOND_V2, BRIDGE_V2

    return BOND_V2 if kind == "bond" else BRIDGE_V2
