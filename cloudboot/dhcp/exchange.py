"""One interface's conversation with the DHCP servers it hears: packets and times in, packets and times out.

It does not end by itself: whoever leads it has a deadline. What is asked and not answered is asked again after a
second, then after twice as long each time, up to `LONGEST`, a quarter more or less at random (RFC 2131, 4.1, whose four
seconds were for the networks of its day), so that a thousand machines that start together do not stay together.
"""

from __future__ import annotations

import os

from cloudboot.dhcp import options as says
from cloudboot.dhcp.frame import unwrap, wrap
from cloudboot.dhcp.lease import lease_of
from cloudboot.dhcp.message import ACK, NAK, OFFER, discover, request, understood
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable, Dict, Optional, Set

    from cloudboot.dhcp.lease import Lease
    from cloudboot.dhcp.message import Message

FIRST, LONGEST, SPREAD = 1.0, 8.0, 0.25
BETTER = 0.2
"""Seconds in which a better offer may still come than one that leads nowhere."""
MOST_REQUESTS = 3
"""How often an offer is asked for before it was an empty promise."""


class Exchange:
    """``mac`` asks on ``interface``. `tick` says what to send, when ``due`` has come; `hear` takes what came.

    ``lease`` is there when the conversation has come to its end; ``ignored`` counts, by reason, what was not taken.
    """

    def __init__(self, interface: str, mac: bytes, now: float, draw: Callable[[int], bytes] = os.urandom) -> None:
        self.interface, self.mac = interface, mac
        self.lease: Optional[Lease] = None
        self.ignored: Dict[str, int] = {}
        self.due = self._began = now
        self._draw = draw
        self._xid = draw(4)
        self._wait = FIRST
        self._best: Optional[Message] = None
        self._requests = self._seconds = 0
        self._shunned: Set[bytes] = set()

    def tick(self, now: float) -> Optional[bytes]:
        """The packet to send, now that ``due`` has come; None where there is nothing to say."""
        if self.lease is not None:
            return None
        if self._best is not None and self._requests < MOST_REQUESTS:
            return self._request(now)
        if self._best is not None:
            self._shun(self._best.server)
        self.due = now + self._pause()
        self._seconds = int(now - self._began)
        return wrap(discover(self._xid, self.mac, self._seconds))

    def hear(self, packet: bytes, now: float, unfinished: bool = False) -> Optional[bytes]:
        """The packet to send in answer, if any. ``unfinished``: see `frame.unwrap`."""
        payload = unwrap(packet, unfinished)
        if payload is None or self.lease is not None:
            return None
        try:
            message = understood(payload)
        except ValueError as problem:
            self._ignore(str(problem))
            return None
        wrong = self._wrong(message)
        if wrong:
            self._ignore(wrong)
        elif message.kind == OFFER:
            return self._offered(message, now)
        elif message.kind == NAK:
            self._shun(message.server)
            self.due = now + self._pause()
        else:
            self.lease = lease_of(message, self.interface)
        return None

    def _wrong(self, message: Message) -> str:
        """Why this message is not for us now; empty where it is."""
        if message.mac != self.mac:
            return "it is another machine's"
        if message.xid != self._xid:
            return "it belongs to another conversation"
        if message.kind == OFFER:
            return "another offer was taken" if self._requests else ""
        if not self._requests or self._best is None or message.server not in (self._best.server, b""):
            return "nothing was asked of this server"
        if message.kind == ACK and message.address != self._best.address:
            return "it gives another address than it offered"
        return ""

    def _offered(self, offer: Message, now: float) -> Optional[bytes]:
        """Takes the first offer that leads somewhere, or the first of all when no better one came at once."""
        good = _leads_somewhere(offer) and offer.server not in self._shunned
        if self._best is None or good:
            self._best = offer
            self._wait = FIRST
            self.due = min(self.due, now + BETTER)
        return self._request(now) if good else None

    def _request(self, now: float) -> bytes:
        assert self._best is not None
        self._requests += 1
        self.due = now + self._pause()
        return wrap(request(self._xid, self.mac, self._seconds, self._best))

    def _shun(self, server: bytes) -> None:
        """Begins anew, and takes another server's offer where there is one."""
        self._shunned.add(server)
        self._best, self._requests = None, 0
        self._xid = self._draw(4)

    def _pause(self) -> float:
        """Seconds until the same is said again."""
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST)
        return wait * (1 - SPREAD + 2 * SPREAD * int.from_bytes(self._draw(2), "big") / 0xFFFF)

    def _ignore(self, why: str) -> None:
        self.ignored[why] = self.ignored.get(why, 0) + 1


def _leads_somewhere(offer: Message) -> bool:
    return any(code in offer.options for code in (says.ROUTERS, says.CLASSLESS_ROUTES, says.MS_CLASSLESS_ROUTES))
