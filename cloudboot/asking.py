"""Asks datasources: one by itself, several at the same time, so that no silent one keeps another from its turn."""

from __future__ import annotations

from time import monotonic

from cloudboot import errors, json
from cloudboot.errors import CloudbootError, Moved, Unreachable, where
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.values import Instance, instance_from_json

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.card import Stage
    from cloudboot.datasource import Probe
    from cloudboot.dhcp.lease import Lease
    from cloudboot.identify import Candidate
    from cloudboot.job import Job
    from cloudboot.system.aside import Aside

PREFER = 2.0
"""Seconds that one datasource's answer waits for that of another which comes before it."""
LONGEST = 240.0
"""Seconds for several at the same time, where nobody says less."""


class Answer(Noun):
    """What asking one datasource came to: an instance, or a problem."""

    name: str
    instance: Optional[Instance] = None
    problem: Optional[CloudbootError] = None


class Asker(Noun):
    """A datasource, as far as it is asked."""

    name: str
    fetch: Callable[[Probe], Instance]
    probe: Probe
    updates: Tuple[str, ...]


def ask(job: Job, candidates: Sequence[Candidate], stage: Stage, lease: Optional[Lease] = None,
        most: Optional[float] = None) -> List[Answer]:  # fmt: skip
    """What each of these tells, in their order, as far as it is known when it is known who this machine is: by the
    first of them, or by another one while those before it stay silent. ``most`` is how many seconds each is given."""
    askers = []
    for candidate in candidates:
        assert candidate.source is not None
        job.log.debug(f"datasource {candidate.name}: {candidate.evidence.why if candidate.evidence else 'asked for'}")
        probe = job.probe(candidate.source, stage, lease, most)
        askers.append(Asker(candidate.name, candidate.source.fetch, probe, candidate.source.updates))
    job.report.wait(", ".join(f"datasource {asker.name}" for asker in askers))
    began = monotonic()
    try:
        return [alone(job, askers[0])] if len(askers) == 1 else together(job, askers, most)
    finally:
        job.waited += monotonic() - began
        job.report.wait("")


def alone(job: Job, asker: Asker) -> Answer:
    try:
        return asked(asker)
    except Exception as bug:  # a bug in one datasource must not take away the boot of a machine that is known
        job.log.trace(bug)
        return Answer(asker.name, problem=CloudbootError(f"a bug: {type(bug).__name__} at {where(bug)}", "report it"))


def asked(asker: Asker) -> Answer:
    """What one datasource tells. Where the network is not for this question only, it goes on when it has moved."""
    while True:
        try:
            return Answer(asker.name, asker.fetch(asker.probe).but(datasource=asker.name, updates=asker.updates))
        except CloudbootError as problem:
            if not isinstance(problem, Moved) or asker.probe.stage == "local":
                return Answer(asker.name, problem=problem)


def together(job: Job, askers: Sequence[Asker], most: Optional[float]) -> List[Answer]:
    """Asks each in a child of its own; those that are not needed any more are ended."""
    from functools import partial

    from cloudboot.system.aside import Aside, heard

    names: Dict[Aside, str] = {}
    answers: Dict[str, Answer] = {}
    deadline = monotonic() + (LONGEST if most is None else most)
    try:
        for asker in askers:
            names[Aside(partial(tell, asker))] = asker.name
        while len(answers) < len(askers) and not settled(askers, answers):
            talking = heard([child for child, name in names.items() if name not in answers], deadline)
            if not talking:
                break
            lingers = [child for child in talking if listen(job, child, names[child], answers)]
            if any(answer.instance for answer in answers.values()):
                deadline = min(deadline, monotonic() + PREFER)
            elif lingers:
                deadline = monotonic() + (LONGEST if most is None else most)
    finally:
        for child in names:
            child.end()
    late = Unreachable("it does not answer in time")
    return [answers.get(asker.name) or Answer(asker.name, problem=late) for asker in askers]


def settled(askers: Sequence[Asker], answers: Mapping[str, Answer]) -> bool:
    """Has one told of an instance, and all before it have told of none?"""
    for asker in askers:
        answer = answers.get(asker.name)
        if answer is None or answer.instance:
            return answer is not None
    return False


def tell(asker: Asker, say: Callable[[bytes], None]) -> None:
    """The child's part: what is being waited for, what is wrong, and the answer."""

    def said(**what: Any) -> None:
        say(json.dumps(what).encode())

    notes = dict(asker.probe.notes)

    def remember(name: str, text: str) -> None:
        notes[name] = text
        said(remember=[name, text])

    probe = asker.probe.but(
        waiting=lambda what, since: said(waiting=[what, since]),
        still_waiting=lambda what: said(still_waiting=what),
        warn=lambda text: said(warning=text),
        notes=notes,
        remember=remember,
    )
    answer = asked(asker.but(probe=probe))
    if answer.instance is not None:
        said(instance=answer.instance.to_json())
    elif answer.problem is not None:
        kind = next(k.__name__ for k in type(answer.problem).__mro__ if hasattr(errors, k.__name__))
        said(problem=[kind, answer.problem.reason, answer.problem.remedy])


def listen(job: Job, child: Aside, name: str, answers: Dict[str, Answer]) -> bool:
    """The parent's part; whether the child waits for something that is right to have no end."""
    lingers = False
    for line in child.lines():
        said = json.loads(line)
        if "waiting" in said:
            job.report.wait(*said["waiting"])
        elif "still_waiting" in said:
            job.still_waiting(said["still_waiting"])
            lingers = True
        elif "warning" in said:
            job.warn(said["warning"])
        elif "remember" in said:
            job.state.remember(name, *said["remember"])
        elif "instance" in said:
            answers[name] = Answer(name, instance_from_json(said["instance"]))
        else:
            kind, reason, remedy = said["problem"]
            answers[name] = Answer(name, problem=getattr(errors, kind)(reason, remedy))
    if child.over and name not in answers:
        answers[name] = Answer(name, problem=CloudbootError("a bug: it ended without an answer", "report it"))
    return lingers
