"""The interfaces of an OpenNebula context, as a network-config version 2 document.

    {"ETH0_MAC": "02:00:c0:00:02:0a", "ETH0_IP": "192.0.2.10", "ETH0_MASK": "255.255.255.0",
     "ETH0_GATEWAY": "192.0.2.1", "ETH0_DNS": "192.0.2.53", "ETH0_IP6": "2001:db8::10"}

Without an address, the last four bytes of the MAC address are it. Facts: "OpenNebula" in the datasources reference.
"""

from __future__ import annotations

from cloudboot.network.from_rackspace import prefix
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence

    from cloudboot.values import Nic

    Context = Mapping[str, str]


def opennebula_network(context: Context, nics: Sequence[Nic]) -> Optional[Dict[str, Any]]:
    """The document for the interfaces that both sides have; None where there is none."""
    names = {nic.mac.lower(): nic.name for nic in nics}
    ethernets: Dict[str, Any] = {}
    for key in sorted(context):
        if not (key.startswith("ETH") and key.endswith("_MAC") and key[3:-4].isdecimal()):
            continue
        mac = context[key].lower()
        if mac in names:
            ethernets[names[mac]] = _entry(context, key[:-4], mac, names[mac])
    return {"version": 2, "ethernets": ethernets} if ethernets else None


def _entry(context: Context, nic: str, mac: str, name: str) -> Dict[str, Any]:
    def about(key: str) -> str:
        return context.get(f"{nic}_{key}", "").strip()

    entry: Dict[str, Any] = {"match": {"macaddress": mac}, "set-name": name}
    method, method6 = about("METHOD") or "static", about("IP6_METHOD") or "static"
    entry["dhcp4"], entry["dhcp6"] = method == "dhcp", method6 == "dhcp"
    addresses: List[str] = []
    if method == "static":
        addresses.append(f"{about('IP') or _from_mac(mac)}/{prefix(about('MASK') or '255.255.255.0', 32)}")
    if method6 == "static":
        length = about("IP6_PREFIX_LENGTH") or "64"
        addresses += [f"{about(key)}/{length}" for key in ("IP6", "IP6_ULA") if about(key)]
    entry.update({"addresses": addresses} if addresses else {})
    gateway6 = about("IP6_GATEWAY") or about("GATEWAY6")
    routes = [{"to": to, "via": via} for to, via in (("0.0.0.0/0", about("GATEWAY")), ("::/0", gateway6)) if via]
    routes += _routes(about("ROUTES"))
    entry.update({"routes": routes} if routes else {})
    servers = f"{about('DNS')} {context.get('DNS', '')}".split()
    search = f"{about('SEARCH_DOMAIN')} {context.get('SEARCH_DOMAIN', '')}".split()
    told = {key: list(dict.fromkeys(v)) for key, v in (("addresses", servers), ("search", search)) if v}
    entry.update({"nameservers": told} if told else {})
    if about("MTU").isdecimal():
        entry["mtu"] = int(about("MTU"))
    return entry


def _from_mac(mac: str) -> str:
    parts = mac.split(":")[2:]
    try:
        return ".".join(str(int(part, 16)) for part in parts)
    except ValueError:
        return "0.0.0.0"


def _routes(text: str) -> List[Dict[str, str]]:
    """``NETWORK/LENGTH via GATEWAY``, with commas between."""
    found = []
    for route in text.split(","):
        words = route.split()
        if len(words) == 3 and words[1] == "via":
            found.append({"to": words[0], "via": words[2]})
    return found
