"""Letting the owner in: which modules do that, and whether they have to wait for the network stage."""

from __future__ import annotations

from cloudboot import carry, schedule
from cloudboot.card import Every
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Callable, Sequence

    from cloudboot.card import Card
    from cloudboot.job import Job

FIRST = schedule.ACCESS
"""On what is at hand, where what user-data includes does not answer."""
MODULES = (*FIRST, "set_passwords", "ssh_host_keys")
"""They come before anything that can fail or wait."""


LATE = "late_homes"
"""What the report calls it when keys are kept for homes that are mounted later, and put there."""


def waits_for(job: Job, due: Sequence[Card]) -> str:
    """What is not there yet that those need; empty where the owner can be let in at once."""
    if all(card.every is Every.BOOT for card in due):
        return ""
    from cloudboot.admin import homes, people

    system = System(job.machine)
    points = homes.unmounted(system)
    roster = people.roster(job.config)
    if any(person.snapuser for person in roster.people):
        return "snapd"
    return homes.below(system, [(p.name, p.homedir) for p in roster.people if p.name], points) if points else ""


def keep_for_later(job: Job) -> None:
    """The keys of those whose homes something will be mounted over yet are written down."""
    from cloudboot.admin import homes

    points = homes.unmounted(System(job.machine))
    if points:
        _perform(job, "kept", lambda system: homes.remember(system, _note(job), points))


def put_back(job: Job) -> None:
    """And put in place again, now that all is mounted."""
    if job.machine.look(_note(job)) is not None:
        from cloudboot.admin import homes

        _perform(job, "put", lambda system: homes.restore(system, _note(job)))


def _note(job: Job) -> str:
    return f"{job.folder}/keys-below-late-mounts"


def _perform(job: Job, what: str, work: Callable[[System], None]) -> None:
    step = f"boot-{job.state.boot_id}/{LATE}-{what}"
    job.begin([step])
    carry.perform(job, LATE, step, work)
