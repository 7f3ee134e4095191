"""Carries out one module: its failure is reported, and never the next one's."""

from __future__ import annotations

import time

from cloudboot import registry
from cloudboot.errors import CloudbootError, Place, where
from cloudboot.noun import TYPE_CHECKING
from cloudboot.report import Entry, counted
from cloudboot.schema import dotted
from cloudboot.system.actions import Say
from cloudboot.system.door import System
from cloudboot.system.journal import Journaled

if TYPE_CHECKING:
    from typing import Callable, Iterable, List, Tuple, Union

    from cloudboot.card import Card, Work
    from cloudboot.job import Job
    from cloudboot.module import Boot
    from cloudboot.schema import Problem
    from cloudboot.system.actions import Action, Outcome


def due(job: Job, cards: Iterable[Card]) -> Tuple[Card, ...]:
    """Those that the config asks for, that suit this machine, and that are not done."""
    assert job.instance is not None
    out: List[Card] = []
    unverified = [str(name).replace("-", "_") for name in job.config.get("unverified_modules") or ()]
    for card in cards:
        if not card.asked(job.asked(card)):
            continue
        if not card.suits(job.host) and card.name not in unverified:
            job.log.debug(f"{card.name}: is not for {job.host.os.id}")
        elif job.state.is_done(job.state.step(card, job.instance)):
            job.log.debug(f"{card.name}: done already ({card.every.value})")
        else:
            out.append(card)
    return tuple(out)


def load(job: Job, due: Iterable[Card]) -> None:
    """Reads the code of these modules, while others have to be waited for anyway."""
    for card in due:
        if not is_idle(job, card, job.boot(card)):
            try:
                registry.module(card.name)
            except Exception as bug:  # it is read again when it is to run, and told of then
                job.log.trace(bug)


def carry_out(job: Job, card: Card, boot: Boot, step: str) -> Entry:
    """Runs one module as ``step`` of the journal."""

    if is_idle(job, card, boot):
        return perform(job, card.name, step, lambda system: None, at_once=True)

    def work(system: System) -> None:
        module = registry.module(card.name)
        options, problems = module.read(boot.config)
        for problem in problems:
            if problem.level == "deprecated":
                job.log.debug(f"{card.name}: {problem}")
            elif problem.level == "dropped":  # something that was asked for is not done
                job.error(f"{card.name}: {placed(job, dotted(problem.path), problem)}")
            else:
                system.warn(placed(job, dotted(problem.path), problem))
        module.apply(system, options, boot)

    return perform(job, card.name, step, work)


def is_idle(job: Job, card: Card, boot: Boot) -> bool:
    """Is there nothing for this module to do, by what its card says, so that it need not be imported?"""
    work = card.work
    if work is None:
        return False
    if work.redone:
        return any(e.name == work.redone and not (e.error or e.warnings) for e in job.report.entries)
    if work.is_said(boot.config, card.keys):
        return False
    if not work.contained:
        return boot.host.container
    try:
        return not (work.is_brought(boot.instance) or is_found(job, work, boot.folder))
    except CloudbootError:  # the module says it better
        return False


def is_found(job: Job, work: Work, folder: str) -> bool:
    """Is any of the files there that give a module something to do?"""
    if any(job.is_there(path.replace("{instance}", folder)) for path in work.there):
        return True
    return any(word.encode() in (job.machine.read(path) or b"") for path, word in work.holding.items())


def perform(job: Job, name: str, step: str, work: Callable[[System], None], at_once: bool = False) -> Entry:
    """Some work through the door, as ``step`` of the journal, and what came of it. Of work that is done ``at_once`` the
    status need not tell while it lasts."""
    started = time.monotonic()
    changes: List[str] = []
    journal = job.state.journal
    system = System(Journaled(job.machine, journal, step, step in job.resumed, telling(job, name, changes)))
    job.report.working(name, at_once)
    error = ""
    try:
        job.state.tree.disk.together(lambda: work(system))
    except CloudbootError as problem:
        at = problem.place
        error = placed(job, at.path, problem) if at and at.path and not at.file else str(problem)
    except Exception as bug:  # a bug in one module must not take the others' work away, access least of all
        job.log.trace(bug)
        error = f"a bug of cloudboot's own: {type(bug).__name__} at {where(bug)}"
    entry = Entry(name, len(changes), time.monotonic() - started, tuple(system.notes), tuple(system.left), error)
    journal.finish(step, ok=not error)
    job.add(entry)
    tell(job, entry)
    return entry


def placed(job: Job, path: str, problem: Union[Problem, CloudbootError]) -> str:
    """What is wrong with a value of the config, with the file and line that the value came from."""
    from cloudboot.whence import place

    return str(CloudbootError(problem.reason, problem.remedy, place(job, path) or Place(path=path)))


def telling(job: Job, name: str, changes: List[str]) -> Callable[[Action, Outcome], None]:
    """Counts changes and tells the story of each action."""

    def tell_action(action: Action, outcome: Outcome) -> None:
        if outcome.changed and not isinstance(action, Say):
            changes.append(str(action))
        end = f"exit {outcome.code}" if outcome.code else "" if outcome.changed else "unchanged"
        if outcome.left:
            end = "left for the first real boot"
        if outcome.doubted:
            end = "not run again: it may have run before the power went"
        took = f" [{outcome.seconds:.3f} s]" if outcome.seconds >= 0.0005 else ""
        job.log.debug(f"{name}: {action}{': ' + end if end else ''}{took}")

    return tell_action


def tell(job: Job, entry: Entry) -> None:
    """A line for each module that had something to do, for who watches; the log has them all."""
    for text in entry.warnings:
        job.log.warn(f"{entry.name}: {text}")
    if entry.error:
        job.log.error(f"{entry.name}: {entry.error}")
        return
    done = [counted(entry.changes, "change")] if entry.changes else []
    done += [f"{len(entry.left)} left for the first real boot"] if entry.left else []
    told = job.log.progress if done else job.log.debug
    told(f"{entry.name}: {', '.join(done) or 'nothing to change'} [{entry.seconds:.2f} s]")
