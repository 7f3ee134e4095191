"""What the sysconfig files of Red Hat and SUSE have in common: shell assignments, resolv.conf, bond options."""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.model import Dns
from cloudboot.network.parameters import words
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import List, Mapping, Tuple

    from cloudboot.network.model import Device, Network

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/+=,@%-*")
BOND_ORDER = ("mode", "xmit_hash_policy", "miimon", "min_links", "arp_interval", "arp_ip_target", "arp_validate",
              "ad_select", "num_grat_arp", "downdelay", "updelay", "lacp_rate", "fail_over_mac", "primary",
              "primary_reselect")  # fmt: skip


def assignments(values: Mapping[str, object]) -> str:
    """Shell assignments in the order of their names; true and false are yes and no, None is nothing."""
    lines = [f"{key}={quoted(values[key])}\n" for key in sorted(values) if values[key] not in (None, "")]
    return HEADER + "".join(lines)


def quoted(value: object) -> str:
    """A value as a shell reads it back, however it came by its signs."""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if set(text) <= PLAIN:
        return text
    return '"' + "".join(f"\\{c}" if c in '\\"$`' else c for c in text) + '"'


def every_dns(network: Network) -> Dns:
    """All name servers of a network: those of subnets, of interfaces, and of no interface."""
    dns = Dns()
    for device in network.devices:
        dns = dns.plus(device.all_dns)
    return dns.plus(network.dns)


def resolv_conf(dns: Dns) -> Tuple[FileSpec, ...]:
    """The file with these servers; none where there are none."""
    if not dns:
        return ()
    lines = [f"nameserver {server}" for server in dns.servers]
    lines += [f"search {' '.join(dns.search)}"] if dns.search else []
    return (FileSpec("/etc/resolv.conf", (HEADER + "\n".join(lines) + "\n").encode()),)


def bond_options(device: Device) -> str:
    """The options as the kernel module takes them."""
    known = [name for name in BOND_ORDER if name in device.parameters]
    rest = [name for name in device.parameters if name not in BOND_ORDER and name != "active_slave"]
    return " ".join(f"{name}={words(device.parameters[name])}" for name in known + rest)


def updated(text: str, values: Mapping[str, object]) -> str:
    """A file of assignments with these in place of what it said of the same names; all other lines stay."""
    lines: List[str] = []
    left = dict(values)
    for line in text.splitlines():
        name = line.partition("=")[0].strip()
        lines.append(f"{name}={quoted(left.pop(name))}" if name in left else line)
    lines += [f"{name}={quoted(value)}" for name, value in left.items()]
    return "\n".join(lines) + "\n"
