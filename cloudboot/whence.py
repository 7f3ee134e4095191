"""Where in the documents a problem stands: worked out when there is one, so that a boot without any pays nothing."""

from __future__ import annotations

from cloudboot.check import steps
from cloudboot.errors import Place
from cloudboot.kept import recalled_sources
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import dotted
from cloudboot.userdata.config import trace

if TYPE_CHECKING:
    from typing import Optional

    from cloudboot.job import Job


def place(job: Job, path: str) -> Optional[Place]:
    """File, line and column of the value at ``users[0].name``, or of what holds it; None where nobody knows."""
    if job.marks is None:
        sources = job.sources or recalled_sources(job)
        job.marks = trace(sources) if sources else {}
    at = whole = steps(path)
    while at and at not in job.marks:
        at = at[:-1]
    if not at:
        return None
    found = job.marks[at].place
    return Place(found.file, found.line, found.column, dotted(whole))
