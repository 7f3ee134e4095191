"""The network in the words of /etc/sysconfig/network, as SUSE's wicked knows them, see ifcfg(5), routes(5).

Facts: netconfig reference, sections 7 to 9.
"""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.addresses import mask_of
from cloudboot.network.ifcfg import assignments, bond_options, every_dns, resolv_conf, updated
from cloudboot.network.losses import globbed, losses, unfit, unmatched
from cloudboot.network.model import Rendered, Target, spread_routes
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Dict, List

    from cloudboot.network.model import Device, Network, Subnet

TARGET = "SUSE's sysconfig"
FOLDER = "/etc/sysconfig/network"
KINDS = ("physical", "infiniband", "bond", "bridge", "vlan")
HOLDS = {"mac", "mtu", "wakeonlan", "optional", "routes.metric", "routes.table", "routes.mtu", "routes.on_link",
         "routes.type",
         "subnets.control"}  # fmt: skip
BRIDGE = {"stp": "BRIDGE_STP", "ageing": "BRIDGE_AGEINGTIME", "bridgeprio": "BRIDGE_PRIORITY"}
MODES = {"dhcp6": "managed", "ipv6_dhcpv6-stateful": "managed", "ipv6_dhcpv6-stateless": "info", "ipv6_slaac": "info"}


def render_suse(network: Network, target: Target) -> Rendered:
    """An ifcfg file for every interface, and one file with the routes of all."""
    warnings = list(network.warnings)
    network, loose = spread_routes(network)
    files: List[FileSpec] = []
    routes = [_route(route.to, route.via, "-", route.metric) for route in loose]
    for device in network.devices:
        if device.kind not in KINDS:
            if device.kind != "loopback" or device.statics:
                warnings.append(unfit(device, TARGET))
            continue
        warnings.extend(losses(device, TARGET, HOLDS))
        warnings.extend(globbed(device, TARGET))
        values = _ifcfg(device, warnings)
        files.append(FileSpec(f"{FOLDER}/ifcfg-{device.name}", assignments(values).encode()))
        routes += _routes(device)
    if routes:
        files.append(FileSpec(f"{FOLDER}/routes", (HEADER + "".join(routes)).encode()))
    dns = every_dns(network)
    files.extend(resolv_conf(dns))
    config = f"{FOLDER}/config"
    if dns and config in target.kept:
        # netconfig makes resolv.conf anew from these
        values = {"NETCONFIG_DNS_STATIC_SERVERS": " ".join(dns.servers),
                  "NETCONFIG_DNS_STATIC_SEARCHLIST": " ".join(dns.search)}  # fmt: skip
        files.append(FileSpec(config, updated(target.kept[config], values).encode()))
    return Rendered(tuple(files), tuple(warnings))


def _ifcfg(device: Device, warnings: List[str]) -> Dict[str, object]:
    values: Dict[str, object] = {"BOOTPROTO": "static", "STARTMODE": "auto", "MTU": device.mtu,
                                 "LLADDR": device.mac or device.match.mac}  # fmt: skip
    if device.wakeonlan and device.kind == "physical":
        values["ETHTOOL_OPTIONS"] = "wol g"
    for subnet in device.subnets:
        _subnet(subnet, values)
    for v6 in (False, True):
        for i, subnet in enumerate(s for s in device.statics if s.v6 == v6):
            if v6:
                values[f"IPADDR6{f'_{i}' if i else ''}"] = subnet.cidr
            else:
                values[f"IPADDR{i or ''}"], values[f"NETMASK{i or ''}"] = subnet.address, mask_of(subnet.prefix)
    if device.kind == "bond":
        values.update({"BONDING_MASTER": True, "BONDING_MODULE_OPTS": bond_options(device)})
        values.update((f"BONDING_SLAVE_{i}", name) for i, name in enumerate(sorted(device.members)))
    elif device.kind == "bridge":
        warnings.extend(unmatched(device.parameters, BRIDGE, device, TARGET))
        values.update((key, device.parameters.get(name)) for name, key in BRIDGE.items())
        if "stp" in device.parameters:
            values["BRIDGE_STP"] = "on" if device.parameters["stp"] else "off"
        values["BRIDGE_PORTS"] = " ".join(device.members)
    elif device.kind == "vlan":
        values.update({"VLAN_ID": device.vlan_id, "ETHERDEVICE": device.link})
    if device.bond:
        values.update({"BOOTPROTO": "none", "STARTMODE": "hotplug"})
    if device.bridge:
        values["BRIDGE"] = True
    return values


def _subnet(subnet: Subnet, values: Dict[str, object]) -> None:
    if subnet.kind == "dhcp4":
        values["BOOTPROTO"] = "dhcp" if values["BOOTPROTO"] in ("dhcp6", "dhcp") else "dhcp4"
    elif subnet.kind in MODES:
        values["BOOTPROTO"] = "dhcp" if values["BOOTPROTO"] in ("dhcp4", "dhcp") else "dhcp6"
        values["DHCLIENT6_MODE"] = MODES[subnet.kind]
    elif subnet.kind == "static" and subnet.mtu and not subnet.v6:
        values["MTU"] = subnet.mtu
    if subnet.control in ("manual", "hotplug") and values["STARTMODE"] == "auto":
        values["STARTMODE"] = subnet.control


def _routes(device: Device) -> List[str]:
    gateways = [_route("default", s.gateway, device.name, s.metric) for s in device.statics if s.gateway]
    rest = []
    for route in device.all_routes:
        options = {"table": route.table, "mtu": route.mtu}
        more = "".join(f" {key} {value}" for key, value in options.items() if value)
        more += " onlink" if route.on_link else ""
        to = "default" if route.default and route.via else route.to
        more = f" {route.refuses}{more}" if route.refuses else more
        rest.append(_route(to, route.via, "-" if route.refuses else device.name, route.metric, more))
    return gateways + rest


def _route(to: str, via: str, interface: str, metric: object, more: str = "") -> str:
    said = f" metric {metric}" if metric is not None else ""
    return f"{to} {via or '-'} - {interface}{more}{said}\n"
