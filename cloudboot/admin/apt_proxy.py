"""Looks for a proxy of packages on this network, when `apt: {proxy: auto}` asks for it: once, and within 300 ms.

Asked are the URL that the document names, if it does; the DNS record ``_apt_proxy._tcp`` of the machine's domains; and
the hosts ``archive.local`` and ``apt-proxy``, in this order. A proxy counts only when something listens there. All are
asked at the same time, by a resolver of this file's own: that of the C library cannot be told when to give up.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from typing import Dict, Iterator, List, Mapping, Sequence, Tuple

    from cloudboot.system.door import System

    Address = Tuple[str, int]

SECONDS = 0.3
PORT = 3142  # of apt-cacher-ng, and of others that took it over
HOSTS = ("archive.local", "apt-proxy")
SERVICE = "_apt_proxy._tcp"
A, SRV = 1, 33
MOST_SERVERS = 3


def find(system: System, domain: str, first: str = "") -> str:
    """The URL of a proxy, empty where none answers; ``domain`` is the machine's own, or empty; ``first`` is a URL to
    prefer where it answers."""
    servers, domains = resolver(system.text("/etc/resolv.conf") or "")
    domains = list(dict.fromkeys(d for d in (domain, *domains) if d))
    known = hosts(system.text("/etc/hosts") or "")
    with_domain = [f"{name}.{domain}" for name in HOSTS if "." not in name for domain in domains]
    search = Search([(server, 53) for server in servers], [f"{SERVICE}.{d}" for d in domains], [*HOSTS, *with_domain],
                    first)  # fmt: skip
    return search.run(known)


class Search:
    """One round of questions. The ``first`` URL, ``services`` and ``names`` are in the order of preference."""

    def __init__(
        self, servers: Sequence[Address], services: Sequence[str], names: Sequence[str], first: str = ""
    ) -> None:
        self.servers, self.first = servers, first
        self.wanted = (*([first] if first else []), *services, *names)
        self.services = frozenset(services)
        self.targets: Dict[str, List[Tuple[str, int, str]]] = {}  # by a host's name, who waits for its address
        self.trying: Dict[socket.socket, Tuple[int, str]] = {}  # rank and URL of each connection under way
        self.asking: List[socket.socket] = []

    def run(self, known: Mapping[str, str], seconds: float = SECONDS) -> str:
        import select
        import time

        found: Dict[int, str] = {}
        end = time.monotonic() + seconds
        try:
            self._begin(known)
            while self.asking or self.trying:
                left = end - time.monotonic()
                if left <= 0 or 0 in found:
                    break
                poll = select.poll()
                for sock in self.asking:
                    poll.register(sock, select.POLLIN)
                for sock in self.trying:
                    poll.register(sock, select.POLLOUT)
                ready = {fd for fd, _ in poll.poll(left * 1000 + 1)}
                for sock in [s for s in self.asking if s.fileno() in ready]:
                    self._hear(sock)
                for sock in [s for s in self.trying if s.fileno() in ready]:
                    rank, url = self.trying.pop(sock)
                    if not _failed(sock):
                        found.setdefault(rank, url)
                    sock.close()
        finally:
            for sock in (*self.asking, *self.trying):
                sock.close()
        return found[min(found)] if found else ""

    def _begin(self, known: Mapping[str, str]) -> None:
        import socket

        for server in self.servers[:MOST_SERVERS]:
            family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
            try:
                sock.connect(server)
                self.asking.append(sock)
            except OSError:
                sock.close()
        for name in self.wanted:
            if name == self.first:
                self._begin_first(known)
            elif name in known:
                self._try(known[name], PORT, name, name)
            else:
                self._ask(name, SRV if name in self.services else A)

    def _begin_first(self, known: Mapping[str, str]) -> None:
        host, port = place(self.first)
        if host in known or host.replace(".", "").isdigit() or ":" in host:
            self._try(known.get(host, host), port, host, self.first)
        elif host:
            self.targets.setdefault(host, []).append((host, port, self.first))
            self._ask(host, A)

    def _ask(self, name: str, kind: int) -> None:
        for sock in self.asking:
            try:
                sock.send(question(name, kind))
            except OSError:
                continue

    def _hear(self, sock: socket.socket) -> None:
        try:
            name, records = answer(sock.recv(4096))
        except (OSError, ValueError, IndexError):
            return
        addresses = {owner: text for owner, kind, text, _ in records if kind == A}
        for _, kind, target, port in records:
            if kind == SRV and target not in self.targets:
                self.targets[target] = [(target, port, name)]
                if target in addresses:
                    self._try(addresses[target], port, target, name)
                else:
                    self._ask(target, A)
        if addresses and name in self.targets:
            for host, port, wanted in self.targets.pop(name):
                self._try(next(iter(addresses.values())), port, host, wanted)
        elif addresses and name in self.wanted:
            self._try(next(iter(addresses.values())), PORT, name, name)

    def _try(self, address: str, port: int, host: str, wanted: str) -> None:
        """Begins to connect; ``wanted`` is the name whose rank the proxy has."""
        import errno
        import socket

        url = wanted if wanted == self.first else f"http://{host}:{port}/"
        if wanted not in self.wanted or any(url == known for _, known in self.trying.values()):
            return
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        if sock.connect_ex((address, port)) in (0, errno.EINPROGRESS):
            self.trying[sock] = self.wanted.index(wanted), url
        else:
            sock.close()


def place(url: str) -> Tuple[str, int]:
    """Host and port of a URL; an empty host where it has none."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0


