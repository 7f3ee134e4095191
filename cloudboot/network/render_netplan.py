"""The network in the words of netplan. A version 2 document is already that, and is passed on whole.

Facts: netconfig reference, sections 3, 7 and 8.
"""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.addresses import is_address, reaches, split
from cloudboot.network.losses import losses, unfit, unmatched
from cloudboot.network.model import DEBIAN, Dns, Rendered, Target, spread_routes
from cloudboot.network.parameters import BOND, BRIDGE, bond_word, by_name
from cloudboot.network.reading import NO_ADDRESS
from cloudboot.network.yaml_text import yaml_text
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping

    from cloudboot.network.model import Device, Network, Route, Subnet

TARGET = "netplan"
PATH = "/etc/netplan/50-cloudboot.yaml"
PLURALS = {"physical": "ethernets", "infiniband": "ethernets", "loopback": "ethernets", "bond": "bonds",
           "bridge": "bridges", "vlan": "vlans"}  # fmt: skip
HOLDS = {"mac", "mtu", "accept_ra", "wakeonlan", "optional", "critical", "routes.metric", "routes.mtu"}
SECRETS = ("wifis", "modems", "tunnels", "nm-devices")


def render_netplan(network: Network, target: Target = DEBIAN) -> Rendered:
    """One file, readable by root alone."""
    document, warnings = network.document, []
    if document is None:
        warnings = list(network.warnings)
        document = v2_document(network, warnings)
    elif any(NO_ADDRESS in warning for warning in network.warnings):
        warnings = [warning for warning in network.warnings if NO_ADDRESS in warning]
        document = {key: _addressed(value) for key, value in document.items()}
    secret = any(key in document for key in SECRETS) or "'auth'" in str(document)
    text = HEADER + yaml_text({"network": document})
    return Rendered((FileSpec(PATH, text.encode(), 0o600, secret=secret),), tuple(warnings))


def _addressed(devices: Any) -> Any:
    """The entries of one kind without what is no address, for which netplan would refuse the whole file."""
    if not isinstance(devices, dict):
        return devices
    found = {name: dict(entry) if isinstance(entry, dict) else entry for name, entry in devices.items()}
    for entry in found.values():
        if not isinstance(entry, dict):
            continue
        if isinstance(entry.get("addresses"), list):
            entry["addresses"] = [item for item in entry["addresses"] if _is_address(item)]
        for key in ("gateway4", "gateway6"):
            if key in entry and not _is_address(entry[key]):
                del entry[key]
    return found


def _is_address(item: Any) -> bool:
    text = next(iter(item), "") if isinstance(item, dict) else item
    return is_address(split(str(text).strip())[0])


def v2_document(network: Network, warnings: List[str]) -> Mapping[str, Any]:
    """A network that came as version 1, said in version 2; what that has no word for is added to ``warnings``."""
    network, loose = spread_routes(network)
    for route in loose:
        warnings.append(f"route {route.to}: no interface reaches its gateway, and {TARGET} needs one; left out")
    dns = _shared(network, warnings)
    document: Dict[str, Any] = {"version": 2}
    for device in network.devices:
        if device.kind not in PLURALS:
            warnings.append(unfit(device, TARGET))
            continue
        warnings.extend(losses(device, TARGET, HOLDS))
        entry = _device(device, network, dns.get(device.name, Dns()), warnings)
        if entry or device.kind != "loopback":
            document.setdefault(PLURALS[device.kind], {})[device.name] = entry
    named = network.named()
    for device in network.devices:
        if device.link and device.link not in named:
            document.setdefault("ethernets", {}).setdefault(device.link, {})  # or else it refuses the whole file
    order = ("version", "ethernets", "bonds", "bridges", "vlans")
    return {key: document[key] for key in order if key in document}


def _shared(network: Network, warnings: List[str]) -> Mapping[str, Dns]:
    """Name servers that belong to no interface, given to those with an address and no servers for it; where no
    interface has an address, to those on DHCP."""
    if not network.dns:
        return {}
    takers = [d for d in network.devices if d.statics and not _fixed(d).servers]
    if not any(d.all_dns for d in network.devices):
        takers = takers or [d for d in network.devices if any(d.dynamic)]
    if not takers:
        warnings.append(f"nameserver: every interface that could ask them has servers of its own in {TARGET}; left out")
    return {d.name: network.dns if not _fixed(d) else Dns(network.dns.servers) for d in takers}


