"""The main job, top to bottom: which machine is this, what was asked of it, do what is due."""

from __future__ import annotations

from cloudboot import carry, config_url, consume, hotplug, registry, schedule, signals, whoami
from cloudboot.card import Stage
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Instance

if TYPE_CHECKING:
    from typing import Optional, Sequence

    from cloudboot.gate import Gates
    from cloudboot.job import Job
    from cloudboot.report import Report

LOCAL, NETWORK, CONFIG, FINAL = Stage
TURN = "the units that come before the {} stage (systemctl list-jobs)"
NOBODY = "no datasource knows this machine: there is nothing to do"


def boot(job: Job, stages: Sequence[Stage] = tuple(Stage), gates: Optional[Gates] = None) -> Report:
    """Carries out these stages, each when its unit asks for it where there are ``gates``."""
    if job.report.is_over:
        return job.report
    for stage in stages:
        if gates:
            job.report.wait(TURN.format(stage.value))
            gates.wait(stage.value)
        job.log.debug(f"stage {stage.value}")
        job.report.start(stage)
        reason = ended_early(job, stage)
        job.report.end(stage)
        if reason or stage is FINAL:
            job.report.finish(reason)
        if reason and gates:  # before this stage's unit ends and the next one's is started
            gates.drop(s.value for s in stages)
        if gates and gates.done(stage.value, job.report.untold, reason or job.report.summary(stage)):
            job.report.told()
        if reason:
            job.log.progress(reason)
            break
    return job.report


def ended_early(job: Job, stage: Stage) -> str:
    """One stage and its checkpoint; why the boot is over after it, empty where it is not."""
    reason = ""
    try:
        reason = carry_out_stage(job, stage)
        job.state.checkpoint()
    except CloudbootError as problem:
        job.report.error(str(problem))
        reason = problem.reason
        if job.inputs.given and job.instance is None:  # what a person named is wrong: nothing else is meant
            job.report.finish(reason)
            raise
        job.log.error(str(problem))
    return reason


def carry_out_stage(job: Job, stage: Stage) -> str:
    """One stage; why there is nothing for the later ones to do, empty where there is."""
    if stage is LOCAL:
        hotplug.remember(job)
    if stage in (LOCAL, NETWORK):
        config_url.take(job, stage)
    if job.instance is None:
        whoami.find(job, stage) if stage in (LOCAL, NETWORK) else whoami.recall(job)
    if stage is NETWORK and whoami.nothing_new(job.instance):
        signals.fail(job)
    if job.instance is None and not (stage is LOCAL and job.waits_for_network):
        return NOBODY
    if stage is LOCAL and (job.instance is None or not job.instance.local):
        reach_out(job)
    if job.instance is None:
        return ""
    if stage is NETWORK:
        let_in(job)
        carry_out_modules(job, LOCAL)  # those that the local stage knew too little for
        consume.user_data(job)
    elif stage is not LOCAL and job.settled is None:
        consume.recall(job)
    if stage is not LOCAL or job.instance.local:
        carry_out_modules(job, stage)
        signals.speak(job, stage)
    if stage is FINAL:
        job.state.complete(job.instance)
    return ""


def reach_out(job: Job) -> None:
    """A machine that has to ask over the network who it is gets the one that its image describes, or DHCP. One that
    was somebody before has its network still."""
    if job.state.known() is not None and not job.first:
        return
    context = Boot(LOCAL, job.host, Instance(""), job.config, True, job.uptime())
    card = next(c for c in registry.cards(LOCAL) if c.name == "network")
    step = job.state.step(card, context.instance, "first-")
    job.begin([step])
    carry.carry_out(job, card, context, step)


def let_in(job: Job) -> None:
    """Access first: where what user-data includes does not answer at once, what is at hand lets the owner in."""
    if not consume.glance(job):
        carry_out_modules(job, NETWORK, only=schedule.ACCESS, prefix="first-")


def carry_out_modules(job: Job, stage: Stage, only: Sequence[str] = (), prefix: str = "") -> None:
    """All modules of a stage that are due, in their order."""
    context = job.boot(stage)
    if stage is LOCAL:
        context = context.but(config={**context.config, **consume.updates(job)})
    due = carry.due(job, [c for c in schedule.cards(stage, job.config) if not only or c.name in only], context)
    steps = [job.state.step(card, context.instance, prefix) for card in due]
    job.begin(steps)
    for card, step in zip(due, steps):
        carry.carry_out(job, card, context, step)


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
    carry.carry_out(job, card, job.boot(card.stage), step)
    job.state.checkpoint()
    job.report.end(card.stage)
    job.report.events.close()
    return job.report
