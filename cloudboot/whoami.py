"""Who this machine is: asks the datasources that know it, and never takes silence for a new identity."""

from __future__ import annotations

from cloudboot import asking, carry, instancedata, registry
from cloudboot.card import INTERRUPTED, Stage
from cloudboot.datasource import Needs
from cloudboot.errors import Absent, CloudbootError, NotYet, Unreachable
from cloudboot.host import again
from cloudboot.host import ask as query
from cloudboot.module import Boot
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Instance

if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence

    from cloudboot.asking import Answer
    from cloudboot.identify import Candidate
    from cloudboot.job import Job
    from cloudboot.values import Host

LAST_RESORT = "none"
SETTLE_SECONDS = 30
NO_NEWS = "no datasource answers any more"


def find(job: Job, stage: Stage) -> None:
    """Sets the job's instance: from a datasource, else the one this machine was at its last boot, else none."""
    known = job.state.known()
    found = ask(job, stage)
    if stage is Stage.LOCAL and nothing_new(found) and not job.waits_for_network and more_disks(job):
        found = ask(job, stage)
    if found is not None and found.datasource == LAST_RESORT and known is not None and known.datasource != LAST_RESORT:
        found = None  # the datasource of last resort is no proof that this is another machine
    if found is None:
        if known is None or (job.waits_for_network and stage is Stage.LOCAL):
            return
        why = "; ".join(job.unreachable) or NO_NEWS
        if job.is_another(known):
            job.error(f"this machine is not {known.id} any more, and who it is now cannot be found out: {why}")
            return
        job.log.warn(f"instance {known.id} of the last boot is kept: {why}")
        if job.unreachable:
            job.report.warn(f"instance {known.id} of the last boot is kept: {why}")
        found, job.cached = known, True
    accept(job, found, known)


def nothing_new(found: Optional[Instance]) -> bool:
    return found is None or found.datasource == LAST_RESORT


def more_disks(job: Job) -> bool:
    """Have further disks come when udev is through with all that the machine has? A medium may be slow to show."""
    before = job.host.disks
    job.report.wait("udev")
    settled, _ = query(job.host, ("udevadm", "settle", f"--timeout={SETTLE_SECONDS}"), SETTLE_SECONDS + 5.0)
    job.report.wait("")
    if settled == 127:
        return False
    job.host = again(job.host, "disks", "xenstore")
    return job.host.disks != before


def ask(job: Job, stage: Stage) -> Optional[Instance]:
    """The instance that a datasource tells of: those that need no network are asked first, one after the other, then
    the others at the same time; the last resort when all of them have told of none."""
    if stage is Stage.NETWORK:
        job.host = again(job.host, "disks", "nics")
    elif job.host.files.has(INTERRUPTED):
        from cloudboot import early

        early.sweep(job)
    job.waits_for_network = False
    near: List[Candidate] = []
    far: List[Candidate] = []
    last: List[Candidate] = []
    for candidate in job.candidates():
        if candidate.name == LAST_RESORT:
            last.append(candidate)
        elif candidate.source is not None:
            (near if candidate.source.needs is Needs.NOTHING else far).append(candidate)
    for group in (*([candidate] for candidate in near), far, last):
        if not group or (group is last and job.waits_for_network):
            continue
        if group is far and stage is Stage.LOCAL:
            job.log.debug(f"datasource {', '.join(c.name for c in far)}: needs the network")
            job.waits_for_network = True
            found = reach(job, far, stage) if job.may_reach_out else None
        else:
            if group is last:
                group = [candidate.but(source=registry.datasource(LAST_RESORT)) for candidate in last]
            found = take(job, asking.ask(job, group, stage))
            if found is None and group[0].name != LAST_RESORT and is_to_be_connected(job, group):
                found = reach(job, group, stage)
        if found is not None:
            return found
    return None


def reach(job: Job, group: Sequence[Candidate], stage: Stage) -> Optional[Instance]:
    """The instance that these tell of over a network for this question alone."""
    from cloudboot import early

    return early.ask(job, group, stage)


