"""What a network is to be: the one model that every parser makes and every renderer reads.

Names in it are the names of interfaces, never the keys of a document. Values are as the document wrote them, checked to
be of the right kind and to hold no line break; whether an address is an address is for the program that gets it to say.
"""

from __future__ import annotations

from cloudboot.network.addresses import is_v6, network_of
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

    from cloudboot.values import FileSpec

DYNAMIC_V6 = ("dhcp6", "ipv6_dhcpv6-stateful", "ipv6_dhcpv6-stateless", "ipv6_slaac")
ALONE_V6 = DYNAMIC_V6[1:]
NOWHERE = ("blackhole", "unreachable", "prohibit", "throw")
VIRTUAL = ("bond", "bridge", "vlan", "vrf", "tunnel", "dummy", "veth")


class Dns(Noun):
    """Name servers and the domains to search, each in order."""

    servers: Tuple[str, ...] = ()
    search: Tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.servers or self.search)

    def of(self, v6: bool) -> Tuple[str, ...]:
        """The servers of one family."""
        return tuple(s for s in self.servers if is_v6(s) == v6)

    def plus(self, other: Dns) -> Dns:
        """Both, each server and domain once."""
        return Dns(tuple(dict.fromkeys(self.servers + other.servers)), tuple(dict.fromkeys(self.search + other.search)))


class Route(Noun):
    """A route to ``network``/``prefix``. ``via`` is empty for what is reached directly; ``source`` is the address that
    packets leave with. Windows and segment size are those of ip-route(8)."""

    network: str
    prefix: int
    via: str = ""
    metric: Optional[int] = None
    table: Optional[int] = None
    mtu: Optional[int] = None
    on_link: bool = False
    source: str = ""
    type: str = ""
    scope: str = ""
    congestion_window: Optional[int] = None
    receive_window: Optional[int] = None
    segment_size: Optional[int] = None

    @property
    def v6(self) -> bool:
        return is_v6(self.network)

    @property
    def default(self) -> bool:
        return self.prefix == 0 and self.network in ("0.0.0.0", "::")

    @property
    def to(self) -> str:
        return f"{self.network}/{self.prefix}"

    @property
    def refuses(self) -> str:
        """The word for what becomes of packets that go nowhere, empty for a route that leads somewhere."""
        return self.type if self.type in NOWHERE else ""


class Rule(Noun):
    """A routing policy: packets from, to, marked or of a service type look in ``table``."""

    source: str = ""
    to: str = ""
    table: Optional[int] = None
    priority: Optional[int] = None
    mark: Optional[int] = None
    service: Optional[int] = None

    @property
    def v6(self) -> bool:
        return is_v6(self.source or self.to)


class Subnet(Noun):
    """One way in which an interface gets an address.

    ``kind``: dhcp4, dhcp6, static, manual, loopback, or one of `ALONE_V6`. ``control``: auto, manual or hotplug.
    """

    kind: str
    address: str = ""
    prefix: int = 0
    gateway: str = ""
    metric: Optional[int] = None
    mtu: Optional[int] = None
    broadcast: str = ""
    peer: str = ""
    scope: str = ""
    control: str = "auto"
    dns: Dns = Dns()
    routes: Tuple[Route, ...] = ()
    label: str = ""
    lifetime: str = ""

    @property
    def v6(self) -> bool:
        return self.kind in DYNAMIC_V6 or is_v6(self.address)

    @property
    def cidr(self) -> str:
        return f"{self.address}/{self.prefix}"


class Match(Noun):
    """Which hardware an entry is for; all that is given must match. ``name`` and ``drivers`` are globs."""

    name: str = ""
    mac: str = ""
    drivers: Tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.name or self.mac or self.drivers)

    @property
    def exact_name(self) -> str:
        """The name where it is no pattern, empty where it is one or there is none."""
        return self.name if not any(c in self.name for c in "*?[") else ""


