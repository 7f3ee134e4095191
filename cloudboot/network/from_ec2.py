"""The interfaces of an EC2 metadata tree, as a network-config version 2 document.

    {"06:00:00:00:00:01": {"device-number": "0", "local-ipv4s": ["192.0.2.10", "192.0.2.11"],
                           "subnet-ipv4-cidr-block": "192.0.2.0/24", "ipv6s": "2001:db8::10"}}

The first interface has the machine's default route. Each further one has a table of its own, so that what came in over
it is answered over it; its other routes weigh more. Facts: netconfig reference, section 5; the router of a subnet is
its first host ("Subnet sizing" in Amazon's VPC guide).
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Sequence, Tuple

    from cloudboot.values import Nic

    About = Mapping[str, Any]

TABLE, METRIC = 100, 100
LAST = 1 << 30


def ec2_network(macs: Mapping[str, Any], nics: Sequence[Nic], full: bool = True) -> Dict[str, Any]:
    """The document for the interfaces that both the tree and the machine have; only the first, and nothing but DHCP,
    unless ``full``."""
    known = {mac.lower(): about for mac, about in macs.items() if isinstance(about, dict)}
    names = {nic.mac.lower(): nic.name for nic in nics if nic.mac.lower() in known}
    order = sorted(names, key=lambda mac: _rank(known[mac], mac))
    ethernets: Dict[str, Any] = {}
    for i, mac in enumerate(order if full else order[:1]):
        about = known[mac]
        v4, v6 = listed(about, "local-ipv4s"), listed(about, "ipv6s")
        entry: Dict[str, Any] = {"match": {"macaddress": mac}, "set-name": names[mac], "dhcp4": True, "dhcp6": bool(v6)}
        if full and len(v4) + len(v6) > 1:
            prefix = str(about.get("subnet-ipv4-cidr-block", "")).partition("/")[2] or "24"
            more = [f"{ip}/{prefix}" for ip in v4[1:]] + [f"{ip}/128" for ip in v6[1:]]
            entry.update({"addresses": more} if more else {})
        if full and len(order) > 1:
            for family in ("dhcp4", "dhcp6") if v6 else ("dhcp4",):
                entry[f"{family}-overrides"] = {"route-metric": METRIC * (i + 1)}
        if i and "device-number" in about:
            _apart(entry, about, TABLE + i, v4 + v6)
        ethernets[names[mac]] = entry
    return {"version": 2, "ethernets": ethernets}


def _apart(entry: Dict[str, Any], about: About, table: int, addresses: Sequence[str]) -> None:
    """Routes and rules of an interface that has a table of its own; prefixes that were delegated to it are its too."""
    from ipaddress import ip_network

    routes: List[Dict[str, Any]] = []
    for name in ("subnet-ipv4-cidr-block", "subnet-ipv6-cidr-blocks"):
        for text in listed(about, name):
            try:
                subnet = ip_network(text, strict=False)
            except ValueError:
                continue
            if subnet.version == 4:
                routes.append({"to": "0.0.0.0/0", "via": str(subnet.network_address + 1), "table": table})
            routes.append({"to": str(subnet), "scope": "link", "table": table})
    entry["routes"] = routes
    sources = [*addresses, *listed(about, "ipv4-prefix"), *listed(about, "ipv6-prefix")]
    entry["routing-policy"] = [{"from": source, "table": table} for source in sources]


def listed(about: About, name: str) -> List[str]:
    """An item that is a text where there is one of it, and a list where there are several."""
    value = about.get(name)
    values = value if isinstance(value, list) else [value]
    return [v for v in values if isinstance(v, str) and v]


def _rank(about: About, mac: str) -> Tuple[int, int, str]:
    """By network card, then by device number; who does not say comes last."""
    card = about.get("network-card", about.get("network-card-index"))
    return _number(card), _number(about.get("device-number")), mac


def _number(value: object) -> int:
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else LAST
