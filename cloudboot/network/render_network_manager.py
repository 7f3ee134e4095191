"""The network in the words of NetworkManager: one keyfile for each connection, see nm-settings-keyfile(5).

Facts: netconfig reference, sections 7 to 9.
"""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.ini import Ini
from cloudboot.network.keyfile_kinds import TYPES, own_sections
from cloudboot.network.losses import losses, patterned, unfit
from cloudboot.network.model import ALONE_V6, DEBIAN, Dns, Rendered, Route, Target, spread_routes
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Any, List, Mapping, Optional, Tuple

    from cloudboot.network.model import Device, Network, Rule

TARGET = "NetworkManager"
FOLDER = "/etc/NetworkManager"
NAMESPACE = "6ba2c1f7-3f4e-5c26-9a55-6f0c1d2e7b48"
PRIORITY = 120
FIRST_RULE = 30000
MULTIPLE = 3
HOLDS = {"mac", "mtu", "rules", "wakeonlan", "vrf", "optional", "dhcp4.route-metric", "dhcp6.route-metric",
         *(f"dhcp{n}.{key}" for n in (4, 6) for key in ("use-dns", "use-routes", "send-hostname", "hostname")),
         *(f"routes.{f}" for f in ("table", "mtu", "on_link", "source", "type", "metric", "congestion_window",
                                   "receive_window", "segment_size")),
         "subnets.control", "ipv6-privacy", "ipv6-address-generation",
         "ipv6-address-token", "activation-mode"}  # fmt: skip
METHODS = {"static": "manual", "dhcp4": "auto", "dhcp6": "auto", "ipv6_slaac": "auto", "ipv6_dhcpv6-stateless": "auto",
           "ipv6_dhcpv6-stateful": "dhcp"}  # fmt: skip
IPV6: Mapping[str, Tuple[str, Mapping[Any, int]]] = {
    "ipv6-privacy": ("ip6-privacy", {True: 2, False: 0}),
    "ipv6-address-generation": ("addr-gen-mode", {"eui64": 0, "stable-privacy": 1}),
}
RANK = ("disabled", "manual", "auto", "dhcp")
EUI64 = f"{FOLDER}/conf.d/30-cloudboot-ip6-addr-gen-mode.conf"


def render_network_manager(network: Network, target: Target = DEBIAN) -> Rendered:
    """A connection for every device, readable by root alone, and the default that IPv6 addresses are made of MAC
    addresses, as clouds expect them to be."""
    warnings = list(network.warnings)
    network, loose = spread_routes(network)
    for route in loose:
        warnings.append(f"route {route.to}: no interface reaches its gateway, and {TARGET} needs one; left out")
    files = []
    named, shared = network.named(), network.dns if network.version == 1 else Dns()
    for device in network.devices:
        if device.kind not in TYPES or (device.kind == "loopback" and not device.statics):
            warnings.extend([unfit(device, TARGET)] if device.kind != "loopback" else [])
            continue
        warnings.extend(losses(device, TARGET, HOLDS))
        file = _connection(device, named, shared, warnings)
        name = (device.id or device.name).replace("/", "_")
        path = f"{FOLDER}/system-connections/cloudboot-{name}.nmconnection"
        files.append(FileSpec(path, file.text(HEADER).encode(), 0o600, secret=device.kind == "tunnel"))
    default = f"{HEADER}[connection]\nipv6.addr-gen-mode=0\n"
    return Rendered((*files, FileSpec(EUI64, default.encode())), tuple(warnings))


def connection_uuid(device: Device) -> str:
    """The same at every boot, so that a connection is replaced and not added to."""
    from uuid import UUID, uuid5

    return str(uuid5(UUID(NAMESPACE), device.id or device.name))


def _connection(device: Device, named: Mapping[str, Device], shared: Dns, warnings: List[str]) -> Ini:
    file = Ini()
    file.add("connection", "id", f"cloudboot {device.name}")
    file.add("connection", "uuid", connection_uuid(device))
    file.add("connection", "autoconnect-priority", PRIORITY)
    if device.settings.get("activation-mode") or any(s.control == "manual" for s in device.subnets[:1]):
        file.add("connection", "autoconnect", "false")
    file.add("connection", "type", TYPES[device.kind] or _tunnel_type(device))
    for kind in ("bond", "bridge", "vrf"):
        master = named.get(getattr(device, kind))
        if master:
            file.add("connection", "slave-type", kind)
            file.add("connection", "master", connection_uuid(master))
    if patterned(device):
        file.add("connection", "multi-connect", MULTIPLE)
        file.add("match", "interface-name", f"{device.match.name};" if device.match.name else "")
        file.add("match", "driver", "".join(f"{driver};" for driver in device.match.drivers))
    elif not (device.match.mac and device.kind in ("physical", "infiniband")):
        file.add("connection", "interface-name", device.name)
    file.add("user", "org.freedesktop.NetworkManager.origin", "cloudboot")
    own_sections(file, device, named, connection_uuid, warnings)
    _ip(file, device, shared, warnings)
    return file


def _tunnel_type(device: Device) -> str:
    mode = device.options.get("mode")
    return str(mode) if mode in ("wireguard", "vxlan") else "ip-tunnel"


