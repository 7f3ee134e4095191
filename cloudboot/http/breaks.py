"""How long a client waits before it asks again."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Optional

    from cloudboot.http.wire import Reply

PAUSE, LONGEST = 0.2, 30.0
LONGEST_AWAY = 2.0
"""For a service that is not there, or hangs up: one that comes and goes is there for a moment only, and to knock at it
costs it nothing, other than one that says it has too much to do."""


def break_of(asked: Optional[float], pause: float, luck: float) -> float:
    """Seconds until a request is made again: ``asked`` is what the service wants, ``pause`` our own measure, which
    grows, ``luck`` from 0 to 1. Many who were refused at the same moment shall not come back at the same moment: they
    spread over twice the break that they were told, up to four times when they are refused again and again."""
    if not asked:
        return pause * (0.5 + luck / 2)
    told = min(asked, LONGEST)
    return told + luck * told * min(4.0, max(2.0, pause / told))


def patience(reply: Reply) -> Optional[float]:
    """Seconds after which we are asked to come back, None where that is not said, or garbled.

    A date is read against the server's own clock: ours may be anywhere, this early.
    """
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if "," not in text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(reply.headers.get("date", ""))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


def chance() -> float:
    """At random from 0 to 1."""
    from os import urandom

    return int.from_bytes(urandom(4), "big") / 0xFFFFFFFF
