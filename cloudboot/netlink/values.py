"""Links, addresses and routes, as the kernel tells them."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Type, Union

    Step = Union["Address", "Route"]
    Thing = Union["Link", Step]

UP, LOOPBACK, NO_ARP, CARRIER = 0x1, 0x8, 0x80, 0x10000
ETHERNET = 1
TENTATIVE, DUPLICATE = 0x40, 0x08
FOR_EVER = 0xFFFFFFFF
WORLD, SITE, LINK, HOST = 0, 200, 253, 254
"""How far an address or a route reaches."""


class Link(Noun):
    """An interface. ``kind`` is what made it (bridge, veth, ...), empty for a card; ``master`` the index of that which
    it is a member of, 0 for none; ``changes`` how often its carrier has come or gone."""

    index: int
    name: str
    mac: bytes = b""
    type: int = ETHERNET
    flags: int = 0
    mtu: int = 1500
    kind: str = ""
    master: int = 0
    changes: int = 0

    @property
    def up(self) -> bool:
        return bool(self.flags & UP)

    @property
    def running(self) -> bool:
        """Up, and with a carrier? What the kernel calls running follows up to a second later."""
        return self.flags & (UP | CARRIER) == UP | CARRIER


class Address(Noun):
    """``seconds`` it is good for. ``bare``: without the route to its network that the kernel would make."""

    index: int
    address: str
    prefix: int
    scope: int = WORLD
    seconds: int = FOR_EVER
    bare: bool = False
    flags: int = 0

    @property
    def usable(self) -> bool:
        """Has it been found to be nobody else's?"""
        return not self.flags & (TENTATIVE | DUPLICATE)


class Route(Noun):
    """To ``network``/``prefix`` by ``gateway``, empty where it is on the link; ``source`` is the address that packets
    that way carry. A gateway is on the link, whatever networks the link has."""

    index: int
    network: str
    prefix: int
    gateway: str = ""
    source: str = ""
    mtu: int = 0
    metric: int = 0


KINDS: Mapping[str, Type[Thing]] = {"link": Link, "address": Address, "route": Route}


def to_json(thing: Thing) -> Dict[str, Any]:
    """What `from_json` makes the same of, as far as it matters for taking it away."""
    kind = next(name for name, noun in KINDS.items() if noun is type(thing))
    return {kind: {"index": thing.index, "name": thing.name} if isinstance(thing, Link) else thing.items()}


def from_json(data: Any) -> Thing:
    """What `to_json` described. Raises ValueError."""
    try:
        ((kind, fields),) = data.items()
        thing: Thing = KINDS[kind](**fields)
    except (AttributeError, KeyError, TypeError) as problem:
        raise ValueError("it is no link, address or route") from problem
    return thing