def _failed(sock: socket.socket) -> bool:
    import socket as names

    return sock.getsockopt(names.SOL_SOCKET, names.SO_ERROR) != 0


def resolver(text: str) -> Tuple[List[str], List[str]]:
    """Name servers and search domains of a resolv.conf(5)."""
    words = [line.split() for line in text.splitlines()]
    servers = [line[1] for line in words if len(line) > 1 and line[0] == "nameserver" and "%" not in line[1]]
    return servers, [d.strip(".") for line in words if line[:1] in (["search"], ["domain"]) for d in line[1:]]


def hosts(text: str) -> Dict[str, str]:
    """The address of each name in a hosts(5)."""
    found: Dict[str, str] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found.setdefault(name, address)
    return found


def question(name: str, kind: int) -> bytes:
    """A DNS message that asks for the records of a kind (RFC 1035, section 4)."""
    import os

    labels = b"".join(bytes((len(label),)) + label.encode("ascii", "replace")[:63] for label in name.split("."))
    return os.urandom(2) + b"\x01\0\0\x01\0\0\0\0\0\0" + labels + b"\0" + bytes((0, kind, 0, 1))


def answer(message: bytes) -> Tuple[str, List[Tuple[str, int, str, int]]]:
    """The name asked for, and of each record its owner, kind, and the address, or target and port, in it. Raises
    `ValueError` or `IndexError` for what is no DNS message."""
    counts = [int.from_bytes(message[at : at + 2], "big") for at in (4, 6, 8, 10)]
    if not message[2] & 0x80 or counts[0] != 1:
        raise ValueError("no answer")
    name, at = _name(message, 12)
    return name, list(_records(message, at + 4, sum(counts[1:])))


def _records(message: bytes, at: int, count: int) -> Iterator[Tuple[str, int, str, int]]:
    for _ in range(count):
        owner, at = _name(message, at)
        kind, size = int.from_bytes(message[at : at + 2], "big"), int.from_bytes(message[at + 8 : at + 10], "big")
        data, at = at + 10, at + 10 + size
        if at > len(message):
            raise ValueError("cut off")
        if kind == A and size == 4:
            yield owner, A, ".".join(str(b) for b in message[data:at]), 0
        elif kind == SRV and size > 6:
            yield owner, SRV, _name(message, data + 6)[0], int.from_bytes(message[data + 4 : data + 6], "big")


def _name(message: bytes, at: int) -> Tuple[str, int]:
    """The name at a place, and the place behind it; pointers lead back only, so that none leads round for ever."""
    labels: List[str] = []
    behind = 0
    while message[at]:
        if message[at] & 0xC0:
            target = int.from_bytes(message[at : at + 2], "big") & 0x3FFF
            behind = behind or at + 2
            if target >= at:
                raise ValueError("a pointer that leads nowhere")
            at = target
            continue
        labels.append(message[at + 1 : at + 1 + message[at]].decode("ascii", "replace").lower())
        at += 1 + message[at]
        if len(labels) > 127:
            raise ValueError("a name without an end")
    return ".".join(labels), behind or at + 1
