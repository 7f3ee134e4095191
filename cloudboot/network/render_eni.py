"""The network in the words of ifupdown: /etc/network/interfaces, see interfaces(5).

Several addresses of one interface are stanzas of one name, the first with what belongs to the device. Facts: netconfig
reference, sections 7 to 9.
"""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.losses import globbed, losses, unfit
from cloudboot.network.model import DEBIAN, Device, Dns, Rendered, Target
from cloudboot.network.parameters import words
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Dict, List, Mapping, Optional, Tuple

    from cloudboot.network.model import Network, Route, Rule, Subnet

TARGET = "ifupdown"
RANK = {"loopback": 0, "physical": 1, "dummy": 1, "infiniband": 2, "bond": 3, "bridge": 4, "vlan": 5}
HOLDS = {"mac", "mtu", "rules", "accept_ra", "wakeonlan", "optional", "dhcp4.route-metric", "dhcp6.route-metric",
         "routes.table", "routes.on_link", "routes.source", "routes.metric", "routes.type", "subnets.broadcast",
         "subnets.peer",
         "subnets.scope", "subnets.control"}  # fmt: skip
ZERO_IS_DEFAULT = ("all_slaves_active", "arp_interval", "downdelay", "updelay", "miimon", "min_links", "maxwait")
ON_LINK = " dev $IFACE onlink"
METHODS = {"dhcp4": "dhcp", "dhcp6": "dhcp", "ipv6_dhcpv6-stateful": "dhcp", "ipv6_dhcpv6-stateless": "auto",
           "ipv6_slaac": "auto"}  # fmt: skip


def render_eni(network: Network, target: Target = DEBIAN) -> Rendered:
    """One file with a stanza for every address. ``target.interfaces`` is its path."""
    warnings = list(network.warnings)
    named = network.named()
    blocks = [_loopback(network, warnings)]
    for device in sorted(network.devices, key=lambda d: (RANK.get(d.kind, 9), d.name)):
        if device.kind not in RANK:
            warnings.append(unfit(device, TARGET))
        elif device.name != "lo":
            warnings.extend(losses(device, TARGET, HOLDS))
            warnings.extend(globbed(device, TARGET))
            blocks.extend(_stanzas(device, named, target, warnings))
    if network.routes:
        blocks.append([line for route in network.routes for line in _route(route, "", target)])
    text = HEADER + "\n\n".join("\n".join(block) for block in blocks) + "\n"
    return Rendered((FileSpec(target.interfaces, text.encode()),), tuple(warnings))


def _loopback(network: Network, warnings: List[str]) -> List[str]:
    device = network.named().get("lo")
    said = network.dns.plus(device.all_dns) if device and not device.statics else network.dns
    servers = said.of(False)
    dns = Dns(servers, said.search if servers or not said.servers else ())
    lines = ["auto lo", "iface lo inet loopback", *_dns(dns)]
    for server in said.of(True):
        warnings.append(f"nameserver {server}: {TARGET} has no IPv6 stanza that belongs to no interface; left out")
    for subnet in device.statics if device else ():
        lines += ["", f"iface lo inet{'6' if subnet.v6 else ''} static", *_subnet(subnet)]
    return lines


