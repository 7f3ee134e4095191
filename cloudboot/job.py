"""What one boot works with: the machine, its memory, what it was told, and what has been found out so far."""

from __future__ import annotations

from os import geteuid
from time import time

from cloudboot import registry
from cloudboot.card import LISTS, Stage
from cloudboot.datasource import Probe
from cloudboot.module import Boot
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.settings import FETCHED
from cloudboot.system.door import System
from cloudboot.text import safe_url
from cloudboot.values import MOST_READ

if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Mapping, Optional, Set, Tuple

    from cloudboot.card import Card
    from cloudboot.datasource import Datasource
    from cloudboot.dhcp.lease import Lease
    from cloudboot.errors import CloudbootError
    from cloudboot.gate import Gates
    from cloudboot.identify import Candidate
    from cloudboot.log import Log
    from cloudboot.report import Entry, Report
    from cloudboot.settings import Settings
    from cloudboot.state import State
    from cloudboot.system.door import Backend
    from cloudboot.system.plan import Plan, Step
    from cloudboot.userdata import Settled
    from cloudboot.userdata.config import Sources
    from cloudboot.userdata.marks import Mark
    from cloudboot.values import Host, Instance


TURN = "the units that come before the {} stage (systemctl list-jobs)"
KNOWN_SECONDS, AT_LEAST = 20.0, 3.0
"""For all the asking of a boot of a machine that is known, and for one asking that comes when they are spent."""


class Inputs(Noun):
    """What stands in for what the machine offers: paths of files, the folder of a seed, a kernel command line."""

    seed: Optional[str] = None
    user_data: Optional[str] = None
    vendor_data: Optional[str] = None
    meta_data: Optional[str] = None
    network_config: Optional[str] = None
    cmdline: Optional[str] = None

    @property
    def given(self) -> bool:
        """Is there anything that takes the place of the machine's own datasource?"""
        return any((self.seed, self.user_data, self.vendor_data, self.meta_data, self.network_config))


