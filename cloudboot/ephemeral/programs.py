"""DHCP clients of others, where cloudboot's own configuration names them
(``system_info: {network: {dhcp_client_priority: [dhcpcd, dhclient, udhcpc]}}``).

Each is asked on one interface for a lease and for nothing else: none of them touches addresses or routes, and none
stays. What it says is taken for the options that it had from the server, so that it is believed no more than one is.
"""

from __future__ import annotations

import os
import time

from cloudboot.dhcp import options as says
from cloudboot.dhcp.lease import lease_of
from cloudboot.dhcp.message import ACK, Message
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.spawn import PATH, spawn

if TYPE_CHECKING:
    from typing import Dict, Iterable, Iterator, Mapping, Optional, Tuple

    from cloudboot.dhcp.lease import Lease

OWN = "cloudboot"
NAMES = ("dhcpcd", "dhclient", "udhcpc")
TOOL = "/var/lib/cloudboot/print-environment"
SCRIPT = b"#!/bin/sh\n# What a DHCP client runs: shows what the client knows.\nexec env\n"
LEASES, PID = "/run/dhclient-cloudboot.leases", "/run/dhclient-cloudboot.pid"  # where AppArmor lets it write
SECONDS, PID_SECONDS = 10.0, 5.0
ADDRESS = "address"
ENVIRONMENT = {  # how udhcpc (first) and dhcpcd (then) call what a server said
    "ip": ADDRESS, "serverid": says.SERVER, "lease": says.SECONDS, "subnet": says.MASK, "router": says.ROUTERS,
    "dns": says.DNS, "mtu": says.MTU, "domain": says.DOMAIN, "search": says.SEARCH, "hostname": says.HOSTNAME,
    "staticroutes": says.CLASSLESS_ROUTES, "opt245": says.WIRESERVER,
    "new_ip_address": ADDRESS, "new_dhcp_server_identifier": says.SERVER, "new_dhcp_lease_time": says.SECONDS,
    "new_subnet_mask": says.MASK, "new_routers": says.ROUTERS, "new_domain_name_servers": says.DNS,
    "new_interface_mtu": says.MTU, "new_domain_name": says.DOMAIN, "new_domain_search": says.SEARCH,
    "new_host_name": says.HOSTNAME, "new_classless_static_routes": says.CLASSLESS_ROUTES,
}  # fmt: skip
STATEMENTS = {  # and how dhclient does, in its file of leases
    "fixed-address": ADDRESS, "dhcp-server-identifier": says.SERVER, "dhcp-lease-time": says.SECONDS,
    "subnet-mask": says.MASK, "routers": says.ROUTERS, "domain-name-servers": says.DNS, "interface-mtu": says.MTU,
    "domain-name": says.DOMAIN, "domain-search": says.SEARCH, "host-name": says.HOSTNAME,
    "rfc3442-classless-static-routes": says.CLASSLESS_ROUTES, "unknown-245": says.WIRESERVER,
}  # fmt: skip


def chosen(wanted: Iterable[str]) -> str:
    """The first of the clients that are wanted and there; empty for our own."""
    for name in wanted:
        if name == OWN:
            break
        if name in NAMES and any(os.path.exists(f"{folder}/{name}") for folder in PATH.split(":")):
            return name
    return ""


def ask(name: str, interface: str, seconds: float) -> Optional[Lease]:
    """The lease that this client gets on an interface that is up; None where it gets none in this time."""
    if name == "dhclient":
        return _dhclient(interface, seconds)
    if name == "udhcpc":
        wanted = [w for word in ("mtu", "search", "121", "245") for w in ("-O", word)]
        argv = ("udhcpc", "-i", interface, "-n", "-q", "-f", "-s", TOOL, *wanted)
    else:
        wanted = [w for word in ("classless_static_routes", "domain_name_servers", "interface_mtu", "domain_name",
                                 "domain_search", "host_name", "routers") for w in ("-o", word)]  # fmt: skip
        argv = ("dhcpcd", "-1", "-4", "-A", "-B", "--noconfigure", "--script", TOOL, "-f", "/dev/null",
                "-t", str(int(seconds)), *wanted, interface)  # fmt: skip
    text = spawn(argv, timeout=seconds).stdout.decode("utf-8", "replace")
    return _lease(_environment(text), interface)


