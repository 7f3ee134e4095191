"""A network interface came or went while the machine was up: asks the datasource anew, and has the network module do
the rest.

What happened is found, not told: the interfaces that are there now are held against those of the last look. A call too
many does nothing, and one that was lost is made up for by the next.
"""

from __future__ import annotations

import time

from cloudboot import carry, consume, registry, whoami
from cloudboot.card import Stage
from cloudboot.errors import CloudbootError
from cloudboot.host import again
from cloudboot.identify import Candidate
from cloudboot.network.nics import SEEN, nics_of, seen
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.asking import Answer
    from cloudboot.job import Job
    from cloudboot.network.plugged import Change
    from cloudboot.values import Nic

PATIENCE = 60.0
"""Seconds in which a datasource has to describe an interface that came, or to drop one that went."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds between one question and the next: each time twice as long."""
NOT_ASKED = "nobody asks for it here: updates: {network: {when: [hotplug]}} does"


def follow(job: Job) -> None:
    """Makes the network what the datasource says now, where an interface came or went and somebody asks for it."""
    from cloudboot.network import plugged

    whoami.recall(job)
    consume.recall(job)
    nics = nics_of(System(job.machine))
    change = plugged.change((job.state.files.read(SEEN) or b"").decode("ascii", "replace"), nics)
    if not change:
        job.log.progress("no network interface came or went")
        return
    if not is_asked_for(job):
        job.log.progress(NOT_ASKED)
        return
    for nic in change.came:
        job.log.progress(f"{nic.name} ({nic.mac}) came")
    for mac in change.gone:
        job.log.progress(f"{mac} went")
    if not job.settings.config.get("network"):  # the image describes it: the datasource's word is not asked for
        ask_anew(job, change)
    if configure(job):  # else the next ring, or a person, has it tried again
        job.state.put(SEEN, seen(nics), 0o644, durable=False)  # and none that came meanwhile: it rings for itself


def is_asked_for(job: Job) -> bool:
    """Does the owner, or the datasource where the owner says nothing, want interfaces to be followed?"""
    from cloudboot.network.source import HOTPLUG, events

    options, _ = registry.module("install_hotplug").read(job.config)
    assert job.instance is not None
    return HOTPLUG in events(options.updates, job.instance)


def ask_anew(job: Job, change: Change) -> None:
    """Has the job's instance say what the datasource says now. Raises `CloudbootError` where it does not answer, or
    tells of another machine."""
    known = job.instance
    assert known is not None
    source = registry.datasource(known.datasource)
    if source is None:
        raise CloudbootError(f"there is no datasource {known.datasource} to ask", "boot with one that there is")
    answer = patiently(job, Candidate(source.name, source), change)
    found = answer.instance
    if found is None:
        raise answer.problem or CloudbootError(f"{source.name} does not answer")
    if found.id != known.id:
        raise CloudbootError(f"{source.name} tells of another machine, {found.id}; the network stays as it is",
                             "reboot to become that machine")  # fmt: skip
    for nic in missing(found.network, change.came):
        job.warn(f"{source.name} does not describe {nic.name} ({nic.mac}); it is left as it is")
    job.instance = found
    job.state.adopt(found, job.state.data.get("instance", {}).get("marks", {}))


def patiently(job: Job, candidate: Candidate, change: Change) -> Answer:
    """What the datasource says once it knows of the change, or at last."""
    from cloudboot import asking

    end = time.monotonic() + PATIENCE
    pause = FIRST_PAUSE
    while True:
        job.host = again(job.host, "nics", "disks")
        (answer,) = asking.ask(job, [candidate], Stage.NETWORK, most=end - time.monotonic())
        found = answer.instance
        if (found is not None and may_act_on(found.network, change)) or time.monotonic() + pause > end:
            break
        job.report.wait(f"datasource {candidate.name} to know of the change")
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    job.report.wait("")
    return answer


def may_act_on(document: object, change: Change) -> bool:
    """Does the description hold every interface that came, and none that went? One that says nothing stays so."""
    from cloudboot.network import parse
    from cloudboot.network.source import disabled

    if not document or disabled(document):
        return True
    described = {device.match.mac for device in parse(document).devices}
    return not missing(document, change.came) and not described.intersection(change.gone)


def missing(document: object, came: Tuple[Nic, ...]) -> Tuple[Nic, ...]:
    """Those that the description does not say anything of."""
    from cloudboot.network import parse, plugged
    from cloudboot.network.source import disabled

    if not document or disabled(document):
        return came
    network = parse(document, came)
    return tuple(nic for nic in came if not plugged.is_described(network, nic))


def configure(job: Job) -> bool:
    """The network module, with what is known now; false where it failed."""
    from cloudboot.network.source import HOTPLUG

    assert job.instance is not None
    job.host = again(job.host, "nics")
    card = next(c for c in registry.cards(Stage.LOCAL) if c.name == "network")
    context = job.boot(card).but(event=HOTPLUG)
    step = f"{job.state.step(card, job.instance)}-{HOTPLUG}-{job.state.journal.size}"
    job.begin([step])
    entry = carry.carry_out(job, card, context, step)
    job.state.checkpoint()
    return not entry.error