def _fixed(device: Device) -> Dns:
    """What is to be asked by an interface with an address of its own, whatever a lease may say besides."""
    return device.but(subnets=device.statics).all_dns


def _device(device: Device, network: Network, shared: Dns, warnings: List[str]) -> Dict[str, Any]:
    entry: Dict[str, Any] = {}
    match = {"macaddress": device.match.mac if device.kind == "physical" else "",
             "driver": device.match.drivers[0] if device.match.drivers else ""}  # fmt: skip
    if any(match.values()):
        entry["match"] = {k: v for k, v in match.items() if v}
        entry["set-name"] = device.name
    if device.kind in ("bond", "bridge"):
        entry["interfaces"] = sorted(device.members)
        parameters = _parameters(device, warnings)
        if parameters:
            entry["parameters"] = parameters
    if device.kind == "vlan":
        entry.update({"id": device.vlan_id, "link": device.link})
    if device.mac:
        entry["macaddress"] = device.mac
    if device.wakeonlan is not None:
        entry["wakeonlan"] = device.wakeonlan
    if device.accept_ra is not None:
        entry["accept-ra"] = device.accept_ra
    if device.optional:
        entry["optional"] = True
    if device.critical:
        entry["critical"] = True
    _addressing(device, entry)
    _level(device, entry, warnings)
    dns = device.all_dns.plus(shared)
    if dns:
        both = {"addresses": list(dns.servers), "search": list(dns.search)}
        entry["nameservers"] = {k: v for k, v in both.items() if v or dns == shared}
    return entry


def _addressing(device: Device, entry: Dict[str, Any]) -> None:
    routes: List[Dict[str, Any]] = [_route(r) for r in device.routes]
    addresses = []
    for subnet in device.subnets:
        if subnet.kind == "static":
            addresses.append(subnet.cidr)
            if subnet.mtu:
                entry["ipv6-mtu" if subnet.v6 else "mtu"] = subnet.mtu
            if subnet.gateway:
                routes.append(_gateway(subnet))
        elif subnet.kind not in ("manual", "loopback"):
            family = "dhcp6" if subnet.v6 else "dhcp4"
            entry[family] = True
            if subnet.metric is not None:
                entry[f"{family}-overrides"] = {"route-metric": subnet.metric}
        routes += [_route(r) for r in subnet.routes]
    if device.mtu:
        entry.setdefault("mtu", device.mtu)
    if addresses:
        entry["addresses"] = addresses
    if routes:
        entry["routes"] = routes


def _level(device: Device, entry: Dict[str, Any], warnings: List[str]) -> None:
    """With DHCP of both families netplan refuses overrides that differ, and the file with them."""
    if not all(device.dynamic):
        return
    metrics = [entry.get(f"dhcp{n}-overrides", {}).get("route-metric") for n in (4, 6)]
    if metrics[0] != metrics[1]:
        kept = metrics[0] if metrics[0] is not None else metrics[1]
        entry["dhcp4-overrides"] = entry["dhcp6-overrides"] = {"route-metric": kept}
        if None not in metrics:
            warnings.append(f"{device.name}: metric: {TARGET} takes one for DHCP of both families; {kept} is taken")


def _gateway(subnet: Subnet) -> Dict[str, Any]:
    route: Dict[str, Any] = {"to": "default", "via": subnet.gateway}
    if subnet.metric is not None:
        route["metric"] = subnet.metric
    if reaches(subnet.address, subnet.prefix, subnet.gateway) is False:
        route["on-link"] = True
    return route


def _route(route: Route) -> Dict[str, Any]:
    said = {"to": route.to, "via": route.via, "metric": route.metric, "mtu": route.mtu}
    return {key: value for key, value in said.items() if value not in (None, "")}


def _parameters(device: Device, warnings: List[str]) -> Dict[str, Any]:
    table = BOND if device.kind == "bond" else BRIDGE
    held = {row[0] for row in table if row[1]}
    warnings.extend(unmatched(device.parameters, held, device, TARGET))
    found = dict(by_name(device.parameters, table, 1))
    for name, key, _ in table:
        if key not in found:
            continue
        found[key] = value = bond_word(name, found[key]) if device.kind == "bond" else found[key]
        if key == "arp-ip-targets":
            found[key] = list(value) if isinstance(value, tuple) else str(value).replace(",", " ").split()
        elif key == "all-slaves-active":
            found[key] = str(value).lower() in ("1", "true", "yes", "on")
    return found
