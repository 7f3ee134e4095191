"""What is kept of user-data in the instance's folder: for later stages, ``explain``, and problems that need a place."""

from __future__ import annotations

from cloudboot import instancedata, json
from cloudboot.noun import TYPE_CHECKING
from cloudboot.userdata.config import Layer, Sources
from cloudboot.userdata.parts import Part, Parts

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.job import Job

PARTS = "parts.json"
STREAMS = ("user", "vendor", "vendor2")


def stored(sources: Sources) -> bytes:
    """The parts of all streams, as `recalled_sources` reads them."""
    return json.dumps({s: [_stored(p) for p in getattr(sources, s).found] for s in STREAMS}).encode()


def recalled_sources(job: Job) -> Optional[Sources]:
    """The sources of the last boot, from the parts it kept; None where it kept none."""
    raw = job.machine.read(f"{job.folder}/{PARTS}")
    if raw is None or job.instance is None:
        return None
    parts: Dict[str, Any] = json.loads(raw)
    user, vendor, vendor2 = (Parts(tuple(_part(p) for p in parts.get(s, ()))) for s in STREAMS)
    data = instancedata.describe(job.host, job.instance, job.settings.config)
    layers = (*([Layer("datasource", job.instance.config)] if job.instance.config else []), *job.settings.layers)
    return Sources(user, vendor, vendor2, layers, data)


def _stored(part: Part) -> Mapping[str, Any]:
    from binascii import b2a_base64

    return {**part.items(), "content": b2a_base64(part.content, newline=False).decode(), "headers": dict(part.headers)}


def _part(stored: Dict[str, Any]) -> Part:
    from binascii import a2b_base64

    return Part(**{**stored, "content": a2b_base64(stored["content"])})