def _stanzas(device: Device, named: Mapping[str, Device], target: Target, warnings: List[str]) -> List[List[str]]:
    dns = _spread(device, warnings)
    routes = _placed(device)
    if not device.subnets:
        up = device.kind == "bond" or device.bond or routes or device.rules
        lines = [f"auto {device.name}"] if up else []
        lines += [f"iface {device.name} inet manual", *_attributes(device, named, None)]
        return [lines + _hooks(device, routes.pop("", ()), target)]
    found: List[List[str]] = []
    for i, subnet in enumerate(device.subnets):
        control = _control(device.subnets[:i], subnet)
        head = [
            f"{control} {device.name}",
            f"iface {device.name} inet{'6' if subnet.v6 else ''} {METHODS.get(subnet.kind, subnet.kind)}",
        ]
        body = _subnet(subnet) + _dns(dns[i])
        if not i:
            body += _attributes(device, named, subnet)
        if subnet.kind == "ipv6_dhcpv6-stateless" or (subnet.kind == "ipv6_slaac" and not i):
            body.append(f"    dhcp {int(subnet.kind == 'ipv6_dhcpv6-stateless')}")
        if device.accept_ra is not None and _takes_ra(device, i):
            body.append(f"    accept-ra {int(device.accept_ra)}")
        found.append(head + body + _hooks(device if not i else None, routes.pop(str(i), ()), target))
    for rest in routes.values():  # there are IPv6 routes and no address
        found.append([f"# control-alias {device.name}", f"iface {device.name} inet6 manual",
                      *_hooks(None, rest, target)])  # fmt: skip
    return found


def _control(before: Tuple[Subnet, ...], subnet: Subnet) -> str:
    """When a stanza is brought up; the first that says at boot says it for all stanzas of the interface."""
    if any(s.control == "auto" for s in before):
        return "# control-alias"
    return {"auto": "auto", "hotplug": "allow-hotplug"}.get(subnet.control, f"# control-{subnet.control}")


def _takes_ra(device: Device, index: int) -> bool:
    """Router advertisements are a matter of the first IPv6 stanza where that says how to get an address, and of the
    first of all where there is none or DHCP comes first."""
    first_v6 = next((i for i, s in enumerate(device.subnets) if s.v6), None)
    if index == first_v6:
        return device.subnets[index].kind in ("static", "dhcp6", "ipv6_dhcpv6-stateful")
    return not index and (first_v6 is None or device.subnets[0].kind == "dhcp4")


def _spread(device: Device, warnings: List[str]) -> List[Dns]:
    """The name servers of each stanza. Those of the first subnet that has any are said again by the stanzas after it,
    those of the interface by the stanzas with a fixed address. Each says the servers of its own family, and those
    for whose family there is no stanza."""
    if device.dns and not device.statics:
        warnings.append(f"{device.id}: nameservers: {TARGET} needs an address to tie them to; left out")
    families = {s.v6 for s in device.subnets}
    first, found = Dns(), []
    for subnet in device.subnets:
        first = first or subnet.dns
        dns = subnet.dns or first or (device.dns if subnet.kind == "static" else Dns())
        servers = tuple(s for s in dns.servers if (":" in s) == subnet.v6 or (":" in s) not in families)
        found.append(Dns(servers, dns.search if servers or not dns.servers else ()))
    return found


def _dns(dns: Dns) -> List[str]:
    lines = [f"    dns-nameservers {' '.join(dns.servers)}"] if dns.servers else []
    return lines + ([f"    dns-search {' '.join(dns.search)}"] if dns.search else [])


def _placed(device: Device) -> Dict[str, Tuple[Route, ...]]:
    """The routes of each stanza by its number: the one where they stand if that is of their family, else the first that
    is. IPv6 routes that find none come under the name of the family; those of a device without stanzas, under none."""
    found: Dict[str, Tuple[Route, ...]] = {}
    for i, subnet in enumerate(device.subnets or (None,)):
        own = (device.routes if not i else ()) + (subnet.routes if subnet else ())
        for route in own:
            if subnet is None:
                key = ""
            elif subnet.v6 == route.v6:
                key = str(i)
            else:
                other = "v6" if route.v6 else str(i)
                key = next((str(n) for n, s in enumerate(device.subnets) if s.v6 == route.v6), other)
            found[key] = (*found.get(key, ()), route)
    return found


def _subnet(subnet: Subnet) -> List[str]:
    values: Dict[str, object] = {"address": subnet.cidr if subnet.address else "", "broadcast": subnet.broadcast,
                                 "gateway": subnet.gateway, "metric": subnet.metric, "mtu": subnet.mtu,
                                 "pointopoint": subnet.peer, "scope": subnet.scope}  # fmt: skip
    return [f"    {key} {value}" for key, value in values.items() if value]


