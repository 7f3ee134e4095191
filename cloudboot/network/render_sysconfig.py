"""The network in the words of /etc/sysconfig, as Red Hat's network scripts and NetworkManager's ifcfg reader know them;
SUSE's way with the same folder is in `suse`.

Facts: netconfig reference, sections 7 to 9.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.network import HEADER
from cloudboot.network.addresses import mask_of
from cloudboot.network.ifcfg import assignments, bond_options, every_dns, resolv_conf, updated
from cloudboot.network.losses import globbed, losses, unfit, unmatched
from cloudboot.network.model import DEBIAN, Rendered, Target, spread_routes
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Dict, List, Mapping, Tuple

    from cloudboot.network.model import Device, Network, Route, Rule, Subnet

TARGET = "sysconfig"
FOLDER = "/etc/sysconfig/network-scripts"
GLOBAL = "/etc/sysconfig/network"
TYPES = {"physical": "Ethernet", "infiniband": "InfiniBand", "bond": "Bond", "bridge": "Bridge", "vlan": None}
HOLDS = {"mac", "mtu", "rules", "accept_ra", "wakeonlan", "optional", "dhcp4.route-metric", "dhcp6.route-metric",
         "routes.metric", "routes.table", "routes.on_link", "routes.source", "routes.type",
         "subnets.control"}  # fmt: skip
BRIDGE = {"stp": "STP", "ageing": "AGEING", "bridgeprio": "PRIO"}
MOST_SERVERS = 3
DYNAMIC: Mapping[str, Mapping[str, object]] = {
    "dhcp4": {"BOOTPROTO": "dhcp"},
    "dhcp6": {"IPV6INIT": True, "DHCPV6C": True},
    "ipv6_dhcpv6-stateful": {"IPV6INIT": True, "DHCPV6C": True, "IPV6_AUTOCONF": False, "IPV6_FAILURE_FATAL": True},
    "ipv6_dhcpv6-stateless": {"IPV6INIT": True, "DHCPV6C": True, "IPV6_AUTOCONF": True, "DHCPV6C_OPTIONS": "-S"},
    "ipv6_slaac": {"IPV6INIT": True, "IPV6_AUTOCONF": True},
}
"""What each way to get an address sets."""


def render_sysconfig(network: Network, target: Target = DEBIAN) -> Rendered:
    """An ifcfg file for every interface, with its routes and rules beside it. Raises `Invalid` where one subnet has
    two default routes, of which these files can hold one."""
    if target.family == "suse":
        from cloudboot.network.suse import render_suse

        return render_suse(network, target)
    warnings = list(network.warnings)
    network, loose = spread_routes(network)
    for route in loose:
        warnings.append(f"route {route.to}: no interface reaches its gateway, and {TARGET} needs one; left out")
    defaulted = any(route.default for route in (*network.routed, *loose))
    files: List[FileSpec] = []
    for device in network.devices:
        if device.kind not in TYPES:
            if device.kind != "loopback" or device.statics:
                warnings.append(unfit(device, TARGET))
            continue
        warnings.extend(losses(device, TARGET, HOLDS))
        warnings.extend(globbed(device, TARGET))
        values, routes = _ifcfg(device, defaulted, warnings)
        files.append(FileSpec(f"{FOLDER}/ifcfg-{device.name}", assignments(values).encode()))
        files.extend(_route_files(device, routes))
        files.extend(_rule_files(device))
    dns = every_dns(network)
    files.extend(resolv_conf(dns))
    if dns:
        # the file above is the whole truth; NetworkManager is not to write its own over it
        alone = f"{HEADER}[main]\ndns=none\n"
        files.append(FileSpec("/etc/NetworkManager/conf.d/99-cloudboot.conf", alone.encode()))
    files.append(FileSpec(GLOBAL, _global(network, target).encode()))
    return Rendered(tuple(files), tuple(warnings))


def _global(network: Network, target: Target) -> str:
    values: Dict[str, object] = {"NETWORKING": True}
    if any(s.v6 for d in network.devices for s in d.subnets):
        values.update({"NETWORKING_IPV6": True, "IPV6_AUTOCONF": False})
    return updated(target.kept.get(GLOBAL, ""), values)


def _ifcfg(device: Device, defaulted: bool, warnings: List[str]) -> Tuple[Dict[str, object], List[Route]]:
    """The assignments of an interface, and the routes that need a file of their own."""
    values: Dict[str, object] = {"BOOTPROTO": "none", "DEVICE": device.name, "ONBOOT": True, "USERCTL": False,
                                 "TYPE": TYPES[device.kind], "HWADDR": device.match.mac, "MACADDR": device.mac,
                                 "MTU": device.mtu, "IPV6_FORCE_ACCEPT_RA": device.accept_ra}  # fmt: skip
    if device.wakeonlan and device.kind == "physical":
        values["ETHTOOL_OPTS"] = "wol g"
    _kind(device, values, warnings)
    for subnet in device.subnets:
        _subnet(subnet, values)
    if device.accept_ra and values["IPV6_FORCE_ACCEPT_RA"] is False:
        warnings.append(f"{device.id}: accept-ra: {TARGET} refuses advertisements beside a static address; left out")
    _addresses(device, values, defaulted)
    return values, _default_routes(device, values)


def _kind(device: Device, values: Dict[str, object], warnings: List[str]) -> None:
    if device.kind == "bond":
        values.update({"BONDING_MASTER": True, "BONDING_OPTS": bond_options(device)})
        values.update((f"BONDING_SLAVE{i}", name) for i, name in enumerate(sorted(device.members)))
    elif device.kind == "bridge":
        warnings.extend(unmatched(device.parameters, BRIDGE, device, TARGET))
        values.update((key, device.parameters.get(name)) for name, key in BRIDGE.items())
    elif device.kind == "vlan":
        values.update({"VLAN": True, "PHYSDEV": device.link})
        start, _, number = device.name.rpartition("." if "." in device.name else "vlan")
        if number.lstrip("0") != str(device.vlan_id) or (start and "." not in device.name):
            values["VLAN_ID"] = device.vlan_id  # what the name does not tell
    if device.bond:
        values.update({"MASTER": device.bond, "SLAVE": True})
    if device.bridge:
        values["BRIDGE"] = device.bridge


def _subnet(subnet: Subnet, values: Dict[str, object]) -> None:
    values.update(DYNAMIC.get(subnet.kind, {}))
    if subnet.kind == "static":
        if subnet.v6:
            values.update({"IPV6INIT": True, "IPV6_AUTOCONF": False, "IPV6_FORCE_ACCEPT_RA": False})
        if subnet.mtu:
            values["IPV6_MTU" if subnet.v6 else "MTU"] = subnet.mtu
    elif subnet.kind == "manual":
        values["ONBOOT"] = bool(values["MTU"])  # a size that is asked for wants somebody to set it
    if subnet.control == "manual":
        values["ONBOOT"] = False


def _addresses(device: Device, values: Dict[str, object], defaulted: bool) -> None:
    v4: List[Subnet] = []
    v6: List[Subnet] = []
    for subnet in device.subnets:
        if subnet.metric is not None:
            values[f"IPV{6 if subnet.v6 else 4}_ROUTE_METRIC"] = subnet.metric
        if subnet.kind == "dhcp4" and defaulted:
            values["DHCLIENT_SET_DEFAULT_ROUTE"] = False
        if subnet.kind != "static":
            continue
        (v6 if subnet.v6 else v4).append(subnet)
        if subnet.gateway:
            values["DEFROUTE"] = True
            values["IPV6_DEFAULTGW" if ":" in subnet.gateway else "GATEWAY"] = subnet.gateway
        # of several, the later stand here; all of them stand in resolv.conf
        values.update((f"DNS{i}", server) for i, server in enumerate(subnet.dns.servers[:MOST_SERVERS], 1))
        if subnet.dns.search:
            values["DOMAIN"] = " ".join(subnet.dns.search)
    for i, subnet in enumerate(v4):
        values[f"IPADDR{i or ''}"], values[f"NETMASK{i or ''}"] = subnet.address, mask_of(subnet.prefix)
    if v6:
        values["IPV6ADDR"] = v6[0].cidr
        values["IPV6ADDR_SECONDARIES"] = " ".join(s.cidr for s in v6[1:])


def _default_routes(device: Device, values: Dict[str, object]) -> List[Route]:
    """Says default routes where the interface is said; the other routes."""
    rest = []
    said: Dict[bool, Route] = {}
    for route in device.all_routes:
        if not route.default or route.table:
            rest.append(route)
            continue
        known = said.setdefault(route.v6, route)
        if known != route and known.metric == route.metric:
            raise Invalid(f"{device.name} has two default routes of one metric", "give one of them another metric")
        if known is not route:
            rest.append(route)
            continue
        values["DEFROUTE"] = True
        if route.via:
            values["IPV6_DEFAULTGW" if route.v6 else "GATEWAY"] = route.via
        if route.metric is not None:
            values[f"IPV{6 if route.v6 else 4}_ROUTE_METRIC"] = route.metric
        if values["BOOTPROTO"] == "dhcp":
            values["DHCLIENT_SET_DEFAULT_ROUTE"] = True
    return rest


def _route_files(device: Device, routes: List[Route]) -> List[FileSpec]:
    """route- and route6-: both where there is either, as the scripts have it. The numbered form has no words for
    tables and sources; a file that needs them is written in the words of ip(8)."""
    if not routes:
        return []
    four = [r for r in routes if not r.v6]
    if any(r.table or r.on_link or r.source or r.type or not r.via for r in four):
        text = "".join(_route_line(r, device) for r in four)
    else:
        text = "".join(_numbered(i, r) for i, r in enumerate(four))
    six = "".join(_route_line(r, device) for r in routes if r.v6)
    return [FileSpec(f"{FOLDER}/route-{device.name}", (HEADER + text).encode()),
            FileSpec(f"{FOLDER}/route6-{device.name}", (HEADER + six).encode())]  # fmt: skip


def _numbered(i: int, route: Route) -> str:
    metric = f"METRIC{i}={route.metric}\n" if route.metric is not None else ""
    return f"ADDRESS{i}={route.network}\nGATEWAY{i}={route.via}\n{metric}NETMASK{i}={mask_of(route.prefix)}\n"


def _route_line(route: Route, device: Device) -> str:
    out = "" if route.refuses else device.name
    said = {"via": route.via, "metric": route.metric, "table": route.table, "src": route.source, "dev": out}
    words = " ".join(f"{key} {value}" for key, value in said.items() if value not in (None, ""))
    return f"{route.refuses} {route.to} {words}{' onlink' if route.on_link else ''}".strip() + "\n"


def _rule_files(device: Device) -> List[FileSpec]:
    files = []
    for v6 in (False, True):
        text = "".join(_rule_line(rule) for rule in device.rules if rule.v6 == v6)
        if text:
            files.append(FileSpec(f"{FOLDER}/rule{'6' if v6 else ''}-{device.name}", (HEADER + text).encode()))
    return files


def _rule_line(rule: Rule) -> str:
    said = {"from": rule.source, "to": rule.to, "fwmark": rule.mark, "tos": rule.service, "table": rule.table,
            "priority": rule.priority}  # fmt: skip
    return " ".join(f"{key} {value}" for key, value in said.items() if value not in (None, "")) + "\n"
