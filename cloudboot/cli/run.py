"""Runs one module now, on what the machine booted with, whether or not it is due."""

from __future__ import annotations

from cloudboot import carry, consume, registry, schedule, whoami
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.start import prepare

if TYPE_CHECKING:
    from cloudboot.job import Job
    from cloudboot.report import Report


def run(given: Given) -> int:
    job = prepare(given.root, given.config, debug=given.debug, fresh=False)
    return run_one(job, given.text("MODULE"), given.text("--frequency", "always") == "always").code


def run_one(job: Job, name: str, anyway: bool) -> Report:
    """One module, now; ``anyway``: though it has run."""
    job.report.start(registry.module(name).card.stage)
    whoami.recall(job)
    assert job.instance is not None
    consume.recall(job)
    card = schedule.card(name, job.config)
    step = job.state.step(card, job.instance)
    if job.state.is_done(step):
        if not anyway:
            raise CloudbootError(
                f"{card.name} has run already ({card.every.value})", "--frequency always runs it again"
            )
        step = f"{step}-again-{job.state.journal.size}"
    job.begin([step])
    carry.carry_out(job, card, job.boot(card), step)
    job.state.checkpoint()
    job.report.end(card.stage)
    job.report.close()
    return job.report


VERB = Verb(
    "run",
    "Runs one module, now.",
    "cloudboot run write_files --frequency always",
    (
        Word("MODULE", "its name; cloudboot modules lists them", needed=True),
        Word("--frequency", "always: though it has run; instance or once: only if it has not", value="FREQUENCY",
             choices=("always", "instance", "once")),
    ),
    run,
    "0 done, 1 it failed, 2 done with warnings",
)  # fmt: skip