def _ip(file: Ini, device: Device, shared: Dns, warnings: List[str]) -> None:
    methods = _methods(device)
    dynamic = [m in ("auto", "dhcp") for m in methods]
    for v6 in (False, True):
        section = "ipv6" if v6 else "ipv4"
        routes = [r for r in device.all_routes if r.v6 == v6]
        rules = [r for r in device.rules if r.v6 == v6]
        more = {word: values[device.settings[key]] for key, (word, values) in IPV6.items()
                if v6 and device.settings.get(key) in values}  # fmt: skip
        token = device.settings.get("ipv6-address-token") if v6 else None
        method = methods[v6]
        if method is None and (routes or rules or more or token):
            method = "auto" if v6 else "link-local"  # a section without any makes the whole connection invalid
        file.add(section, "method", method)
        # where both are asked of somebody else, either is enough
        if methods[v6] and (methods[v6] != "disabled" or set(methods) == {"disabled"}):
            file.add(section, "may-fail", "true" if all(dynamic) else "false")
        gateway = _addresses(file, section, device, v6)
        routes = [Route("::" if v6 else "0.0.0.0", 0, gateway), *routes] if gateway else routes
        table = device.options.get("table") if device.kind == "vrf" else None
        _routes(file, section, routes, table)
        _rules(file, section, rules, table)
        if method in ("manual", "auto", "dhcp"):
            _names(file, section, device, shared, v6)
        else:
            family = "an IPv6" if v6 else "an IPv4"
            warnings.extend(f"{device.id}: nameserver {server}: {TARGET} asks it with {family} address only; left out"
                            for server in device.all_dns.of(v6))  # fmt: skip
        _overrides(file, section, device, v6)
        for word, value in more.items():
            file.add(section, word, value)
        file.add(section, "token", token)


def _methods(device: Device) -> List[Optional[str]]:
    """The methods of IPv4 and IPv6; None where nothing is to be said. A weaker way never takes the place of a stronger
    one, and who has only addresses that IPv6 makes itself, or does without (manual), wants no IPv4."""
    found: List[Optional[str]] = [None, None]
    routed = any(not r.v6 for r in device.all_routes) or any(not r.v6 for r in device.rules)
    without = ALONE_V6 if routed else (*ALONE_V6, "manual")
    for subnet in device.subnets:
        if subnet.kind in without and found[0] is None:
            found[0] = "disabled"
        method = METHODS.get(subnet.kind)
        if method is None:
            continue
        if RANK.index(method) > RANK.index(found[subnet.v6] or "disabled"):
            found[subnet.v6] = method
    if device.kind == "bond" and found == [None, None]:
        return ["disabled", "disabled"]  # or else it asks for addresses
    return found


def _addresses(file: Ini, section: str, device: Device, v6: bool) -> str:
    """Adds addresses, gateway and metric. A gateway without addresses would make the connection invalid: it is what
    comes back, for a route."""
    number, gateway, metric = 0, "", None
    for subnet in device.subnets:
        if subnet.v6 != v6 or subnet.kind not in METHODS:
            continue
        if subnet.address:
            number += 1
            file.add(section, f"address{number}", subnet.cidr)
        gateway = gateway or subnet.gateway
        metric = subnet.metric if subnet.metric is not None else metric
    for route in device.all_routes:
        if route.default and route.v6 == v6 and route.metric is not None:
            metric = route.metric
    file.add(section, "gateway", gateway if number else "")
    file.add(section, "route-metric", metric)
    return "" if number else gateway


def _routes(file: Ini, section: str, routes: List[Route], table: Optional[int]) -> None:
    for i, route in enumerate(routes, 1):
        metric = route.metric if not route.default else None
        via = route.via or ("" if metric is None else "::" if route.v6 else "0.0.0.0")
        words = [route.to, *([via] if via else []), *([str(metric)] if metric is not None else [])]
        file.add(section, f"route{i}", ",".join(words))
        options = {"mtu": route.mtu, "table": route.table or table, "src": route.source,
                   "onlink": "true" * route.on_link, "initcwnd": route.congestion_window,
                   "initrwnd": route.receive_window, "advmss": route.segment_size, "type": route.type}  # fmt: skip
        said = [f"{k}={v}" for k, v in options.items() if v not in (None, "")]
        file.add(section, f"route{i}_options", ",".join(said))


def _rules(file: Ini, section: str, rules: List[Rule], table: Optional[int]) -> None:
    """NetworkManager wants a priority of every rule; one that has none comes before the kernel's own."""
    for i, rule in enumerate(rules, 1):
        said = {"priority": rule.priority if rule.priority is not None else FIRST_RULE + i, "from": rule.source,
                "to": rule.to, "fwmark": rule.mark, "tos": rule.service, "table": rule.table or table}  # fmt: skip
        file.add(section, f"routing-rule{i}", " ".join(f"{k} {v}" for k, v in said.items() if v not in (None, "")))


def _names(file: Ini, section: str, device: Device, shared: Dns, v6: bool) -> None:
    own = [s.dns for s in device.subnets if s.dns] or [device.dns]
    of_all = shared.of(v6) if not any(dns.servers for dns in own) else ()
    servers = [server for dns in own for server in dns.of(v6)] + list(of_all)
    search = [domain for dns in own for domain in dns.search] or list(shared.search)
    file.add(section, "dns", "".join(f"{s};" for s in servers))
    file.add(section, "dns-search", "".join(f"{d};" for d in search))


def _overrides(file: Ini, section: str, device: Device, v6: bool) -> None:
    if not device.dynamic[v6]:
        return
    said = device.dhcp6_overrides if v6 else device.dhcp4_overrides
    if said.get("use-dns") is False:
        file.add(section, "ignore-auto-dns", "true")
    if said.get("use-routes") is False:
        file.add(section, "ignore-auto-routes", "true")
        file.add(section, "never-default", "true")
    if said.get("send-hostname") is False:
        file.add(section, "dhcp-send-hostname", "false")
    file.add(section, "dhcp-hostname", said.get("hostname"))
