"""Turns what the owner and the cloud sent into a config and files to run, and keeps it for the later stages.

What was sent is the same at most boots: then what it came to is taken from the last one, and nothing is unpacked.
"""

from __future__ import annotations

from cloudboot import instancedata, json
from cloudboot.card import RUN
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.packed import digest, packed, same, unpacked
from cloudboot.text import with_text_keys
from cloudboot.userdata import Settled

if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence

    from cloudboot.job import Job

MAY_INCLUDE = (b"#include", b"x-include", b"\x1f\x8b", b"base64", b"BASE64", b"gzip")
"""One of these stands in every document that includes others."""
DIFFERS = (*MAY_INCLUDE, b"jinja")
"""One of these stands in every document that may come to something else at another boot."""


def at_hand(job: Job) -> bool:
    """Settles the job's config where nothing has to come over a network for it; whether that is so."""
    if recalled(job):
        return True
    from cloudboot import settling

    return settling.at_hand(job)


def in_a_hurry(job: Job) -> bool:
    """Settles the job's config, if all that user-data includes answers at once; whether it is settled. Where it is not,
    it is what is at hand."""
    if job.again or job.sources is not None or recalled(job):
        return True
    from cloudboot import settling

    return settling.in_a_hurry(job)


def everything_said(job: Job) -> None:
    """Settles the job's config from all that was sent, however long what it includes takes to answer."""
    from cloudboot import settling

    settling.everything_said(job)


def user_data(job: Job) -> None:
    """Puts what the settled config brings to run where its modules look for it."""
    assert job.instance is not None and job.settled is not None
    if job.again:
        show(job, instancedata.describe(job.host, job.instance, job.settings.config), job.settled)
        return
    from cloudboot import settling

    settled = settling.take(job)
    try:
        keep(job, settled)
    except CloudbootError as problem:  # this boot knows it all: a disk that takes no more must not lock the owner out
        job.error(str(problem))


def recalled(job: Job) -> bool:
    """Settles the job's config with what the same documents came to at the last boot; whether that is known."""
    told = job.state.data.get("settled")
    if job.first or job.plan is not None or not isinstance(told, dict) or told.get("mark") != mark(job):
        return False
    raw = job.machine.read(f"{job.folder}/cloud-config.json") or b""
    if told.get("config") != digest(raw):
        return False
    job.again = True
    job.settle(Settled(unpacked(raw)))
    return True


def mark(job: Job) -> str:
    """What tells all that was sent, and what it is merged with, from anything else."""
    assert job.instance is not None
    return digest(job.settings.mark, json.dumps(job.instance.to_json(), sort_keys=True))


def sent(job: Job) -> Sequence[bytes]:
    assert job.instance is not None
    return (job.instance.user_data, *job.instance.vendor_data, *job.instance.vendor_data2)


def keep(job: Job, settled: Settled) -> None:
    """What the later stages, ``explain``, templates and the next boot need, so that nothing is fetched twice."""
    from cloudboot import kept

    assert job.sources is not None
    raw = packed(settled.config)
    stored = {kept.PARTS: kept.stored(job.sources), "cloud-config.json": raw}
    job.state.put_all({f"{job.folder}/{name}": data for name, data in stored.items()})
    job.state.data.pop("settled", None)
    files = (*settled.scripts, *settled.boothooks, *settled.handlers, *settled.problems, *settled.notes)
    varies = any(mark in document for document in sent(job) for mark in DIFFERS)
    if job.settings.mark and not files and not varies and same(unpacked(raw), settled.config):
        job.state.data["settled"] = {"mark": mark(job), "config": digest(raw)}
    show(job, job.sources.data, settled)


def show(job: Job, about: Mapping[str, Any], settled: Settled) -> None:
    """Tells whoever asks on this machine, as long as it is up, what is known of its instance."""
    data = {**about, "merged_cfg": settled.config}
    job.state.put(f"{RUN}/instance-data-sensitive.json", _json(data), 0o600, durable=False)
    job.state.put(f"{RUN}/instance-data.json", _json(instancedata.redacted(data)), 0o644, durable=False)


def recall(job: Job) -> None:
    """What `user_data` settled in an earlier stage of this boot. Raises `CloudbootError` where there is nothing."""
    raw = job.machine.read(f"{job.folder}/cloud-config.json")
    if raw is None:
        raise CloudbootError("the network stage has not settled this boot's config yet", "run --stage network first")
    job.settle(Settled(unpacked(raw)))


def updates(job: Job) -> Mapping[str, Any]:
    """What this instance's user-data says of when things are done again, or said at its last boot: all of it that the
    network's description heeds."""
    if job.settled is not None:
        return {key: value for key, value in job.settled.config.items() if key == "updates"}
    raw = job.machine.read(f"{job.folder}/cloud-config.json") or b""
    said = unpacked(raw).get("updates") if b'"updates"' in raw else None
    return {"updates": said} if said else {}


def _json(data: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(data, sort_keys=True, default=str).encode()
    except TypeError:  # keys of several types, which few documents have, cannot be sorted
        return json.dumps(with_text_keys(data), sort_keys=True, default=str).encode()
