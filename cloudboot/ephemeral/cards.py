"""The interfaces that may lead to a datasource, the likeliest first."""

from __future__ import annotations

from cloudboot.netlink.values import ETHERNET, LOOPBACK, NO_ARP, Link
from cloudboot.network.source import natural
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterable, Tuple

    from cloudboot.values import FileView

BUILT = frozenset(("bridge", "bond", "team", "vlan", "vxlan", "dummy", "ifb", "vrf", "geneve", "gretap", "ip6gretap",
                   "erspan", "hsr", "macsec", "openvswitch"))  # fmt: skip
"""Kinds of interfaces that somebody's configuration made of others."""
UDEV, KNOWN_TO_UDEV = "/run/udev/control", "/run/udev/data/n"


def cards(links: Iterable[Link]) -> Tuple[Link, ...]:
    """Ethernet cards, and what stands for one in a container: first those with a carrier, eth0 before all others, then
    in natural order. A host's ends of its containers' cards (vethX) and members of anything are none."""
    fit = [link for link in links if _fits(link)]
    return tuple(sorted(fit, key=lambda link: (not link.running, link.name != "eth0", natural(link.name))))


def _fits(link: Link) -> bool:
    return (
        link.type == ETHERNET
        and not link.flags & (LOOPBACK | NO_ARP)
        and not link.master
        and link.kind not in BUILT
        and len(link.mac) == 6
        and any(link.mac)
        and not link.name.startswith("veth")
    )


def is_named(link: Link, files: FileView) -> bool:
    """Has udev given it the name that it is to have? Until then it must not be up: kernels before 6.2 rename no link
    that is."""
    return not files.has(UDEV) or files.has(f"{KNOWN_TO_UDEV}{link.index}")
