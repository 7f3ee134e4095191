"""Tells a cloud what it wants to hear from its machine: that it is ready, that it failed, and what it made."""

from __future__ import annotations

from cloudboot import carry, registry
from cloudboot.card import Card, Stage
from cloudboot.errors import NotYet
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.datasource import Datasource, Signal
    from cloudboot.job import Job
    from cloudboot.system.door import System

SECONDS = 60.0
"""For the questions that a signal needs to ask first, where its datasource does not know better."""


def speak(job: Job, stage: Stage) -> None:
    """All that the instance's cloud is told at the end of this stage, as far as it was not told already."""
    assert job.instance is not None
    source = registry.datasource(job.instance.datasource) if job.instance.datasource else None
    if source is None:
        return
    for signal in source.signals:
        if signal.stage is stage and signal.due(job.instance):
            _say(job, source, signal)


def _say(job: Job, source: Datasource, signal: Signal) -> None:
    assert job.instance is not None
    instance, name = job.instance, f"{source.name}_{signal.name}"
    step = job.state.step(Card(name, signal.stage, signal.every), instance)
    if job.state.has_succeeded(step):
        return
    later = []

    def work(system: System) -> None:
        try:
            signal.say(system, job.probe(source, signal.stage).but(patience=SECONDS), instance)
        except NotYet as problem:
            system.warn(f"{problem}; it is tried again in this boot")
            later.append(problem)

    job.begin([step])
    carry.perform(job, name, step, work)
    if later:
        job.state.journal.finish(step, ok=False)


def fail(job: Job) -> None:
    """Tells the clouds that this machine is sure to be of that it did not find out who it is."""
    for name, problem in job.failures.items():
        source = registry.datasource(name)
        if source is None or source.failed is None:
            continue
        told, probe = source.failed, job.probe(source, Stage.NETWORK).but(patience=SECONDS)
        step = f"boot-{job.state.boot_id}/{name}_failed"
        job.begin([step])
        carry.perform(job, f"{name}_failed", step, lambda system: told(system, probe, problem))  # noqa: B023
