"""The one loop in which interfaces come up and servers answer, all at the same time."""

from __future__ import annotations

from select import POLLIN, poll
from time import monotonic

from cloudboot.dhcp.exchange import Exchange
from cloudboot.dhcp.port import Port
from cloudboot.ephemeral.cards import cards, is_named
from cloudboot.ephemeral.ways import preference
from cloudboot.netlink.kernel import LINKS, V6_ADDRESSES, Events
from cloudboot.netlink.values import WORLD
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, List, Optional, Tuple

    from cloudboot.dhcp.lease import Lease
    from cloudboot.ephemeral.window import Window
    from cloudboot.netlink.kernel import Kernel, Refused
    from cloudboot.netlink.values import Link
    from cloudboot.values import FileView

SETTLE = 0.3
"""Seconds in which other interfaces may have a better lease than the first."""
ALONE = 3.0
"""Seconds of silence of DHCP after which an address by router advertisement will do."""
CARRIER = 10.0
"""Seconds in which an interface with a carrier has to appear."""
LOOK_AGAIN = 0.05


class Gathering:
    """Brings up the interfaces of the machine, as they appear, and asks on each for a lease, or has a ``program`` ask.

    ``leases`` is what there is, the best first; ``v6`` whether a router has given an address; ``links`` the interfaces
    that were found, by their name.
    """

    def __init__(self, kernel: Kernel, window: Window, files: FileView, program: str = "") -> None:
        self._kernel, self._window, self._files, self._program = kernel, window, files, program
        self._port: Optional[Port] = None if program else Port()
        self._asked: List[str] = []
        self._events = Events(LINKS | V6_ADDRESSES)
        self._poll = poll()
        self._poll.register(self._events, POLLIN)
        if self._port:
            self._poll.register(self._port, POLLIN)
        self._exchanges: Dict[str, Exchange] = {}
        self._taken = {a.index for a in kernel.addresses() if "." in a.address and a.scope == WORLD}
        self._began = monotonic()
        self._started = self._first = self._look_again = 0.0
        self._refused: Tuple[Refused, ...] = ()
        self.links: Dict[str, Link] = {}
        self.leases: List[Lease] = []
        self.v6 = False
        self._look()

    @property
    def open(self) -> List[str]:
        """The interfaces that are still asked on, or that a program is still to ask on."""
        if self._program:
            return [link.name for link in self.with_carrier if link.name not in self._asked]
        return [name for name, exchange in self._exchanges.items() if exchange.lease is None]

    @property
    def with_carrier(self) -> List[Link]:
        return [link for link in self.links.values() if link.running]

    def run(self, deadline: float, known: int = 0, v6: bool = False, silence: float = 0.0) -> None:
        """Until there are more leases than the ``known`` ones and no better is to be expected, or ``v6`` is wanted and
        there alone, or for ``silence`` seconds no server answered (0: never), or the ``deadline``."""
        while True:
            now = monotonic()
            self._speak(now)
            end = self._end(now, deadline, known, v6, silence)
            if now >= end:
                self._have_asked(deadline)
                return
            moments = [exchange.due for exchange in self._exchanges.values() if exchange.lease is None]
            until = min([end, *moments, *([self._look_again] if self._look_again else [])])
            for fd, _ in self._poll.poll(max(0.0, until - monotonic()) * 1000 + 1):
                if fd == self._events.fileno():
                    self._events.drain()
                    self._look()
                else:
                    self._listen(monotonic())
            if self._look_again and monotonic() >= self._look_again:
                self._look()

    def _have_asked(self, deadline: float) -> None:
        """Has another program ask, on one interface after the other."""
        from cloudboot.ephemeral import programs

        for link in self.with_carrier if self._program else ():
            left = min(programs.SECONDS, deadline - monotonic())
            if link.name in self._asked or left <= 0:
                continue
            self._asked.append(link.name)
            lease = programs.ask(self._program, link.name, left)
            if lease is not None:
                self.leases.append(lease)
                self.leases.sort(key=preference)
                return

    def close(self) -> None:
        self._events.close()
        if self._port:
            self._port.close()

    def why(self) -> str:
        """Why there is no lease; empty where there is one."""
        if self.leases:
            return ""
        if not self.links:
            return "there is no network interface that could be asked on"
        if self._asked:
            return f"{self._program} gets no lease on {some(self._asked)}"
        if not self._exchanges and self._refused:
            return self._refused[0].reason
        if not self._exchanges:
            return f"no carrier on {some(list(self.links))}"
        ignored = {why for exchange in self._exchanges.values() for why in exchange.ignored}
        also = f", and what came was not taken: {'; '.join(sorted(ignored))}" if ignored else ""
        return f"no DHCP server answers on {some(self.open)}{also}"

    def _end(self, now: float, deadline: float, known: int, v6: bool, silence: float) -> float:
        """When to stop, as far as is known now."""
        if len(self.leases) > known:
            return min(deadline, self._first + SETTLE if self.open else now)
        if self._program and self.with_carrier:
            return now
        if not self._exchanges:
            return min(deadline, self._began + (SETTLE if self._taken else CARRIER))
        if not self.open:
            return now
        ends = [deadline]
        if v6 and self.v6:
            ends.append(self._started + ALONE)
        if silence:
            ends.append(self._started + silence)
        return min(ends)

    def _look(self) -> None:
        """Turns up the interfaces that are down, and begins to ask on those with a carrier."""
        found = [link for link in cards(self._kernel.links()) if link.index not in self._taken]
        named = [link for link in found if is_named(link, self._files)]
        self._look_again = monotonic() + LOOK_AGAIN if len(named) < len(found) else 0.0
        self._refused = self._window.add(*(link for link in named if not link.up)) or self._refused
        self.links = {link.name: link for link in named}
        now = monotonic()
        for link in named:
            if link.running and link.name not in self._exchanges and self._port:
                self._exchanges[link.name] = Exchange(link.name, link.mac, now)
                self._started = self._started or now
        indices = {link.index for link in named}
        self.v6 = any(a.scope == WORLD and a.usable and a.index in indices and ":" in a.address
                      for a in self._kernel.addresses())  # fmt: skip

    def _speak(self, now: float) -> None:
        for name, exchange in self._exchanges.items():
            if self._port and exchange.lease is None and exchange.due <= now:
                packet = exchange.tick(now)
                if packet:
                    self._port.send(name, packet)

    def _listen(self, now: float) -> None:
        assert self._port is not None
        for name, packet, unfinished in self._port.received():
            exchange = self._exchanges.get(name)
            if exchange is None or exchange.lease is not None:
                continue
            answer = exchange.hear(packet, now, unfinished)
            if answer:
                self._port.send(name, answer)
            if exchange.lease is not None:
                self._first = now
                self.leases.append(exchange.lease)
                self.leases.sort(key=preference)


def some(names: List[str]) -> str:
    """Names for a sentence: not more than a person reads."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
