"""The network of VMware's guest customization (cust.cfg), made a version 2 document.

    [NIC-CONFIG]
    NICS = NIC1
    [NIC1]
    MACADDR = 00:50:56:00:00:01
    BOOTPROTO = static
    IPADDR = 192.0.2.10
    NETMASK = 255.255.255.0
    GATEWAY = 192.0.2.1

Facts: the datasources reference, VMware.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.network.addresses import prefix_of
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Sequence, Tuple

    from cloudboot.values import Nic

    Sections = Mapping[str, Mapping[str, str]]

YES = ("yes", "true")


def vmware_config(text: str, nics: Sequence[Nic] = ()) -> Mapping[str, Any]:
    """A version 2 document; ``nics`` are those of the machine, which name the entries. Raises `Invalid` for a NIC that
    is named and not described, or has no MAC address or a wrong mask."""
    sections = ini(text)
    dns = {"addresses": numbered(sections.get("DNS", {}), "NAMESERVER"),
           "search": numbered(sections.get("DNS", {}), "SUFFIX")}  # fmt: skip
    names = [n.strip() for n in sections.get("NIC-CONFIG", {}).get("NICS", "").split(",") if n.strip()]
    somebody = any(_yes(sections.get(name, {}), "PRIMARY") for name in names)
    present = {n.mac.lower(): n.name for n in nics if n.mac}
    ethernets = {}
    for name in names:
        about = sections.get(name)
        mac = (about or {}).get("MACADDR", "").lower().replace("-", ":")
        if about is None or not mac:
            raise Invalid(f"{name} is named in NIC-CONFIG and has no section with a MACADDR")
        # what ONBOOT is made of is the reference's choice
        entry: Dict[str, Any] = {"match": {"macaddress": mac}, "set-name": present.get(mac, name),
                                 "wakeonlan": _yes(about, "ONBOOT")}  # fmt: skip
        primary = _yes(about, "PRIMARY")
        _ipv4(name, about, entry, primary, somebody, bool(dns["addresses"]))
        _ipv6(about, entry, primary, somebody)
        if any(dns.values()):
            entry["nameservers"] = {k: v for k, v in dns.items() if v}
        ethernets[present.get(mac, name)] = entry
    return {"version": 2, "ethernets": ethernets}


def ini(text: str) -> Sections:
    """Sections of ``key = value`` lines; names keep their case, and a line that is none is passed over."""
    found: Dict[str, Dict[str, str]] = {}
    current: Dict[str, str] = {}
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            current = found.setdefault(line[1:-1].strip(), {})
        elif line and line[0] not in "#;" and "=" in line:
            key, _, value = line.partition("=")
            current[key.strip()] = value.strip()
    return found


def numbered(section: Mapping[str, str], key: str) -> List[str]:
    """The values of ``KEY|1``, ``KEY|2`` and so on, by their numbers."""
    found: List[Tuple[int, str]] = []
    for name, value in section.items():
        start, _, number = name.partition("|")
        if start == key and number.isdigit() and value:
            found.append((int(number), value))
    return [value for _, value in sorted(found)]


def _yes(section: Mapping[str, str], key: str) -> bool:
    return section.get(key, "").lower() in YES


def _ipv4(name: str, about: Mapping[str, str], entry: Dict[str, Any], primary: bool, somebody: bool, dns: bool) -> None:
    if about.get("IPv4_MODE", "").lower() == "disabled":
        entry["dhcp4"] = False
        return
    entry["dhcp4"] = about.get("BOOTPROTO", "dhcp").lower() == "dhcp"
    if entry["dhcp4"]:
        if dns:
            entry["dhcp4-overrides"] = {"use-dns": False}
        return
    address = about.get("IPADDR", "")
    if not address:
        return
    try:
        prefix = prefix_of(about.get("NETMASK", "") or "32", False)
    except ValueError:
        raise Invalid(f"{name}: NETMASK is no netmask") from None
    entry.setdefault("addresses", []).append(f"{address}/{prefix}")
    gateways = [g.strip() for g in about.get("GATEWAY", "").split(",") if g.strip()]
    if gateways and primary:
        entry["routes"] = [{"to": "0.0.0.0/0", "via": gateways[0]}]  # of several, one can be the default
    elif not somebody:
        for gateway in gateways:
            entry.setdefault("routes", []).append({"to": _network(gateway, prefix), "via": gateway})


def _network(address: str, prefix: int) -> str:
    """The network that an address is in."""
    from ipaddress import ip_network

    try:
        return str(ip_network(f"{address}/{prefix}", strict=False))
    except ValueError:
        raise Invalid("a gateway is no address") from None


def _ipv6(about: Mapping[str, str], entry: Dict[str, Any], primary: bool, somebody: bool) -> None:
    addresses, masks = numbered(about, "IPv6ADDR"), numbered(about, "IPv6NETMASK")
    if not addresses:
        return
    entry["dhcp6"] = False
    found = entry.setdefault("addresses", [])
    lengths = [int(masks[i]) if i < len(masks) and masks[i].isdecimal() else 64 for i in range(len(addresses))]
    found += [f"{address}/{length}" for address, length in zip(addresses, lengths)]
    for i, gateway in enumerate(numbered(about, "IPv6GATEWAY")):
        if primary:
            entry.setdefault("routes", []).append({"to": "::/0", "via": gateway})
        elif not somebody:
            to = _network(gateway, lengths[min(i, len(lengths) - 1)])
            entry.setdefault("routes", []).append({"to": to, "via": gateway})