class Job:
    """One boot, or one stage of it."""

    def __init__(
        self, host: Host, settings: Settings, machine: Backend, state: State, report: Report, log: Log,
        inputs: Inputs, plan: Optional[Plan] = None,
    ) -> None:  # fmt: skip
        self.host, self.settings, self.machine, self.state = host, settings, machine, state
        self.report, self.log, self.inputs, self.plan = report, log, inputs, plan
        self.instance: Optional[Instance] = None
        self.settled: Optional[Settled] = None
        self.sources: Optional[Sources] = None
        self.marks: Optional[Mapping[Tuple[Any, ...], Mark]] = None
        self.first = self.cached = self.again = self.waits_for_network = False
        self.unreachable: List[str] = []
        self.waited = 0.0  # seconds that datasources were waited for
        self._lingers: Dict[str, float] = {}
        self.failures: Dict[str, CloudbootError] = {}
        self.included: Dict[str, bytes] = {}
        self.resumed: Set[str] = set()
        self._warned: Set[str] = set()
        self.planned: List[Tuple[Entry, List[Step]]] = []
        self.gates: Optional[Gates] = None

    @property
    def config(self) -> Mapping[str, Any]:
        """The merged config as far as it is known: the image's alone before user-data is."""
        return self.settled.config if self.settled is not None else self.settings.config

    @property
    def folder(self) -> str:
        """The instance's own folder in the state."""
        assert self.instance is not None
        return Boot(Stage.LOCAL, self.host, self.instance).folder

    def boot(self, card: Card) -> Boot:
        """What this module may know."""
        assert self.instance is not None
        return Boot(card.stage, self.host, self.instance, self.asked(card), self.first)

    def asked(self, card: Card) -> Mapping[str, Any]:
        """The config as this module may read it."""
        return self.settings.config if card.image else self.config

    @property
    def is_scheduled(self) -> bool:
        """Does the owner say which modules run?"""
        return any(key in self.config for key in LISTS.values())

    def cards(self, stage: Stage) -> Tuple[Card, ...]:
        """The modules of a stage in running order."""
        if not self.is_scheduled:
            return registry.cards(stage)
        from cloudboot import schedule

        return schedule.cards(stage, self.config)

    def settle(self, settled: Settled) -> None:
        """The whole config is known: those are told what happens whom it names. Nobody is told of a plan."""
        self.settled = settled
        if self.plan is None:
            self.report.follow(settled.config, self.log)

    @property
    def is_config_awaited(self) -> bool:
        """Is more of the image's configuration yet to be fetched over the network?"""
        line = self.settings.cmdline
        fetched = f"{self.settings.own}/{FETCHED}"
        return bool(line.config_url) and not line.is_config_local and not self.host.files.has(fetched)

    @property
    def refused(self) -> bool:
        """Does the image refuse user-data that cannot be understood whole (``strict``), and is this such?"""
        return bool(self.settled and self.settled.problems and self.settings.config.get("strict"))

    def await_turn(self, gate: str) -> None:
        """Returns when this stage's unit asks for it, where there are units."""
        if self.gates and not self.gates.is_open(gate):
            self.report.wait(TURN.format(gate))
            self.gates.wait(gate)
            self.report.wait("")

    def open_gate(self, gate: str, reason: str = "") -> None:
        """Ends the unit that waits at this gate, with what there is to tell since the last one ended."""
        if self.gates and self.gates.done(gate, self.report.untold, reason or self.report.summary()):
            self.report.told()

    def let_in(self) -> None:
        """The owner may come, and change what was made for him: no power cut has it made again from here on."""
        self.state.journal.secure()
        self.open_gate("access")

    def remember_nics(self) -> None:
        """Writes down which interfaces are there, for `hotplug` to tell what came or went since."""
        from cloudboot.network import nics

        self.state.put(nics.SEEN, nics.seen(nics.nics_of(System(self.machine))), 0o644, durable=False)

    def is_there(self, path: str) -> bool:
        """Is anything at the path; where it ends in a slash, is there a folder that holds something?"""
        return bool(self.machine.names(path)) if path.endswith("/") else self.machine.look(path) is not None

    def begin(self, steps: Iterable[str]) -> None:
        """These steps of the journal start now; those that an earlier boot began are resumed."""
        steps = list(steps)
        self.resumed.update(s for s in steps if s in self.state.journal.begun)
        self.state.journal.begin(steps)

    def add(self, entry: Entry) -> None:
        """What a module did, or would do."""
        self.report.add(entry)
        if self.plan is not None:
            seen = sum(len(steps) for _, steps in self.planned)
            self.planned.append((entry, self.plan.steps[seen:]))

    @property
    def may_reach_out(self) -> bool:
        """May a network be brought up for a question? Not for a plan, nor for the tree of another machine."""
        return self.plan is None and self.host.root == "/" and geteuid() == 0

    def probe(self, source: Datasource, stage: Stage, lease: Optional[Lease] = None,
              most: Optional[float] = None) -> Probe:  # fmt: skip
        """The machine as this datasource may read it, for ``most`` seconds."""
        files, settings, state = self.host.files, self.settings.of(source.name), self.state
        notes = state.notes(source.name)

        def remember(name: str, text: str) -> None:
            notes[name] = text
            state.remember(source.name, name, text)

        return Probe(self.host, settings, stage.value, files.read, files.names, files.open, self.fetch,
                     waiting=self.report.wait, still_waiting=self.still_waiting, warn=self.warn,
                     patience=self.patience(most), user=self.default_user(), lease=lease, known=state.known(),
                     notes=notes, remember=remember, planning=self.plan is not None)  # fmt: skip

    def still_waiting(self, what: str) -> None:
        """A wait that is right to have no end goes on: the status says since when, and no unit's time runs out."""
        if what not in self._lingers:
            self._lingers[what] = time()
            self.log.progress(f"waiting for {what}")
        self.report.wait(what, self._lingers[what])
        if self.gates:
            self.gates.linger()

    def patience(self, most: Optional[float] = None) -> Optional[float]:
        """A machine that is known boots without its cloud when that is silent: it is given less time to speak."""
        known = self.state.known()
        if known is None or self.is_another(known):
            return most
        left = max(AT_LEAST, KNOWN_SECONDS - self.waited)
        return left if most is None else min(left, most)

    def is_another(self, known: Instance) -> bool:
        """Does the machine itself show that it is not this instance any more, whatever its cloud says?"""
        source = registry.datasource(known.datasource) if known.datasource else None
        return source is not None and source.same is not None and source.same(self.host, known) is False

    def default_user(self) -> str:
        """The name of the image's default user, empty where it has none."""
        about = self.settings.config.get("system_info")
        user = about.get("default_user") if isinstance(about, dict) else None
        return str(user.get("name") or "") if isinstance(user, dict) else ""

    def fetch(self, url: str, seconds: Optional[float] = None) -> bytes:
        """What a URL that somebody wrote holds; with ``seconds``, one try within them. Raises `Unreachable`."""
        from cloudboot.fetch import fetch

        self.log.debug(f"fetch {safe_url(url)}")
        if seconds is not None:
            return fetch(url, most=MOST_READ, files=self.host.files, tries=1, timeout=seconds)
        return fetch(url, most=MOST_READ, files=self.host.files)

    def warn(self, text: str) -> None:
        """Something about the datasource that the owner should know, told once."""
        if text not in self._warned and self.report.warn(text):
            self._warned.add(text)
            self.log.warn(text)

    def error(self, text: str) -> None:
        """What failed, while the rest goes on, told once a boot."""
        if self.report.error(text):
            self.log.error(text)

    def candidates(self) -> Tuple[Candidate, ...]:
        """The datasources to ask, in order."""
        from cloudboot import identify

        if self.inputs.given:
            from cloudboot import given

            return (identify.Candidate("nocloud", given.source(self.inputs)),)
        found = identify.identify(self.host, self.settings)
        for note in found.notes:
            self.warn(note)
        return found.candidates