def _dhclient(interface: str, seconds: float) -> Optional[Lease]:
    files = ("-sf", "/bin/true", "-lf", LEASES, "-pf", PID)
    spawn(("dhclient", "-1", "-4", "-q", *files, interface), timeout=seconds)
    end = time.monotonic() + PID_SECONDS
    while not os.path.exists(PID) and time.monotonic() < end:  # it writes that when it has gone into the background
        time.sleep(0.01)
    spawn(("dhclient", "-x", "-4", "-q", *files), timeout=PID_SECONDS)
    try:
        with open(LEASES, encoding="utf-8", errors="replace") as file:
            text = file.read(1 << 16)
    except OSError:
        return None
    blocks = [block for block in text.split("lease {")[1:] if f'interface "{interface}"' in block]
    return _lease(_statements(blocks[-1]), interface) if blocks else None


def _environment(text: str) -> Dict[object, str]:
    """The last that a client let a hook know."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {ENVIRONMENT[name]: value for name, _, value in pairs if name in ENVIRONMENT}


def _statements(block: str) -> Dict[object, str]:
    found: Dict[object, str] = {}
    for statement in block.split(";"):
        name, _, value = statement.strip().partition(" ")
        if name == "option":
            name, _, value = value.partition(" ")
        if name in STATEMENTS:
            found[STATEMENTS[name]] = value.replace('"', "")
    return found


def _lease(said: Mapping[object, str], interface: str) -> Optional[Lease]:
    """What a client said, as if the server had said it to us."""
    address = _hosts(said.get(ADDRESS, ""))
    if len(address) != 4 or not says.is_host(address):
        return None
    options = {
        code: data for code, text in said.items() if isinstance(code, int) for data in [_packed(code, text)] if data
    }
    return lease_of(Message(ACK, b"", b"", address, options), interface)


def _packed(code: int, text: str) -> bytes:
    """An option's bytes; none for what makes no sense."""
    try:
        if code in (says.SECONDS, says.MTU):
            return int(text).to_bytes(4 if code == says.SECONDS else 2, "big")
        if code == says.WIRESERVER:
            return _hosts(text) or bytes(int(part, 16) for part in _pairs(text.replace(":", " ")))
        if code == says.CLASSLESS_ROUTES:
            return _routes(text)
        if code == says.SEARCH:
            return b"".join(_name(word) for word in text.replace(",", " ").split())
        return text.encode() if code in (says.DOMAIN, says.HOSTNAME) else _hosts(text)
    except (ValueError, OverflowError):
        return b""


def _pairs(text: str) -> Iterator[str]:
    if " " in text:
        yield from (part for part in text.split())
    else:
        yield from (text[i : i + 2] for i in range(0, len(text), 2))


def _hosts(text: str) -> bytes:
    """Addresses, one after the other; none where one of them is none."""
    found = b""
    for word in text.replace(",", " ").split():
        parts = word.split(".")
        if len(parts) != 4 or not all(p.isdigit() and int(p) < 256 for p in parts):
            return b""
        found += bytes(map(int, parts))
    return found


def _routes(text: str) -> bytes:
    """``32,169,254,...`` as dhclient has it, or ``NETWORK/PREFIX GATEWAY ...``."""
    if "/" not in text:
        return bytes(int(part) for part in text.replace(",", " ").split())
    words, found = text.split(), b""
    for to, gateway in zip(words[::2], words[1::2]):
        network, _, prefix = to.partition("/")
        found += bytes((int(prefix),)) + _hosts(network)[: (int(prefix) + 7) // 8] + _hosts(gateway)
    return found


def _name(text: str) -> bytes:
    labels: Tuple[bytes, ...] = tuple(label.encode() for label in text.split(".") if label)
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
