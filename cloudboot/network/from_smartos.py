"""The interfaces that SmartOS tells of, as a network-config version 2 document.

    nics: [{"interface": "net0", "mac": "90:b8:d0:d8:82:b4", "ips": ["192.0.2.10/24"], "gateways": ["192.0.2.1"],
            "primary": true, "mtu": 1500}]
    resolvers: ["192.0.2.53"]        routes: [{"dst": "198.51.100.0/24", "gateway": "192.0.2.254"}]

Of an address ``dhcp`` asks for DHCP, ``addrconf`` for DHCPv6. Facts: "SmartOS" in the datasources reference.
"""

from __future__ import annotations

from cloudboot import json
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

    from cloudboot.values import Nic


def smartos_network(
    meta: Mapping[str, str], nics: Sequence[Nic], warn: Callable[[str], None]
) -> Optional[Dict[str, Any]]:
    """The document for the interfaces that both sides have; None where there is none."""
    names = {nic.mac.lower(): nic.name for nic in nics}
    resolvers = [r for r in _list(meta, "resolvers", warn) if isinstance(r, str)]
    routes = [r for r in _list(meta, "routes", warn) if isinstance(r, dict) and r.get("dst") and r.get("gateway")]
    ethernets: Dict[str, Any] = {}
    for about in _list(meta, "nics", warn):
        mac = str(about.get("mac", "")).lower() if isinstance(about, dict) else ""
        if mac not in names:
            continue
        entry = _entry(about, routes)
        servers = {"addresses": resolvers} if resolvers else {}
        servers.update({"search": [meta["dns-domain"]]} if meta.get("dns-domain") else {})
        entry.update({"nameservers": servers} if servers else {})
        ethernets[names[mac]] = {"match": {"macaddress": mac}, "set-name": names[mac], **entry}
    return {"version": 2, "ethernets": ethernets} if ethernets else None


def _entry(about: Mapping[str, Any], routes: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
    ips = [str(ip) for ip in about["ips"]] if isinstance(about.get("ips"), list) else [str(about.get("ip", "dhcp"))]
    static = [ip for ip in ips if "/" in ip]
    entry: Dict[str, Any] = {"dhcp4": "dhcp" in ips, "dhcp6": "addrconf" in ips}
    entry.update({"addresses": static} if static else {})
    found: List[Dict[str, Any]] = []
    gateways = about.get("gateways")
    if about.get("primary") and isinstance(gateways, list):
        for to, six in (("0.0.0.0/0", False), ("::/0", True)):
            via = next((str(g) for g in gateways if (":" in str(g)) is six), None)
            found += [{"to": to, "via": via}] if via else []
    if static:
        for route in routes:
            local = {"scope": "link"} if route.get("linklocal") else {"via": route["gateway"]}
            found.append({"to": route["dst"], **local})
    entry.update({"routes": found} if found else {})
    if isinstance(about.get("mtu"), int):
        entry["mtu"] = about["mtu"]
    return entry


def _list(meta: Mapping[str, str], name: str, warn: Callable[[str], None]) -> List[Any]:
    text = meta.get(name)
    if not text:
        return []
    try:
        value = json.loads(text)
    except ValueError:
        warn(f"sdc:{name} is not JSON; it is left out")
        return []
    return value if isinstance(value, list) else []
