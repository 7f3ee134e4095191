"""Letting the owner in: which modules do that, and whether they have to wait for the network stage."""

from __future__ import annotations

from cloudboot import carry
from cloudboot.card import ACCESS, Every
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Sequence

    from cloudboot.card import Card
    from cloudboot.job import Job

FIRST = ACCESS
"""On what is at hand, where what user-data includes does not answer."""
MODULES = (*FIRST, "set_passwords", "ssh_host_keys")
"""They come before anything that can fail or wait."""


KEPT, PUT = "kept", "put"
LATE = "late_homes"
"""What the report calls it when keys are kept for homes that are mounted later, and put there."""


def waits_for(job: Job, due: Sequence[Card]) -> str:
    """What is not there yet that those need; empty where the owner can be let in at once."""
    if all(card.every is Every.BOOT for card in due):
        return ""
    from cloudboot.admin import fstab, people

    system = System(job.machine)
    points = fstab.unmounted(system)
    roster = people.roster(job.config)
    if any(person.snapuser for person in roster.people):
        return "snapd"
    if not points:
        return ""
    from cloudboot.admin import homes

    return homes.below(system, [(p.name, p.homedir) for p in roster.people if p.name], points)


def awaits_homes(job: Job, owners: Sequence[Card]) -> bool:
    """Are users made now whose homes something will be mounted over yet? That they are is on the disk first: a boot
    that a power cut ended must not take their keys for kept."""
    step = _step(job, KEPT)
    if step in job.state.journal.begun and not job.state.is_done(step):
        return True
    if all(card.every is Every.BOOT for card in carry.due(job, owners)):
        return False
    from cloudboot.admin import fstab

    if not fstab.unmounted(System(job.machine)):
        return False
    job.begin([step])
    return True


def keep_keys(job: Job) -> None:
    """Their keys are written down."""
    from cloudboot.admin import fstab, homes

    def work(system: System) -> None:
        homes.remember(system, _note(job), fstab.unmounted(system))

    carry.perform(job, LATE, _step(job, KEPT), work)


def put_keys_back(job: Job) -> None:
    """And put in place again, now that all is mounted."""
    step = _step(job, PUT)
    if job.state.is_done(_step(job, KEPT)) and not job.state.is_done(step):
        from cloudboot.admin import homes

        job.begin([step])
        carry.perform(job, LATE, step, lambda system: homes.restore(system, _note(job)))


def _note(job: Job) -> str:
    return f"{job.folder}/keys-below-late-mounts"


def _step(job: Job, what: str) -> str:
    assert job.instance is not None
    return f"i-{job.instance.id}/{LATE}-{what}"
