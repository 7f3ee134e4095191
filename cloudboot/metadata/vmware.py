"""VMware's documents: encoded variables of a guest, and a specification that customizes it (``cust.cfg``).

Facts: "VMware" in the datasources reference, after VMware's own guest OS customization.
"""

from __future__ import annotations

from cloudboot.errors import BadPart, Unreachable
from cloudboot.metadata import unbase64
from cloudboot.network.from_rackspace import prefix
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.values import Nic

    Sections = Mapping[str, Mapping[str, str]]

BASE64, GZIP = ("base64", "b64"), ("gzip+base64", "gz+b64")
MOST = 16 << 20
BAR = "|"


def unpacked(raw: Optional[bytes], encoding: Optional[bytes], name: str) -> bytes:
    """A variable's value, as its encoding says. Raises `Unreachable`."""
    word = (encoding or b"").decode("ascii", "replace").strip().lower()
    if not raw or word not in (*BASE64, *GZIP):
        return raw or b""
    data = unbase64(raw, always=True)
    if word in BASE64:
        return data
    from cloudboot.userdata.inflate import inflate

    try:
        if data[:2] != b"\x1f\x8b":
            raise BadPart("it is no gzip")
        return inflate(data, MOST)
    except BadPart as problem:
        raise Unreachable(f"guestinfo.{name}: {problem.reason}") from None


class Customization(Noun):
    """What a specification asks for. ``documents`` are the files of metadata and user-data that it brings; empty where
    it brings none and says all itself."""

    documents: Tuple[str, ...] = ()
    id: str = ""
    hostname: Optional[str] = None
    timezone: str = ""
    sections: Sections = {}

    @property
    def config(self) -> Dict[str, Any]:
        """The cloud-config that it comes to: the time zone, and root's password. Raises `Unreachable`."""
        told: Dict[str, Any] = {"timezone": self.timezone} if self.timezone else {}
        about = self.sections.get("PASSWORD", {})
        if about.get("-PASS"):
            password = unbase64(about["-PASS"], always=True).decode("utf-8", "replace").rstrip("\r\n")
            user = {"name": "root", "password": password, "type": "text"}
            told["chpasswd"] = {"expire": _yes(about.get("RESET")), "users": [user]}
        return told

    def network(self, nics: Sequence[Nic]) -> Optional[Dict[str, Any]]:
        """A version 2 document for the interfaces that both sides have; None where there is none."""
        names = {nic.mac.lower(): nic.name for nic in nics}
        listed = [n.strip() for n in self.sections.get("NIC-CONFIG", {}).get("NICS", "").split(",") if n.strip()]
        about = {n: self.sections.get(n, {}) for n in listed}
        primary = any(_yes(a.get("PRIMARY")) for a in about.values())
        ethernets: Dict[str, Any] = {}
        for told in about.values():
            mac = told.get("MACADDR", "").lower()
            if mac in names:
                leads = _yes(told.get("PRIMARY")) or not primary
                entry = _interface(told, leads, _numbered(self.sections.get("DNS", {}), "NAMESERVER"),
                                   _numbered(self.sections.get("DNS", {}), "SUFFIX"))  # fmt: skip
                ethernets[names[mac]] = {"match": {"macaddress": mac}, "set-name": names[mac], **entry}
        return {"version": 2, "ethernets": ethernets} if ethernets else None


def customization(raw: bytes) -> Customization:
    """The specification in a ``cust.cfg``: sections of ``NAME = VALUE``, whose names matter in their case."""
    sections: Dict[str, Dict[str, str]] = {}
    current: Dict[str, str] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            current = sections.setdefault(text[1:-1].strip(), {})
        elif "=" in text and not text.startswith(("#", ";")):
            key, _, value = text.partition("=")
            current[key.strip()] = value.strip()
    brought = sections.get("CLOUDINIT", {})
    network = sections.get("NETWORK", {})
    name = ".".join(part for part in (network.get("HOSTNAME"), network.get("DOMAINNAME")) if part)
    return Customization(
        (_plain(brought.get("METADATA", "")), _plain(brought.get("USERDATA", ""))) if "METADATA" in brought else (),
        sections.get("MISC", {}).get("INSTANCE-ID", ""),
        name or None,
        sections.get("DATETIME", {}).get("TIMEZONE", ""),
        sections,
    )


def _plain(name: str) -> str:
    """A file of the specification's own folder; empty for anything else."""
    return "" if "/" in name or name in (".", "..") else name


def _yes(word: Optional[str]) -> bool:
    return (word or "").lower() in ("yes", "true")


def _numbered(section: Mapping[str, str], name: str) -> List[str]:
    """``NAME|1``, ``NAME|2``, in this order."""
    keys = [k for k in section if k.startswith(name + BAR) and k[len(name) + 1 :].isdecimal()]
    return [section[k] for k in sorted(keys, key=lambda k: int(k[len(name) + 1 :])) if section[k]]


def _interface(told: Mapping[str, str], leads: bool, servers: List[str], search: List[str]) -> Dict[str, Any]:
    static = told.get("BOOTPROTO", "").lower() == "static" and told.get("IPv4_MODE", "").lower() != "disabled"
    six = _numbered(told, "IPv6ADDR")
    entry: Dict[str, Any] = {"dhcp4": told.get("BOOTPROTO", "").lower() == "dhcp", "dhcp6": False}
    addresses: List[str] = []
    if static and told.get("IPADDR"):
        addresses.append(f"{told['IPADDR']}/{prefix(told.get('NETMASK', ''), 32)}")
    for address, length in zip(six, [*_numbered(told, "IPv6NETMASK"), *["64"] * len(six)]):
        addresses.append(f"{address}/{length}")
    routes = [{"to": "0.0.0.0/0", "via": g.strip()} for g in told.get("GATEWAY", "").split(",") if g.strip() and leads]
    routes += [{"to": "::/0", "via": g} for g in _numbered(told, "IPv6GATEWAY") if leads]
    entry.update({"addresses": addresses} if addresses else {})
    entry.update({"routes": routes} if routes else {})
    if servers or search:
        known = {"addresses": servers, "search": search}
        entry["nameservers"] = {key: value for key, value in known.items() if value}
        if entry["dhcp4"]:
            entry["dhcp4-overrides"] = {"use-dns": False}
    return entry