class Device(Noun):
    """An interface. ``kind``: physical, infiniband, loopback, wifi, modem, or one of `VIRTUAL`.

    ``id`` is its key in a v2 document; ``renamed``: the document asks for ``name`` to be given to what matches.
    ``mac`` is the address to set (``match.mac`` the one it was born with). ``parameters`` are bond options by the
    kernel's names and bridge options by those of bridge-utils, without prefix; ``options`` is what a tunnel, wifi or
    vrf has of its own, by its v2 keys. ``routes`` belong to the interface as a whole, those of a subnet to that.
    ``critical``: keep the addresses whatever happens to the daemon; ``optional``: the boot does not wait for it.
    """

    name: str
    kind: str
    id: str = ""
    match: Match = Match()
    renamed: bool = False
    mac: str = ""
    mtu: Optional[int] = None
    subnets: Tuple[Subnet, ...] = ()
    routes: Tuple[Route, ...] = ()
    rules: Tuple[Rule, ...] = ()
    dns: Dns = Dns()
    dhcp4_overrides: Mapping[str, Any] = {}
    dhcp6_overrides: Mapping[str, Any] = {}
    accept_ra: Optional[bool] = None
    optional: bool = False
    critical: bool = False
    wakeonlan: Optional[bool] = None
    members: Tuple[str, ...] = ()
    bond: str = ""
    bridge: str = ""
    vrf: str = ""
    link: str = ""
    vlan_id: int = 0
    parameters: Mapping[str, Any] = {}
    options: Mapping[str, Any] = {}
    ipv6_mtu: Optional[int] = None
    link_local: Optional[Tuple[str, ...]] = None
    settings: Mapping[str, Any] = {}

    @property
    def dynamic(self) -> Tuple[bool, bool]:
        """Does it get addresses from somebody else: over IPv4, over IPv6?"""
        kinds = [s.kind for s in self.subnets]
        return "dhcp4" in kinds, any(k in DYNAMIC_V6 for k in kinds)

    @property
    def statics(self) -> Tuple[Subnet, ...]:
        return tuple(s for s in self.subnets if s.kind == "static")

    @property
    def all_routes(self) -> Tuple[Route, ...]:
        """Every route that is not a gateway."""
        return self.routes + tuple(r for s in self.subnets for r in s.routes)

    @property
    def all_dns(self) -> Dns:
        """The servers and domains of its subnets and its own, each once."""
        dns = Dns()
        for subnet in self.subnets:
            dns = dns.plus(subnet.dns)
        return dns.plus(self.dns)


class Network(Noun):
    """A whole network. ``dns`` and ``routes`` are tied to no interface. ``document`` is the v2 document as it came,
    for netplan, which holds all of it; ``warnings`` tell what the parser could not take."""

    devices: Tuple[Device, ...] = ()
    dns: Dns = Dns()
    routes: Tuple[Route, ...] = ()
    version: int = 2
    document: Optional[Mapping[str, Any]] = None
    warnings: Tuple[str, ...] = ()

    def named(self) -> Dict[str, Device]:
        """The devices by their names."""
        return {d.name: d for d in self.devices}

    @property
    def routed(self) -> Iterator[Route]:
        """Every route anywhere."""
        yield from self.routes
        for device in self.devices:
            yield from device.all_routes


def spread_routes(network: Network) -> Tuple[Network, Tuple[Route, ...]]:
    """The network with each route of no interface given to the first interface that reaches its gateway, and the
    routes that found none."""
    if not network.routes:
        return network, ()
    near: Dict[Tuple[bool, int, Optional[int]], int] = {}
    for i, device in enumerate(network.devices):
        for s in device.statics:
            near.setdefault((s.v6, s.prefix, network_of(s.address, s.prefix)), i)
    prefixes = {(v6, prefix) for v6, prefix, _ in near}
    given: Dict[int, Tuple[Route, ...]] = {}
    loose = []
    for route in network.routes:
        keys = ((v6, p, network_of(route.via, p)) for v6, p in prefixes if v6 == is_v6(route.via))
        found = min((near[key] for key in keys if key[2] is not None and key in near), default=-1)
        if found >= 0:
            given[found] = (*given.get(found, ()), route)
        else:
            loose.append(route)
    devices = tuple(d.but(routes=d.routes + given.get(i, ())) for i, d in enumerate(network.devices))
    return network.but(devices=devices, routes=()), tuple(loose)


class Target(Noun):
    """What files are rendered for. ``family`` is that of the distribution; ``ip_command``: the guest has ip(8);
    ``kept`` holds the present content of files of which only some lines are ours; ``interfaces`` is the path of the
    ifupdown file."""

    family: str = "debian"
    ip_command: bool = True
    kept: Mapping[str, str] = {}
    interfaces: str = "/etc/network/interfaces.d/50-cloudboot"


DEBIAN = Target()


class Rendered(Noun):
    """The files of a network in one program's own words, and what they do not say."""

    files: Tuple[FileSpec, ...]
    warnings: Tuple[str, ...] = ()
