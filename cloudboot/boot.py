"""The main job, top to bottom: which machine is this, what was asked of it, do what is due."""

from __future__ import annotations

from cloudboot import access, carry, consume, signals, whoami
from cloudboot.card import Stage
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.packed import documents
from cloudboot.state import DOCUMENTS

if TYPE_CHECKING:
    from typing import List, Sequence, Tuple

    from cloudboot.card import Card
    from cloudboot.job import Job
    from cloudboot.report import Report

LOCAL, NETWORK, CONFIG, FINAL = Stage
RIVAL = "/run/cloud-init/enabled"
NOT_ALONE = "cloud-init is switched on here too, and both do the same work; touch /etc/cloud/cloud-init.disabled"
NOBODY = "no datasource knows this machine: there is nothing to do"


def boot(job: Job, stages: Sequence[Stage] = tuple(Stage)) -> Report:
    """Carries out these stages, each when its unit asks for it where there are gates."""
    if job.report.is_over:
        return job.report
    for stage in stages:
        job.await_turn(stage.value)
        job.log.debug(f"stage {stage.value}")
        job.report.start(stage)
        reason = ended_early(job, stage, stage is stages[-1])
        job.report.end(stage)
        if reason or stage is FINAL:
            job.report.finish(reason)
        if reason and job.gates:  # before this stage's unit ends and the next one's is started
            job.gates.drop()
        job.open_gate(stage.value, reason)
        if reason:
            job.log.progress(reason)
            break
    else:
        job.log.progress(f"cloudboot: {job.report.account()}")
    return job.report


def ended_early(job: Job, stage: Stage, last: bool) -> str:
    """One stage, after the ``last`` of this process a checkpoint; why the boot is over after it, empty where it is
    not."""
    reason = ""
    try:
        reason = carry_out_stage(job, stage)
        job.state.keep(DOCUMENTS, documents.kept())
        if reason or last:
            job.state.checkpoint(stage is FINAL, over=stage is FINAL)
        elif stage is NETWORK:  # services start now
            job.state.journal.secure()
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
    if stage is LOCAL and job.host.files.has(RIVAL):
        job.warn(NOT_ALONE)
    if stage in (LOCAL, NETWORK) and job.settings.cmdline.config_url:
        from cloudboot import config_url

        config_url.take(job, stage)
    if job.instance is None:
        whoami.find(job, stage) if stage in (LOCAL, NETWORK) else whoami.recall(job)
    if stage is LOCAL:
        job.remember_nics()  # not sooner: the asking may have waited for interfaces, which came like all others then
    if stage is NETWORK and whoami.nothing_new(job.instance):
        signals.fail(job)
    if job.instance is None and not (stage is LOCAL and job.waits_for_network):
        return NOBODY
    if stage is LOCAL and (job.instance is None or not job.instance.local):
        whoami.reach_out(job)
    elif stage is LOCAL:
        local(job)
    elif stage is NETWORK:
        network(job)
    elif job.instance is not None:
        if job.settled is None:
            consume.recall(job)
        if stage is FINAL:
            access.put_keys_back(job)
        carry_out_modules(job, job.cards(stage))
    if job.instance is not None and (stage is not LOCAL or job.instance.local):
        signals.speak(job, stage)
    if stage is FINAL and job.instance is not None:
        job.state.complete(job.instance)
    return ""


def local(job: Job) -> None:
    """Name and network; and while the network comes up the owner is let in, where all that user-data says is known."""
    known = not job.is_config_awaited and consume.at_hand(job)
    owners, others = parted(job)
    carry_out_modules(job, [c for c in others if c.image or (known and not job.refused)])
    job.open_gate(LOCAL.value)
    if known:
        due = carry.due(job, owners)
        if job.gates:
            carry.load(job, due)
        job.await_turn("access")
        missing = access.waits_for(job, due)
        if missing:
            job.log.debug(f"the owner is let in after the network came up: {missing} is not there yet")
        else:
            carry_out_modules(job, due)
            job.let_in()


def network(job: Job) -> None:
    """What the local stage knew too little for, the owner first. Where what user-data includes does not answer at
    once, what is at hand lets him in."""
    if not consume.in_a_hurry(job):
        carry_out_modules(job, [c for c in parted(job)[0] if c.name in access.FIRST], prefix="first-")
        consume.everything_said(job)
    owners, others = parted(job)
    late = access.awaits_homes(job, owners)
    carry_out_modules(job, owners)
    if late:
        access.keep_keys(job)
    job.let_in()
    carry_out_modules(job, [c for c in others if c.image or not job.refused])
    consume.user_data(job)
    carry_out_modules(job, job.cards(NETWORK))


def parted(job: Job) -> Tuple[List[Card], List[Card]]:
    """The modules of the local stage: those that let the owner in, and the others."""
    cards = job.cards(LOCAL)
    return [c for c in cards if c.name in access.MODULES], [c for c in cards if c.name not in access.MODULES]


def carry_out_modules(job: Job, cards: Sequence[Card], prefix: str = "") -> None:
    """Those of these modules that are due, in their order."""
    assert job.instance is not None
    due = carry.due(job, cards)
    steps = [job.state.step(card, job.instance, prefix) for card in due]
    job.begin(steps)
    for card, step in zip(due, steps):
        context = job.boot(card)
        if card.image:
            context = context.but(config={**context.config, **consume.updates(job)})
        carry.carry_out(job, card, context, step)
