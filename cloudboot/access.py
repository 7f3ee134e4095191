"""Letting the owner in: which modules do that, and whether they have to wait for the network stage."""

from __future__ import annotations

from cloudboot import schedule
from cloudboot.card import Every
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Sequence

    from cloudboot.card import Card
    from cloudboot.job import Job

FIRST = schedule.ACCESS
"""On what is at hand, where what user-data includes does not answer."""
MODULES = (*FIRST, "set_passwords", "ssh_host_keys")
"""They come before anything that can fail or wait."""


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
