"""The conversation with the kernel about links, addresses and routes."""

from __future__ import annotations

import errno
import os

from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.netlink import codec
from cloudboot.netlink.values import UP, Address, Link, Route
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket
    from typing import List, Tuple

    from cloudboot.netlink.values import Step

LINKS, V6_ADDRESSES = 0x1, 0x100
"""The events that can be heard."""
GONE = (errno.ENOENT, errno.ESRCH, errno.EADDRNOTAVAIL, errno.ENODEV, errno.ENETDOWN, errno.ENETUNREACH)
NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL, errno.EAFNOSUPPORT, errno.ENETDOWN)
PATIENCE = 5.0
MOST = 1 << 16


class Refused(CloudbootError):
    """The kernel does not do what it was asked."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(f"{what}: {os.strerror(code)}")
        self.code = code


class Kernel:
    """Links, addresses and routes of this network namespace. ``close`` hangs up."""

    def __init__(self) -> None:
        self._socket = _opened(0)
        self._socket.settimeout(PATIENCE)
        self._sequence = 0

    def links(self) -> Tuple[Link, ...]:
        return tuple(codec.link(body) for body in self._dump(codec.GET_LINK, codec.NEW_LINK, codec.link_body(0)))

    def addresses(self) -> Tuple[Address, ...]:
        ask = codec.ADDRESS.pack(0, 0, 0, 0, 0)
        return tuple(codec.address(body) for body in self._dump(codec.GET_ADDRESS, codec.NEW_ADDRESS, ask))

    def routes(self) -> Tuple[Route, ...]:
        """Those of the main table that lead somewhere."""
        ask = codec.ROUTE.pack(0, 0, 0, 0, 0, 0, 0, 0, 0)
        found = (codec.route(body) for body in self._dump(codec.GET_ROUTE, codec.NEW_ROUTE, ask))
        return tuple(way for table, kind, way in found if (table, kind) == (codec.MAIN_TABLE, codec.UNICAST))

    def leads_to(self, address: str) -> bool:
        """Is there a way to this address?"""
        try:
            answers = self._ask("a route", codec.GET_ROUTE, 0, codec.lookup_body(address))
        except Refused as no:
            if no.code in NO_WAY:
                return False
            raise
        return any(codec.route(body)[1] == codec.UNICAST for kind, body in answers if kind == codec.NEW_ROUTE)

    def raise_link(self, link: Link) -> bool:
        """Always true: a link that is up already is not to be raised."""
        self._turn(link, UP)
        return True

    def lower_link(self, link: Link) -> None:
        """Down, unless it is gone."""
        try:
            self._turn(link, 0)
        except Refused as no:
            if no.code not in GONE:
                raise

    def add(self, thing: Step) -> bool:
        """False where it is there already. Raises `Refused`."""
        kind, body, name = _described(thing)
        try:
            self._ask(f"add {name}", kind, codec.CREATE | codec.EXCLUSIVE | codec.ACKNOWLEDGE, body)
        except Refused as no:
            if no.code == errno.EEXIST:
                return False
            raise
        return True

    def remove(self, thing: Step) -> None:
        """Takes it away, unless it is gone."""
        kind, body, name = _described(thing)
        try:
            self._ask(f"remove {name}", kind + 1, codec.ACKNOWLEDGE, body)
        except Refused as no:
            if no.code not in GONE:
                raise

    def close(self) -> None:
        self._socket.close()

    def _turn(self, link: Link, flags: int) -> None:
        what = f"turn {link.name} {'up' if flags else 'down'}"
        self._ask(what, codec.NEW_LINK, codec.ACKNOWLEDGE, codec.link_body(link.index, flags, UP))

    def _dump(self, ask: int, answer: int, body: bytes) -> List[bytes]:
        return [body for kind, body in self._ask("look at the network", ask, codec.DUMP, body) if kind == answer]

    def _ask(self, what: str, kind: int, flags: int, body: bytes) -> List[Tuple[int, bytes]]:
        """The kernel's answer, up to its end. Raises `Refused`."""
        self._sequence += 1
        ends = flags & (codec.ACKNOWLEDGE | codec.DUMP)
        found: List[Tuple[int, bytes]] = []
        try:
            self._socket.send(codec.message(kind, flags, self._sequence, body))
            while True:
                for sort, sequence, answer in codec.messages(self._socket.recv(MOST)):
                    if sequence != self._sequence:
                        continue
                    code = codec.error(answer) if sort == codec.ERROR else 0
                    if code:
                        raise Refused(what, code)
                    if sort in (codec.ERROR, codec.DONE):
                        return found
                    found.append((sort, answer))
                if found and not ends:
                    return found
        except OSError as problem:
            raise Refused(what, problem.errno or errno.ETIMEDOUT) from None


class Events:
    """Hears of changes; what they are, whoever cares looks up. More than the kernel could keep are one, too."""

    def __init__(self, groups: int) -> None:
        self._socket = _opened(groups)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> None:
        """Forgets what has been heard."""
        while True:
            try:
                self._socket.recv(MOST)
            except BlockingIOError:
                return
            except OSError as problem:
                if problem.errno != errno.ENOBUFS:
                    return

    def close(self) -> None:
        self._socket.close()


def _opened(groups: int) -> socket:
    import socket

    try:
        opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        opened.bind((0, groups))
    except OSError as problem:
        raise Unreachable(f"the kernel's network cannot be seen: {problem.strerror}", "run as root") from None
    return opened


def _described(thing: Step) -> Tuple[int, bytes, str]:
    """The kind of message that adds it (one more takes it away), its body, and its name for people."""
    if isinstance(thing, Address):
        return codec.NEW_ADDRESS, codec.address_body(thing), f"address {thing.address}/{thing.prefix}"
    return codec.NEW_ROUTE, codec.route_body(thing), f"route {thing.network}/{thing.prefix}"
