"""What the initramfs did to the network: /run/net-eth0.conf and /run/net6-eth0.conf, as klibc's ipconfig and dracut
leave them, made a version 1 document.

    DEVICE='eth0'
    PROTO='dhcp'
    IPV4ADDR='192.0.2.10'
    IPV4NETMASK='255.255.255.0'

Facts: command line reference, section 5.2.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence

    from cloudboot.values import Nic

PROTOCOLS = {"none": "static", "static": "static", "off": "static", "dhcp": "dhcp", "dhcp6": "dhcp6"}


def klibc_config(files: Mapping[str, str], nics: Sequence[Nic] = ()) -> Optional[Mapping[str, Any]]:
    """A document from the text of every result file by its path; ``nics`` give the MAC addresses. None where no file
    describes an interface. Raises `Invalid` for a protocol that is none."""
    devices: Dict[str, Dict[str, Any]] = {}
    for path in sorted(files):
        said = assignments(files[path])
        name = said.get("DEVICE") or said.get("DEVICE6")
        if not name:
            continue
        entry = devices.setdefault(name, {"type": "physical", "name": name, "subnets": []})
        mac = next((n.mac.lower() for n in nics if n.name == name and n.mac), "")
        if mac:
            entry["mac_address"] = mac
        entry["subnets"] += [s for s in (_subnet(said, v6, path) for v6 in (False, True)) if s]
    return {"version": 1, "config": list(devices.values())} if devices else None


def assignments(text: str) -> Dict[str, str]:
    """The variables of a file of shell assignments; quotes are taken off."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.isidentifier():
            quoted = value[:1] in "'\"" and value[-1:] == value[:1] and len(value) > 1
            found[name] = value[1:-1] if quoted else value
    return found


def _subnet(said: Mapping[str, str], v6: bool, path: str) -> Optional[Dict[str, Any]]:
    start = "IPV6" if v6 else "IPV4"
    if not said.get(f"{start}ADDR"):
        return None
    word = said.get("IPV6PROTO" if v6 else "PROTO") or ("dhcp" if said.get("filename") else "static")
    if word not in PROTOCOLS:
        raise Invalid(f"{path}: the initramfs names a protocol that is none", "see the ip= word of the command line")
    kind = PROTOCOLS[word]
    # the initramfs has brought it up already
    subnet: Dict[str, Any] = {"type": kind, "control": "manual"}
    if kind == "static":
        subnet["address"] = said[f"{start}ADDR"]
    for name, key in (("NETMASK", "netmask"), ("BROADCAST", "broadcast"), ("GATEWAY", "gateway")):
        value = said.get(start + name, "")
        if value.strip("0.:"):
            subnet[key] = value
    servers: List[str] = [said.get(f"{start}DNS{i}", "") for i in (0, 1)]
    servers = [s for s in servers if s.strip("0.:")]
    if servers:
        subnet["dns_nameservers"] = servers
        domains = said.get("DOMAINSEARCH", "")
        if domains:
            subnet["dns_search"] = [d.strip() for d in (domains.split(",") if "," in domains else domains.split())]
    return subnet
