"""The interfaces that Rackspace's hosts write into xenstore, as a network-config version 2 document.

    {"label": "public", "mac": "02:16:3E:00:00:AB", "gateway": "192.0.2.1", "gateway_v6": "fe80::1",
     "ips": [{"ip": "192.0.2.10", "netmask": "255.255.255.0", "enabled": "1"}],
     "ip6s": [{"ip": "2001:db8::10", "netmask": 64, "enabled": "1"}],
     "routes": [{"route": "198.51.100.0", "netmask": "255.255.255.0", "gateway": "192.0.2.254"}],
     "dns": ["192.0.2.53"]}

All addresses are static. Of all interfaces together, one leads out for each family. Facts: "Rackspace Cloud Servers" in
the datasources reference.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set

    from cloudboot.values import Nic


def rackspace_network(interfaces: Sequence[Mapping[str, Any]], nics: Sequence[Nic]) -> Optional[Dict[str, Any]]:
    """The document for the interfaces that both sides have, the public one first; None where there is none."""
    names = {nic.mac.lower(): nic.name for nic in nics}
    ethernets: Dict[str, Any] = {}
    out: Set[str] = set()
    for about in sorted(interfaces, key=lambda about: about.get("label") != "public"):
        mac = str(about.get("mac", "")).lower()
        if mac not in names:
            continue
        entry: Dict[str, Any] = {"match": {"macaddress": mac}, "set-name": names[mac], "dhcp4": False, "dhcp6": False}
        entry["addresses"] = list(_addresses(about))
        routes = [*_ways_out(about, out), *_routes(about)]
        servers = [s for s in _list(about, "dns") if isinstance(s, str)]
        entry.update({"routes": routes} if routes else {})
        entry.update({"nameservers": {"addresses": servers}} if servers else {})
        ethernets[names[mac]] = entry
    return {"version": 2, "ethernets": ethernets} if ethernets else None


def _addresses(about: Mapping[str, Any]) -> Iterator[str]:
    for key, full in (("ips", 32), ("ip6s", 128)):
        for ip in _enabled(about, key):
            address = ip.get("ip") or ip.get("address")
            if address:
                yield f"{address}/{prefix(ip.get('netmask'), full)}"


def _ways_out(about: Mapping[str, Any], out: Set[str]) -> Iterator[Dict[str, str]]:
    """A default route for each family that has none yet."""
    inner = {
        key: next((ip.get("gateway") for ip in _enabled(about, key) if ip.get("gateway")), None)
        for key in ("ips", "ip6s")
    }
    via4 = about.get("gateway") or inner["ips"]
    via6 = about.get("gateway_v6") or about.get("gateway6") or inner["ip6s"]
    for to, via in (("0.0.0.0/0", via4), ("::/0", via6)):
        if isinstance(via, str) and via and to not in out:
            out.add(to)
            yield {"to": to, "via": via}


def _routes(about: Mapping[str, Any]) -> Iterator[Dict[str, str]]:
    for route in _list(about, "routes"):
        if isinstance(route, dict) and route.get("route") and route.get("gateway"):
            full = 128 if ":" in str(route["route"]) else 32
            yield {"to": f"{route['route']}/{prefix(route.get('netmask'), full)}", "via": str(route["gateway"])}


def _enabled(about: Mapping[str, Any], key: str) -> List[Mapping[str, Any]]:
    return [ip for ip in _list(about, key) if isinstance(ip, dict) and str(ip.get("enabled", "1")) == "1"]


def _list(about: Mapping[str, Any], key: str) -> List[Any]:
    value = about.get(key)
    return value if isinstance(value, list) else []


def prefix(mask: object, otherwise: int) -> int:
    """The length of a prefix, told as such or as a dotted mask."""
    text = str(mask)
    if text.isdecimal() and int(text) <= otherwise:
        return int(text)
    parts = text.split(".")
    if len(parts) == 4 and all(p.isdecimal() and int(p) < 256 for p in parts):
        return sum(bin(int(p)).count("1") for p in parts)
    return otherwise
