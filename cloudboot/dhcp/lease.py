"""What a server promised a machine: an address for a while, and the ways from there."""

from __future__ import annotations

from cloudboot.dhcp import options as says
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Tuple

    from cloudboot.dhcp.message import Message

LEAST_SECONDS, FOR_EVER = 60, 0xFFFFFFFF
UNSAID_SECONDS = 3600


class Way(Noun):
    """A route: ``network``/``prefix`` by ``gateway``, empty where it is on the link itself."""

    network: str
    prefix: int
    gateway: str = ""


class Lease(Noun):
    """``interface`` has ``address``/``prefix`` from ``server`` for ``seconds``. ``mtu`` 0, and ``wireserver`` (Azure's
    option 245) empty, where it is not said. ``routes`` is what counts of classless routes, static routes and routers
    (RFC 3442: the first hide the others)."""

    interface: str
    address: str
    prefix: int
    server: str = ""
    seconds: int = UNSAID_SECONDS
    routes: Tuple[Way, ...] = ()
    dns: Tuple[str, ...] = ()
    search: Tuple[str, ...] = ()
    hostname: str = ""
    domain: str = ""
    mtu: int = 0
    wireserver: str = ""

    @property
    def has_default(self) -> bool:
        """Does it lead out of its own network?"""
        return any(not way.prefix for way in self.routes)

    def to_json(self) -> Dict[str, Any]:
        """A JSON mapping from which `lease_from_json` makes the same lease."""
        routes = [way.items() for way in self.routes]
        return {**self.items(), "routes": routes, "dns": list(self.dns), "search": list(self.search)}


def lease_from_json(data: Mapping[str, Any]) -> Lease:
    """The lease that `Lease.to_json` described."""
    routes = tuple(Way(**way) for way in data["routes"])
    return Lease(**{**data, "routes": routes, "dns": tuple(data["dns"]), "search": tuple(data["search"])})


def lease_of(message: Message, interface: str) -> Lease:
    """What an offer or acknowledgement promises this interface."""
    said = message.options
    seconds = says.number(said.get(says.SECONDS), 4)
    prefix = says.prefix(said.get(says.MASK))
    domain = says.name(said.get(says.DOMAIN))
    return Lease(
        interface=interface,
        address=says.dotted(message.address),
        prefix=says.natural_prefix(message.address) if prefix is None else prefix,
        server=says.dotted(message.server),
        seconds=UNSAID_SECONDS if seconds is None else max(seconds, LEAST_SECONDS),
        routes=_routes(said),
        dns=says.hosts(said.get(says.DNS)),
        search=says.search(said.get(says.SEARCH)) or ((domain,) if domain else ()),
        hostname=says.name(said.get(says.HOSTNAME)),
        domain=domain,
        mtu=says.mtu(said.get(says.MTU)),
        wireserver=next(iter(says.hosts(said.get(says.WIRESERVER))), ""),
    )


def _routes(said: Mapping[int, bytes]) -> Tuple[Way, ...]:
    found = says.classless_routes(said.get(says.CLASSLESS_ROUTES) or said.get(says.MS_CLASSLESS_ROUTES))
    if not found:
        routers = says.hosts(said.get(says.ROUTERS))
        found = (*says.static_routes(said.get(says.STATIC_ROUTES)), *(("0.0.0.0", 0, r) for r in routers[:1]))
    return tuple(Way(network, prefix, "" if gateway == "0.0.0.0" else gateway) for network, prefix, gateway in found)