def _attributes(device: Device, named: Mapping[str, Device], subnet: Optional[Subnet]) -> List[str]:
    """What belongs to the device and not to one of its addresses."""
    lines = []
    if device.mtu and not (subnet and subnet.mtu):
        lines.append(f"mtu {device.mtu}")
    if device.mac:
        lines.append(f"hwaddress {device.mac}")
    elif device.kind == "infiniband" and device.match.mac:
        lines.append(f"hwaddress {device.match.mac}")
    if device.wakeonlan:
        lines.append("ethernet-wol g")
    lines += ["optional on"] if device.optional else []
    if device.kind == "vlan":
        lines += [f"vlan-raw-device {device.link}", f"vlan-id {device.vlan_id}"]
    if device.kind == "bridge":
        lines += [f"bridge-ports {' '.join(device.members) or 'none'}", *_options(device, "bridge-")]
    if device.kind == "bond":
        lines += ["bond-slaves none", *_options(device, "bond-")]
    master = named.get(device.bond)
    if master:
        lines += [f"bond-master {master.name}", *_options(master, "bond-")]
    if device.kind == "dummy":
        lines.append(f"pre-up ip link add {device.name} type dummy || true")
    return sorted(f"    {line}" for line in lines)


def _options(device: Device, start: str) -> List[str]:
    lines = []
    for name, value in device.parameters.items():
        key = start + name.replace("_", "-")
        if name in ("pathcost", "portprio"):
            lines += [f"{key} {port} {number}" for port, number in value.items()]
        elif name == "waitport":
            lines += [f"{key} {item}" for item in value]
        elif isinstance(value, bool):
            lines.append(f"{key} {'on' if value else 'off'}")
        elif isinstance(value, tuple):
            lines.append(f"{key} {' '.join(str(v) for v in value)}")
        elif not (name in ZERO_IS_DEFAULT and str(value) == "0"):
            lines.append(f"{key} {words(value)}")
    return lines


def _hooks(device: Optional[Device], routes: Tuple[Route, ...], target: Target) -> List[str]:
    """The commands of routes, and of the rules where a device is given."""
    lines = [line for route in routes for line in _route(route, "    ", target)]
    for rule in device.rules if device else ():
        lines += _rule(rule)
    return lines


def _rule(rule: Rule) -> List[str]:
    said = {"from": rule.source, "to": rule.to, "fwmark": rule.mark, "tos": rule.service, "table": rule.table,
            "priority": rule.priority}  # fmt: skip
    what = " ".join(f"{key} {value}" for key, value in said.items() if value not in (None, ""))
    ip = "ip -family inet6" if rule.v6 else "ip"
    return [f"    post-up {ip} rule add {what} || true", f"    pre-down {ip} rule del {what} || true"]


def _route(route: Route, indent: str, target: Target) -> List[str]:
    """The commands that add a route and take it away; they do not fail the interface when it is there already."""
    to = "default" if route.default else route.to
    metric = f" metric {route.metric}" if route.metric is not None else ""
    if target.ip_command:
        tool = "ip -family inet6 route" if route.v6 else "ip route"
        via = f" via {route.via}" if route.via else "" if route.refuses else " dev $IFACE"
        more = (f" src {route.source}" if route.source else "") + (f" table {route.table}" if route.table else "")
        more += ON_LINK if route.on_link and route.via else ""
        what = f"{route.refuses} {to}{via}{metric}{more}".lstrip()
        commands = (f"{tool} add {what}", f"{tool} del {what}")
    else:
        kind = " -A inet6" if route.v6 else "" if route.default else " -host" if route.prefix == 32 else " -net"
        what = f"{kind} {to}{f' gw {route.via}' if route.via else ' dev $IFACE'}{metric}"
        commands = (f"route add{what}", f"route del{what}")
    return [f"{indent}post-up {commands[0]} || true", f"{indent}pre-down {commands[1]} || true"]
