"""How a metadata service is reached: which addresses it has, and the first of them that takes a connection.

A literal address never meets a resolver, which at boot may hang for minutes or be somebody else's.
"""

from __future__ import annotations

from time import monotonic

from cloudboot.errors import Invalid
from cloudboot.http.wire import Broken
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.text import safe_url

if TYPE_CHECKING:
    from socket import socket
    from typing import Any, Dict, List, Sequence, Tuple

    Address = Tuple[int, Any]

STAGGER = 0.15
PORTS = {"http": 80, "https": 443, "unix": 0}


class Origin(Noun):
    """Where a service is: ``http://192.0.2.1``, ``http://[fe80::1%25eth0]:8080/base``, ``unix:///run/socket``."""

    scheme: str
    host: str
    port: int
    base: str = ""
    zone: str = ""

    @property
    def name(self) -> str:
        """As the Host header says it: without a zone, which means nothing to the other side."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """From which `origin` makes the same again."""
        if self.scheme == "unix":
            return f"unix://{self.host}"
        host = f"[{self.host}{f'%25{self.zone}' if self.zone else ''}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.base}"

    def __str__(self) -> str:
        return f"{self.name} on {self.zone}" if self.zone else self.name


def origin(url: str) -> Origin:
    """The origin that this URL names. Raises `Invalid`."""
    scheme, mark, rest = url.partition("://")
    scheme = scheme.lower()
    if scheme == "unix" and rest.startswith("/"):
        return Origin(scheme, rest, 0)
    authority, slash, path = rest.partition("/")
    if authority.startswith("["):
        host, closed, port = authority[1:].partition("]")
        host, _, zone = host.partition("%25")
    else:
        host, colon, port = authority.partition(":")
        closed, port, zone = "]", colon + port, ""
    if scheme not in ("http", "https") or not mark or not host or not closed or "@" in authority:
        raise Invalid(f"no URL of a metadata service: {safe_url(url)}", "write it as http://ADDRESS[:PORT]")
    number = port[1:] if port.startswith(":") else "" if not port else "?"
    if number and not (number.isascii() and number.isdigit() and 0 < int(number) < 65536):
        raise Invalid(f"no port: {safe_url(url)}", "write it as http://ADDRESS:PORT")
    return Origin(scheme, host, int(number or PORTS[scheme]), (slash + path).rstrip("/"), zone)


def race(origins: Sequence[Origin], deadline: float, source_port: int = 0) -> Tuple[socket, Origin]:
    """A connection to the first of these that takes one; each is given `STAGGER` seconds before the next starts too.

    Raises `Broken` with what each of them did.
    """
    from select import POLLOUT, poll
    from socket import SO_ERROR, SOL_SOCKET

    waiting: List[Tuple[Origin, Address]] = []
    problems: List[str] = []
    for place in origins:
        try:
            waiting += [(place, address) for address in addresses(place, deadline)]
        except (OSError, Broken) as problem:
            problems.append(f"{place}: {getattr(problem, 'strerror', None) or problem}")
    open_now: Dict[int, Tuple[socket, Origin]] = {}
    poller = poll()
    try:
        while waiting or open_now:
            if waiting:
                place, address = waiting.pop(0)
                try:
                    sock = _start(address, source_port)
                    open_now[sock.fileno()] = sock, place
                    poller.register(sock, POLLOUT)
                except OSError as problem:
                    problems.append(f"{place}: {problem.strerror or problem}")
            left = deadline - monotonic()
            ready = poller.poll(max(0.0, min(left, STAGGER) if waiting else left) * 1000) if open_now else []
            for fd, _ in ready:
                sock, place = open_now.pop(fd)
                poller.unregister(fd)
                code = sock.getsockopt(SOL_SOCKET, SO_ERROR)
                if not code:
                    return _secured(sock, place, deadline), place
                sock.close()
                problems.append(f"{place}: {_said(code)}")
            if deadline <= monotonic():
                problems += [f"{place}: no connection in time" for _, place in open_now.values()]
                break
    finally:
        for sock, _ in open_now.values():
            sock.close()
    raise Broken("; ".join(problems) or "no connection in time")


def addresses(place: Origin, deadline: float) -> List[Address]:
    """Address family and socket address of each address of an origin."""
    import socket

    if place.scheme == "unix":
        return [(socket.AF_UNIX, place.host)]
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, place.host)
        except OSError:
            continue
        if family == socket.AF_INET:
            return [(family, (place.host, place.port))]
        scope = 0
        if place.zone:
            scope = int(place.zone) if place.zone.isdigit() else socket.if_nametoindex(place.zone)
        return [(family, (place.host, place.port, 0, scope))]
    return resolve(place, deadline)


def resolve(place: Origin, deadline: float) -> List[Address]:
    """What the resolver knows of a name that an operator wrote. It knows no deadline, so it is asked from aside."""
    import socket
    from threading import Thread

    found: List[List[Address]] = []

    def ask() -> None:
        try:
            known = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError:
            found.append([])
        else:
            found.append([(entry[0], entry[4]) for entry in known])

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(max(0.0, deadline - monotonic()))
    if not found:
        raise Broken("its name was not resolved in time")
    if not found[0]:
        raise Broken("its name is not known")
    return found[0]


def _start(address: Address, source_port: int) -> socket:
    """A socket on its way to an address, without waiting for it."""
    import socket
    from errno import EINPROGRESS

    family, place = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", source_port))
        code = sock.connect_ex(place)
        if code not in (0, EINPROGRESS):
            raise OSError(code, _said(code))
    except BaseException:
        sock.close()
        raise
    return sock


def _secured(sock: socket, place: Origin, deadline: float) -> socket:
    if place.scheme != "https":
        return sock
    import ssl

    sock.settimeout(max(0.001, deadline - monotonic()))
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=place.host)
    except OSError as problem:
        sock.close()
        raise Broken(f"{place}: TLS: {getattr(problem, 'verify_message', '') or problem.strerror or problem}") from None


def _said(code: int) -> str:
    from os import strerror

    return strerror(code)
