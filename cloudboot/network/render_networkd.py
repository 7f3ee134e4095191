"""The network in the words of systemd-networkd: systemd.network(5) files, and systemd.netdev(5) files for what is
built of software.

Facts: netconfig reference, sections 7 to 9, and those manual pages.
"""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.addresses import reaches
from cloudboot.network.ini import Ini
from cloudboot.network.links import link_files
from cloudboot.network.losses import losses, unfit
from cloudboot.network.model import DEBIAN, VIRTUAL, Dns, Rendered, Target, spread_routes
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.network.model import Device, Network, Route, Rule, Subnet

    Over = Mapping[str, Sequence[Tuple[str, str]]]

TARGET = "networkd"
FOLDER = "/etc/systemd/network"
KINDS = (*VIRTUAL, "physical", "infiniband", "loopback")
OVERRIDES = {"use-dns": "UseDNS", "use-domains": "UseDomains", "use-hostname": "UseHostname", "use-mtu": "UseMTU",
             "use-ntp": "UseNTP", "use-routes": "UseRoutes", "send-hostname": "SendHostname", "hostname": "Hostname",
             "route-metric": "RouteMetric"}  # fmt: skip
OVERRIDES_V6 = ("use-dns", "use-domains", "use-hostname", "use-ntp")
METRIC_V6 = "route-metric"  # of the routes that a router advertises: DHCPv6 itself gives none
SETTINGS = ("ipv6-privacy", "ipv6-address-generation", "ipv6-address-token", "ignore-carrier", "dhcp-identifier",
            "ra-overrides", "activation-mode", "emit-lldp", "neigh-suppress", "hairpin",
            "port-mac-learning")  # fmt: skip
HOLDS = {"mac", "mtu", "rules", "accept_ra", "critical", "wakeonlan", "ipv6_mtu", "link_local", "vrf", "optional",
         *(f"dhcp4.{key}" for key in OVERRIDES), *(f"dhcp6.{key}" for key in (*OVERRIDES_V6, METRIC_V6)),
         *(f"routes.{f}" for f in ("table", "mtu", "on_link", "source", "type", "scope", "metric", "congestion_window",
                                   "receive_window", "segment_size")),
         *(f"subnets.{f}" for f in ("broadcast", "peer", "scope", "label", "lifetime", "control")),
         *SETTINGS}  # fmt: skip
GENERATION = {"eui64": "eui64", "stable-privacy": "stable-privacy"}
ACTIVATION = {"manual": "manual", "off": "always-down"}


def render_networkd(network: Network, target: Target = DEBIAN) -> Rendered:
    """A .network file for every interface, a .netdev file for every one of software, a .link file where an interface
    is to wake on LAN."""
    warnings = list(network.warnings)
    network, loose = spread_routes(network)
    named, over = network.named(), _over(network)
    if not any(device.subnets for device in network.devices):
        warnings.extend(f"route {r.to}: no interface has an address to reach its gateway; left out" for r in loose)
    files: List[FileSpec] = list(link_files(network, naming=False))
    for device in network.devices:
        if device.kind not in KINDS:
            warnings.append(unfit(device, TARGET))
            continue
        warnings.extend(losses(device, TARGET, HOLDS))
        if device.kind in VIRTUAL:
            from cloudboot.network.netdevs import netdev_file

            spec = netdev_file(device, named, warnings)
            files += [spec] if spec else []
        # which interface reaches these gateways is known when there is a lease
        device = device.but(routes=device.routes + (loose if device.subnets else ()))
        file = _network_file(device, named, over, network.dns if network.version == 1 else Dns())
        files.append(FileSpec(f"{FOLDER}/10-cloudboot-{device.name}.network", file.text(HEADER).encode()))
    return Rendered(tuple(files), tuple(warnings))


def _network_file(device: Device, named: Mapping[str, Device], over: Over, shared: Dns) -> Ini:
    file = Ini()
    _match(file, device)
    file.add("Link", "MACAddress", device.mac)
    file.add("Link", "MTUBytes", next((s.mtu for s in device.subnets if s.mtu and not s.v6), device.mtu))
    file.add("Link", "RequiredForOnline", False if device.optional else None)
    by_hand = any(s.control == "manual" for s in device.subnets[:1])
    mode = "manual" if by_hand else str(device.settings.get("activation-mode"))
    file.add("Link", "ActivationPolicy", ACTIVATION.get(mode))
    _addressing(file, device)
    _membership(file, device, named, over)
    dns = device.all_dns if device.dns else device.all_dns.plus(shared)
    file.add("Network", "DNS", " ".join(dns.servers))
    file.add("Network", "Domains", " ".join(dns.search))
    for subnet in device.subnets:
        if subnet.address:
            _address(file, subnet)
    for subnet in device.statics:
        if subnet.gateway:
            on_link = reaches(subnet.address, subnet.prefix, subnet.gateway) is False or None
            file.new("Route", ("Gateway", subnet.gateway), ("GatewayOnLink", on_link), ("Metric", subnet.metric))
    table = device.options.get("table") if device.kind == "vrf" else None
    for route in device.all_routes:
        _route(file, route, table)
    for rule in device.rules:
        _rule(file, rule, table)
    _overrides(file, device)
    return file


def _over(network: Network) -> Over:
    """What is built on each interface, as the lines that its file needs for it."""
    found: Dict[str, List[Tuple[str, str]]] = {}
    for device in network.devices:
        if device.kind == "vlan":
            found.setdefault(device.link, []).append(("VLAN", device.name))
        elif device.kind == "tunnel" and device.link:
            found.setdefault(device.link, []).append(("VXLAN", device.name))
    return found