def is_to_be_connected(job: Job, group: Sequence[Candidate]) -> bool:
    """Did all of these stay silent because a machine that nobody knows yet has no network?"""
    silent = all(isinstance(job.failures.get(c.name), Unreachable) for c in group)
    if not silent or not job.may_reach_out or job.state.known() is not None:
        return False
    from cloudboot import early

    return early.is_cut_off(job)


def take(job: Job, answers: Sequence[Answer]) -> Optional[Instance]:
    """The first instance that was told of; why the others told of none is noted."""
    for answer in answers:
        name, problem = answer.name, answer.problem
        if problem is None:
            return answer.instance
        if isinstance(problem, NotYet):
            job.log.debug(f"datasource {name}: later: {problem}")
            job.waits_for_network = True
        elif isinstance(problem, Absent):
            job.log.debug(f"datasource {name}: not this machine's: {problem}")
        elif job.inputs.given:  # what a person named is wrong: nothing else is meant
            raise problem
        else:
            job.log.error(f"datasource {name}: {problem}")
            job.unreachable.append(f"{name}: {problem}")
            job.failures[name] = problem
            if not isinstance(problem, Unreachable):
                job.report.error(f"datasource {name}: {problem}")
    return None


def accept(job: Job, found: Instance, known: Optional[Instance]) -> None:
    """This machine is ``found`` from now on."""
    marks = fingerprint(job.host)
    if known is not None and known.id != found.id and is_same_uuid(known.id, found.id):
        found = found.but(id=known.id)  # another kernel may write it in another way
    if known is not None and known.id == found.id:
        before = job.state.data.get("instance", {})
        stored = before.get("marks", {}) if before.get("id") == known.id else {}  # a boot that was cut writes none
        if any(not is_same_mark(stored[m], marks[m]) for m in marks if stored.get(m) and marks[m]):
            text = f"this machine has the id {found.id} of another one: its disk was cloned"
            job.log.warn(text)
            job.report.warn(f"{text}; give it an id of its own, or run cloudboot clean --machine-id in the image")
    elif known is not None:
        job.log.progress(f"new instance {found.id}: it was {known.id} before")
    try:
        job.state.adopt(found, marks)
    except CloudbootError as problem:  # this boot knows who it is: a full disk must not lock the owner out
        job.error(str(problem))
    job.first = job.state.is_first(found)
    job.instance = found
    job.report.identity(found.id, found.datasource, found.subplatform, instancedata.cloud_id(found), job.cached)
    job.log.debug(f"instance {found.id} from {found.datasource}{', its first boot' if job.first else ''}")


def recall(job: Job) -> None:
    """The instance that an earlier stage, or the last boot, settled on. Raises `CloudbootError` where there is none."""
    known = job.state.known()
    if known is None:
        raise CloudbootError("this machine has not booted with cloudboot yet", "run cloudboot boot first")
    job.instance, job.first = known, job.state.is_first(known)


def reach_out(job: Job) -> None:
    """A machine that has to ask over the network who it is gets the one that its image describes, or DHCP. One that
    was somebody before has its network still."""
    if job.state.known() is not None and not job.first:
        return
    context = Boot(Stage.LOCAL, job.host, Instance(""), job.config, True)
    card = next(c for c in registry.cards(Stage.LOCAL) if c.name == "network")
    step = job.state.step(card, context.instance, "first-")
    job.begin([step])
    carry.carry_out(job, card, context, step)


def fingerprint(host: Host) -> Dict[str, str]:
    """What two machines never share, as far as the firmware is honest."""
    return {"uuid": host.dmi.product_uuid, "serial": host.dmi.product_serial}


def is_same_mark(one: str, other: str) -> bool:
    """Equal but for case and dashes, and of UUIDs the order in which old firmware stored the first half."""
    plain, plainly = (m.lower().replace("-", "") for m in (one, other))
    return plain == plainly or is_same_uuid(one, other)


def is_same_uuid(one: str, other: str) -> bool:
    from cloudboot.metadata import same_uuid

    return same_uuid(one, other)
