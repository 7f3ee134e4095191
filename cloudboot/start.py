"""Gathers what a boot works with."""

from __future__ import annotations

from cloudboot import identify, settings
from cloudboot.card import STATE
from cloudboot.cmdline import parse
from cloudboot.host import look
from cloudboot.job import Inputs, Job
from cloudboot.log import Log
from cloudboot.noun import TYPE_CHECKING
from cloudboot.packed import documents
from cloudboot.report import STATUS, Report
from cloudboot.state import DOCUMENTS, NOWHERE, SETTINGS, State
from cloudboot.system.live import Live

if TYPE_CHECKING:
    from typing import Optional, Sequence

    from cloudboot.system.actions import Fetch, Tell
    from cloudboot.system.door import Backend
    from cloudboot.system.plan import Plan
    from cloudboot.values import Host

NOTHING = Inputs()


def prepare(
    root: str = "/", config: str = settings.OWN, inputs: Inputs = NOTHING, *,
    debug: bool = False, quiet: bool = False, planning: bool = False, fresh: bool = True, status: str = STATUS,
) -> Job:  # fmt: skip
    """A job on the tree below ``root``; ``planning``: one that leaves no trace; ``fresh``: one that begins a boot;
    ``status`` is the file that tells how it goes."""
    host = seen(root, inputs.cmdline)
    state = State(root, readonly=planning)
    if not planning:
        state.hold()
    log = Log(None if planning else state.tree, debug, quiet)

    def fetched(action: Fetch) -> bytes:
        """What a module asks of the network, or of a file below the root."""
        from cloudboot.fetch import fetch

        return fetch(action.url, action.headers, action.body, method=action.method, tries=action.tries,
                     pause=action.pause, timeout=action.timeout, most=action.most, files=host.files)  # fmt: skip

    def told(action: Tell) -> bytes:
        """What a datasource says to its cloud, as the machine is seen by then: its host's channels may come late."""
        from cloudboot.tell import tell

        return tell(job.host, action, report.wait)

    hidden = planning and inputs.given and not state.is_readable
    if hidden:
        log.warn("what this machine has done already is root's to read: planned as if this were its first boot")
        state = State(NOWHERE, readonly=True)
    tree = None if planning else state.tree
    live = Live(root, log.output, fetched, log.console if root == "/" else None, told, tree)
    plan = planned(live, hidden) if planning else None
    machine: Backend = live if plan is None else plan
    report = Report(state, state.begin_boot(fresh), status)
    live.waiting = report.wait
    said = settings.load(host, config, kept=state.recall(SETTINGS))
    state.keep(SETTINGS, settings.keep(said))
    documents.recall(state.recall(DOCUMENTS))
    if not planning:
        report.follow(said.config, log)
    for problem in (*said.problems, *brought(said, root)):
        log.error(problem)
        report.error(problem)
    if state.journal.damaged:
        log.warn(f"{state.journal.damaged} lines of the journal could not be read and were left out")
    job = Job(host, said, machine, state, report, log, inputs, plan)
    return job


def planned(live: Live, hidden: bool) -> Plan:
    from cloudboot.system.plan import Plan

    return Plan(live, without=[STATE] if hidden else ())


def brought(said: settings.Settings, root: str) -> Sequence[str]:
    """Makes known what others wrote and the image names, and says what of it cannot be had. What a tree names may be
    installed in the tree, and is nothing to this machine."""
    if "plug_ins" not in said.config:
        return ()
    from cloudboot import thirdparty

    if root != "/":
        return (f"{thirdparty.KEY}: not used on the tree below {root}",)
    return thirdparty.bring(said.config)


def disabled(root: str, config: str, cmdline: Optional[str] = None) -> str:
    """How the agent was switched off here, empty where it is on."""
    host = seen(root, cmdline)
    if host.files.has(f"{config}/disabled"):
        return f"{config}/disabled"
    return identify.off(host, settings.Settings(cmdline=parse(host.cmdline)))


def seen(root: str, cmdline: Optional[str]) -> Host:
    """The machine, or the tree below ``root``, of which the running machine's programs know nothing."""
    asks = root == "/"
    return look(root, asks) if cmdline is None else look(root, asks, cmdline=cmdline)
