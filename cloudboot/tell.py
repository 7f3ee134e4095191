"""Speaks to the cloud or host that a machine runs on: what the door does with a `Tell`."""

from __future__ import annotations

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable

    from cloudboot.system.actions import Tell
    from cloudboot.values import Host

XENSTORE = "xenstore"
MOST_ANSWER = 64 << 10
MOST_ATTEMPT = 60.0


def tell(host: Host, words: Tell, waiting: Callable[[str, float], None]) -> bytes:
    """Says it, and returns what is answered. Raises `Unreachable`."""
    if words.service == XENSTORE:
        return _write(host, words)
    from cloudboot.http.service import Service

    attempt = min(words.seconds, MOST_ATTEMPT)
    service = Service("the cloud", [words.service], budget=words.seconds, attempt=attempt, waiting=waiting,
                      source_ports=words.ports)  # fmt: skip
    try:
        return service.ask(words.method, words.path, words.headers, words.body, MOST_ANSWER).body
    finally:
        service.close()
        waiting("", 0.0)


def _write(host: Host, words: Tell) -> bytes:
    from cloudboot.host.xenstore import Store

    if not isinstance(host.xenstore, Store):
        raise Unreachable("xenstore: this machine reaches none")
    if words.method == "DELETE":
        host.xenstore.remove(words.path)
    else:
        host.xenstore.write(words.path, words.body)
    return b""