def _match(file: Ini, device: Device) -> None:
    pattern = device.match.name if not device.renamed else ""
    anything = device.match.drivers and not (device.match.mac or device.match.name or device.renamed)
    file.add("Match", "Name", "" if anything else pattern or device.name)
    if device.kind == "physical":
        file.add("Match", "MACAddress", device.match.mac)
        file.add("Match", "Driver", " ".join(device.match.drivers))


def _addressing(file: Ini, device: Device) -> None:
    kinds = [s.kind for s in device.subnets]
    wanted = ("dhcp4" in kinds, "dhcp6" in kinds)
    words = {(True, True): "yes", (True, False): "ipv4", (False, True): "ipv6", (False, False): "no"}
    file.add("Network", "DHCP", words[wanted])
    file.add("Network", "IPv6AcceptRA", device.accept_ra)
    if device.link_local is not None:
        words = {(True, True): "yes", (True, False): "ipv4", (False, True): "ipv6", (False, False): "no"}
        file.add("Network", "LinkLocalAddressing", words["ipv4" in device.link_local, "ipv6" in device.link_local])
    settings = device.settings
    file.add("Network", "IPv6PrivacyExtensions", settings.get("ipv6-privacy"))
    file.add(
        "Network", "IPv6MTUBytes", device.ipv6_mtu or next((s.mtu for s in device.subnets if s.mtu and s.v6), None)
    )
    file.add("Network", "IPv6LinkLocalAddressGenerationMode",
             GENERATION.get(str(settings.get("ipv6-address-generation"))))  # fmt: skip
    file.add("Network", "ConfigureWithoutCarrier", settings.get("ignore-carrier") or None)
    file.add("Network", "EmitLLDP", settings.get("emit-lldp"))
    file.add("Network", "KeepConfiguration", True if device.critical else None)


def _membership(file: Ini, device: Device, named: Mapping[str, Device], over: Over) -> None:
    file.add("Network", "Bond", device.bond)
    file.add("Network", "Bridge", device.bridge)
    file.add("Network", "VRF", device.vrf)
    master = named.get(device.bond)
    if master and master.parameters.get("primary") == device.name:
        file.add("Network", "PrimarySlave", True)
    for key, name in over.get(device.name, ()):
        file.add("Network", key, name)
    bridge = named.get(device.bridge)
    for key, option in (("Cost", "pathcost"), ("Priority", "portprio")):
        file.add("Bridge", key, (bridge.parameters.get(option) or {}).get(device.name) if bridge else None)
    for key, option in (("NeighborSuppression", "neigh-suppress"), ("HairPin", "hairpin"),
                        ("Learning", "port-mac-learning")):  # fmt: skip
        file.add("Bridge", key, device.settings.get(option))


def _address(file: Ini, subnet: Subnet) -> None:
    file.new("Address", ("Address", subnet.cidr), ("Label", subnet.label), ("Broadcast", subnet.broadcast),
             ("Peer", subnet.peer), ("Scope", subnet.scope),
             ("PreferredLifetime", "0" if subnet.lifetime == "0" else None))  # fmt: skip


def _route(file: Ini, route: Route, table: Optional[int]) -> None:
    file.new("Route", ("Destination", route.to), ("Gateway", route.via), ("GatewayOnLink", route.on_link or None),
             ("Metric", route.metric), ("Table", route.table if route.table is not None else table),
             ("PreferredSource", route.source), ("Type", route.type), ("Scope", route.scope), ("MTUBytes", route.mtu),
             ("InitialCongestionWindow", route.congestion_window),
             ("InitialAdvertisedReceiveWindow", route.receive_window),
             ("TCPAdvertisedMaximumSegmentSize", route.segment_size))  # fmt: skip


def _rule(file: Ini, rule: Rule, table: Optional[int]) -> None:
    file.new("RoutingPolicyRule", ("From", rule.source), ("To", rule.to),
             ("Table", rule.table if rule.table is not None else table), ("Priority", rule.priority),
             ("FirewallMark", rule.mark), ("TypeOfService", rule.service))  # fmt: skip


def _overrides(file: Ini, device: Device) -> None:
    kinds = {s.kind: s for s in device.subnets}
    if "dhcp4" in kinds:
        said: Mapping[str, Any] = {"route-metric": kinds["dhcp4"].metric, **device.dhcp4_overrides}
        for key, word in OVERRIDES.items():
            file.add("DHCPv4", word, _said(said.get(key)))
        if device.settings.get("dhcp-identifier") == "mac":
            file.add("DHCPv4", "ClientIdentifier", "mac")
    if "dhcp6" in kinds:
        for key in OVERRIDES_V6:
            file.add("DHCPv6", OVERRIDES[key], _said(device.dhcp6_overrides.get(key)))
        file.add("IPv6AcceptRA", "RouteMetric", device.dhcp6_overrides.get(METRIC_V6))
    advertised = device.settings.get("ra-overrides")
    for key, word in (("use-dns", "UseDNS"), ("use-domains", "UseDomains"), ("table", "RouteTable")):
        file.add("IPv6AcceptRA", word, advertised.get(key) if isinstance(advertised, dict) else None)
    token = device.settings.get("ipv6-address-token")
    file.add("IPv6AcceptRA", "Token", f"static:{token}" if token else None)


def _said(value: Any) -> Any:
    return str(value) if isinstance(value, bool) else value
