"""Posts events to an address, from a child of the boot's own process: whatever the receiver does, the boot goes on.

An event that the receiver does not take is posted again ``retries`` times and then given up; while nobody can be
reached at all, as before there is a network, they wait. When the boot is over, what waits is given a few seconds more.
"""

from __future__ import annotations

import os
import select
import time

from cloudboot import json
from cloudboot.errors import CloudbootError
from cloudboot.http.oauth import clock_ahead, signed
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.aside import Aside, heard

if TYPE_CHECKING:
    from typing import Any, Callable, List, Mapping, Optional

    from cloudboot.events import Event

MOST_WAITING = 2000
LAST_TRIES = 3
LAST_SECONDS = 8.0  # less than what the boot waits for this child
PAUSE = 1.0
TIMEOUT = 5.0
REFUSED = (401, 403)
"""A receiver answers so, too, when it finds this machine's clock wrong."""


class Webhook:
    """One receiver. ``warn`` hears of events that it never got."""

    def __init__(self, about: Mapping[str, Any], warn: Callable[[str], None]) -> None:
        self._about, self._warn, self._lost = dict(about), warn, 0
        self._child: Optional[Aside] = None
        self._pipe = -1

    def tell(self, event: Event) -> None:
        """Hands an event over; one for which there is no room any more is lost."""
        line = json.dumps(event.fields()).encode() + b"\n"
        if self._child is None:
            self._begin()
        try:
            os.write(self._pipe, line)  # whole or not at all: it is shorter than PIPE_BUF
        except OSError:
            self._lost += 1

    def close(self, seconds: float) -> None:
        if self._child is None:
            return
        os.close(self._pipe)
        end = time.monotonic() + seconds
        said: List[bytes] = []
        while not self._child.over and heard([self._child], end):
            said += self._child.lines()
        if self._child.over:
            self._lost += sum(int(line) for line in said)
        self._child.end()
        if self._lost or not self._child.over:
            what = f"{self._lost} events" if self._child.over else "the last events"
            self._warn(f"reporting: {what} of this boot did not reach {safe(self._about)}")
        self._child = None

    def _begin(self) -> None:
        read, self._pipe = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._pipe, False)
        self._child = Aside(lambda say: Poster(self._about, read).work(say), keep=(read,))
        os.close(read)


class Poster:
    """The child: reads events, a line of JSON each, until there are no more, and posts them one after the other."""

    def __init__(self, about: Mapping[str, Any], source: int) -> None:
        self.about, self.source = about, source
        self.waiting: List[bytes] = []
        self.rest, self.lost, self.tries, self.ahead = b"", 0, 0, 0.0
        self.end: Optional[float] = None  # when to give up, once there are no more events to come

    def work(self, say: Callable[[bytes], None]) -> None:
        pause = 0.0
        while self.waiting or self.end is None:
            self._hear(pause if self.waiting else None)
            if self.waiting:
                pause = 0.0 if self._post() else PAUSE
            if self.end is not None and self.waiting and time.monotonic() > self.end:
                break
        say(b"%d" % (self.lost + len(self.waiting)))

    def _hear(self, seconds: Optional[float]) -> None:
        if self.end is not None:
            time.sleep(seconds or 0.0)
            return
        poll = select.poll()
        poll.register(self.source, select.POLLIN)
        if not poll.poll(None if seconds is None else seconds * 1000):
            return
        data = os.read(self.source, 1 << 16)
        if not data:
            self.end, self.tries = time.monotonic() + LAST_SECONDS, 0
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.waiting += lines
        self.lost += max(0, len(self.waiting) - MOST_WAITING)
        del self.waiting[MOST_WAITING:]

    def _post(self) -> bool:
        """Posts the first that waits; whether the next can follow at once."""
        status = self._status(self.waiting[0])
        if status in REFUSED:
            status = self._status(self.waiting[0])  # with the receiver's idea of the time
        self.tries += 1
        if not status:  # nobody was reached: the event waits, and at the end three times only
            if self.end is not None and self.tries >= LAST_TRIES:
                self.lost += len(self.waiting)
                self.waiting.clear()
            return False
        if status < 300 or self.tries > int(self.about.get("retries") or 0):
            del self.waiting[0]
            self.lost += status >= 300
            self.tries = 0
            return True
        return False

    def _status(self, body: bytes) -> int:
        """The receiver's answer to an event, 0 where there is none."""
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import Request, build_opener

        headers = {"Content-Type": "application/json", **signed(self.about, self.ahead)}
        try:
            request = Request(str(self.about["endpoint"]), body, headers)
            timeout = float(self.about.get("timeout") or TIMEOUT)
            with build_opener(_stay()).open(request, timeout=timeout) as answer:
                return int(answer.status)
        except HTTPError as problem:
            self.ahead = clock_ahead(problem.headers.get("Date", "")) or 0.0
            return problem.code
        except (OSError, HTTPException, ValueError, CloudbootError):
            return 0


def _stay() -> Any:
    """Follows nobody: to whom events go is the owner's to say."""
    from urllib.request import HTTPRedirectHandler

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *about: Any) -> None:
            return None

    return Stay()


def safe(about: Mapping[str, Any]) -> str:
    from cloudboot.text import safe_url

    return safe_url(str(about.get("endpoint")))
