"""The server of passwords that CloudStack began, beside a metadata service."""

from __future__ import annotations

from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.http.reach import reach
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict

    from cloudboot.datasource import Probe

BUDGET, ATTEMPT = 20.0, 5.0
ASK = {"DomU_Request": "send_my_password"}
NONE, REFUSED = ("", "saved_password"), "bad_request"
MOST = 4096


def password(probe: Probe, name: str, place: str) -> Dict[str, Any]:
    """Configuration that sets the password which waits at ``place``, a service and a path with a blank between, for the
    default user; empty where none does, or nobody says so, of which a warning is left.

    The server gives it again until it is told that it is saved. Telling it so is for when the password is set: who
    only looks must not make it forget.
    """
    try:
        text = _waiting(probe, name, *place.split(" "))
    except CloudbootError as problem:
        probe.warn(f"{name}: the server of passwords: {problem.reason}")
        return {}
    return {} if text in NONE else {"ssh_pwauth": True, "password": text, "chpasswd": {"expire": False}}


def _waiting(probe: Probe, name: str, server: str, path: str) -> str:
    """The server's answer. Raises `CloudbootError`."""
    settings = {key: probe.settings[key] for key in ("max_wait", "timeout") if key in probe.settings}
    limited = probe.but(settings=settings, patience=min(BUDGET, probe.patience or BUDGET))
    service = reach(limited, f"{name}'s passwords", [server], attempt=ATTEMPT)
    try:
        text = service.get(path, ASK, MOST).decode("utf-8", "replace").strip()
    finally:
        service.close()
    if text == REFUSED:
        raise Unreachable("it did not understand the question")
    return text
