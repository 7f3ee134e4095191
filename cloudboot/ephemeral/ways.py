"""What leads to a datasource: the address and routes that a lease gives, or an address of the link's own."""

from __future__ import annotations

from cloudboot.netlink.values import LINK, Address, Link, Route
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Tuple

    from cloudboot.dhcp.lease import Lease
    from cloudboot.netlink.values import Step

METADATA = "169.254.169.254"
LONGEST = 3600
"""Seconds after which an address that nobody took away goes by itself."""


def of_lease(lease: Lease, link: Link, has_default: bool) -> Tuple[Step, ...]:
    """The lease's address and its routes. One that says how large packets may be says so of the routes: the link is not
    touched. Where the machine ``has_default`` route, it stays the only one."""
    size = lease.mtu if lease.mtu < link.mtu else 0
    here = lease.address
    address = Address(link.index, here, lease.prefix, seconds=min(lease.seconds, LONGEST), bare=True)
    ways = [(_network(here, lease.prefix), lease.prefix, "")] if lease.prefix < 32 else []
    ways += sorted(((w.network, w.prefix, w.gateway) for w in lease.routes), key=lambda way: bool(way[2]))
    routes: List[Step] = [
        Route(link.index, network, prefix, gateway, here, size)
        for network, prefix, gateway in dict.fromkeys(ways)
        if prefix or not has_default
    ]
    return (address, *routes)


def of_link(link: Link) -> Address:
    """An address that means something on this link only, made from the card's own (RFC 3927, without the probing that
    takes it seconds: it is there for one question, and other addresses of these 65,024 are for others)."""
    high, low = 1 + link.mac[4] % 254, link.mac[5]
    address = f"169.254.{high}.{low}"
    return Address(link.index, address if address != METADATA else "169.254.169.253", 16, LINK, LONGEST)


def preference(lease: Lease) -> Tuple[bool, bool]:
    """Sorts the lease first that names a way to the usual metadata address, then one that leads anywhere."""
    names_it = any(way.network == METADATA and way.prefix == 32 for way in lease.routes)
    return not names_it, not lease.has_default


def _network(address: str, prefix: int) -> str:
    number = int.from_bytes(bytes(map(int, address.split("."))), "big") >> (32 - prefix) << (32 - prefix)
    return ".".join(str(byte) for byte in number.to_bytes(4, "big"))
