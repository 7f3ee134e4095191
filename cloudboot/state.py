"""The agent's own memory: which machine this is, what is done for it, how far the journal has been read.

``/var/lib/cloudboot/state.json`` is a checkpoint of the journal, taken at the end of each stage; without it, everything
can be read from the journal again. The identity stands in a second file, ``instances/ID/instance.json``, to which the
link ``instance`` leads: one of them torn or lost never makes a machine new.
"""

from __future__ import annotations

import os

from cloudboot import json
from cloudboot.card import RUN, STATE, Every
from cloudboot.errors import Busy, CloudbootError, said
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.actions import Link, MakeDir
from cloudboot.system.files import Files
from cloudboot.system.journal import Journal
from cloudboot.system.lock import holder, take
from cloudboot.system.root import Tree
from cloudboot.values import Instance, instance_from_json

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.card import Card

VERSION = 1
FILE = f"{STATE}/state.json"
JOURNAL = f"{STATE}/journal"
BOOT_ID = f"{RUN}/boot-id"
LOCK = f"{RUN}/lock"
SETTINGS, DOCUMENTS = f"{STATE}/settings.json", f"{STATE}/documents.json"
NOWHERE = "/nonexistent"


class State:
    """The memory of the tree below ``root``. ``readonly`` (a plan, a status) leaves no trace."""

    def __init__(self, root: str = "/", readonly: bool = False) -> None:
        self.readonly = readonly
        self.tree = Tree(root)
        self.files = Files(self.tree)
        self.boot_id = ""
        self._data: Optional[Dict[str, Any]] = None
        self._kept = ""
        self._journal: Optional[Journal] = None

    @property
    def is_readable(self) -> bool:
        """May who asks read what the agent remembers? On a machine that has booted that is root's."""
        path = self.tree.root.rstrip("/") + FILE
        return os.access(path, os.R_OK, effective_ids=True) or not os.path.exists(path)

    def hold(self) -> None:
        """Keeps every other agent off this tree until this process ends. Raises `Busy` where one is at work."""
        try:
            take(self.tree, LOCK)
        except BlockingIOError:
            who = holder(self.tree, LOCK) or "another agent"
            raise Busy(f"{who} is at work here already", "cloudboot status --wait returns when it is done") from None
        except OSError as problem:
            raise said("write", LOCK, problem) from None

    @property
    def is_held(self) -> bool:
        """Is an agent at work here?"""
        return bool(holder(self.tree, LOCK))

    @property
    def data(self) -> Dict[str, Any]:
        """The last checkpoint; empty of everything where there is none."""
        if self._data is None:
            self._data = self._load()
            self._kept = self._lasting()
        return self._data

    def _load(self) -> Dict[str, Any]:
        raw = self.files.read(FILE)
        data: Any = None
        if raw is not None:
            try:
                data = json.loads(raw)
            except ValueError:
                data = None
            if not isinstance(data, dict) or not isinstance(data.get("done"), dict):
                data = None
                if not self.readonly:
                    self.put(FILE + ".damaged", raw)
        return data or {"version": VERSION, "done": {}, "checkpoint": 0}

    @property
    def journal(self) -> Journal:
        """The journal from the last checkpoint on."""
        if self._journal is None:
            path = self.tree.root.rstrip("/") + JOURNAL if self.readonly else f"{self.tree.real(STATE)}/journal"
            since = self.data.get("checkpoint", 0)
            if since and (not os.path.exists(path) or os.path.getsize(path) < since):
                since = 0  # another journal than the one this checkpoint was taken of
            self._journal = Journal(path, self.tree, readonly=self.readonly, since=since)
            if self._journal.damaged and not self.readonly:
                self.data["damaged"] = self.data.get("damaged", 0) + self._journal.damaged
        return self._journal

    # this boot

    def begin_boot(self, fresh: bool) -> str:
        """The name of this boot. The local stage, or a whole boot, starts a ``fresh`` one."""
        if not self.boot_id and not fresh:
            self.boot_id = (self.files.read(BOOT_ID) or b"").decode().strip()
        if not self.boot_id or fresh:
            self.boot_id = os.urandom(8).hex()
            self.put(BOOT_ID, self.boot_id.encode() + b"\n", 0o644, durable=False)
        return self.boot_id

    def step(self, module: Card, instance: Instance, prefix: str = "") -> str:
        """What a module's run is called in the journal: a boot's, an instance's, or this disk's only one."""
        scope = {Every.BOOT: f"boot-{self.boot_id}", Every.INSTANCE: f"i-{instance.id}", Every.ONCE: "once"}
        return f"{scope[module.every]}/{prefix}{module.name}"

    def is_done(self, step: str) -> bool:
        scope, _, name = step.rpartition("/")
        return name in self.data["done"].get(scope, ()) or step in self.journal.finished

    def has_succeeded(self, step: str) -> bool:
        """Is it done, and well?"""
        scope, _, name = step.rpartition("/")
        return bool(self.journal.finished.get(step) or self.data["done"].get(scope, {}).get(name))

    def notes(self, datasource: str) -> Dict[str, str]:
        """What a datasource wanted remembered."""
        kept: Dict[str, str] = self.data.get("notes", {}).get(datasource, {})
        return dict(kept)

    def remember(self, datasource: str, name: str, text: str) -> None:
        """Keeps a word for a datasource, durably; an empty one is forgotten."""
        kept = {**self.notes(datasource), name: text}
        self.data.setdefault("notes", {})[datasource] = {k: v for k, v in kept.items() if v}
        self.checkpoint()

    def checkpoint(self, last: bool = True, over: bool = False) -> None:
        """All that is finished, in one durable file, so that the next boot need not read the journal. One that is not
        the ``last`` of a boot is left out where it would add nothing that outlives this boot. What is in doubt stays to
        be read, until the boot is ``over`` that could have gone on with it."""
        if self.readonly:
            return
        done: Dict[str, Any] = self.data["done"]
        for step, ok in self.journal.finished.items():
            scope, _, name = step.rpartition("/")
            done.setdefault(scope, {})[name] = ok
        for scope in [s for s in done if s.startswith("boot-") and s != f"boot-{self.boot_id}"]:
            del done[scope]
        lasting = self._lasting()
        self.journal.flush(durable=False)
        if not last and lasting == self._kept:
            return
        doubted = (step for step in self.journal.begun if step not in self.journal.finished)
        here = f"boot-{self.boot_id}/"
        kept = not over and any(step.startswith(here) or not step.startswith("boot-") for step in doubted)
        self.data.update(version=VERSION, checkpoint=self.journal.since if kept else self.journal.size)
        self.journal.lead()
        self.put_all({FILE: json.dumps(self.data).encode()})
        if lasting != self._kept:
            self.tree.disk.barrier()
        self._kept = lasting

    def _lasting(self) -> str:
        """What a later boot may need to know of all this."""
        done = {scope: steps for scope, steps in self.data["done"].items() if not scope.startswith("boot-")}
        return json.dumps({**self.data, "done": done, "checkpoint": 0}, sort_keys=True)

    # who this machine is

    def known(self) -> Optional[Instance]:
        """The instance of the last boot, None on a machine that never was one."""
        raw = self.files.read(f"{STATE}/instance/instance.json")
        try:
            return instance_from_json(json.loads(raw)) if raw else None
        except (ValueError, TypeError, AttributeError):
            return None

    def known_id(self) -> Optional[str]:
        """The id of the last boot's instance, from either of the two places that hold it."""
        known = self.known()
        if known is not None:
            return known.id
        found: Optional[str] = self.data.get("instance", {}).get("id")
        return found

    def adopt(self, instance: Instance, marks: Mapping[str, str]) -> None:
        """This machine is ``instance`` from now on; ``marks`` are what a clone of it would not share."""
        if self.readonly:
            return
        before = self.data.get("instance", {})
        if before.get("id") not in (None, instance.id):
            self.data["previous"] = before
        same = before.get("id") == instance.id
        self.data["instance"] = {"id": instance.id, "datasource": instance.datasource, "marks": dict(marks),
                                 "complete": bool(same and before.get("complete"))}  # fmt: skip
        folder = f"instances/{instance.id.replace('/', '_')}"
        self.files.perform(MakeDir(f"{STATE}/{folder}", 0o700, exact=True))
        self.put(f"{STATE}/{folder}/instance.json", json.dumps(instance.to_json()).encode())
        self.files.perform(Link(f"{STATE}/instance", folder))

    def is_first(self, instance: Instance) -> bool:
        """Has this instance not yet come through a boot to its end?"""
        mine: Dict[str, Any] = self.data.get("instance", {})
        return not (mine.get("id") == instance.id and mine.get("complete"))

    def complete(self, instance: Instance) -> None:
        """The instance has come through its first boot."""
        mine = self.data.get("instance", {})
        if not self.readonly and mine.get("id") == instance.id and not mine.get("complete"):
            mine["complete"] = True
            self.checkpoint()

    def keep(self, path: str, data: bytes) -> None:
        """Something that saves work at the next boot: no great loss where a disk takes no more, or the power goes."""
        try:
            if data:
                self.put(path, data, durable=False)
        except CloudbootError:
            pass

    def recall(self, path: str) -> bytes:
        """What `keep` kept; empty where that is nothing, or not for who asks."""
        try:
            return self.files.read(path) or b""
        except CloudbootError:
            return b""

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Several of the agent's own files. Raises `CloudbootError`."""

        def work() -> None:
            for path, data in files.items():
                self.put(path, data)

        self.tree.disk.together(work)

    def put(self, path: str, data: bytes, mode: int = 0o600, durable: bool = True) -> None:
        """One of the agent's own files, replaced at once where it differs. Raises `CloudbootError`."""
        if self.readonly or (durable and self.files.read(path) == data):
            return
        try:
            folder, name = self.tree.parent(path, follow=False, make=True)  # no link leads our own file elsewhere
            try:
                self.files.replace(folder, name, data, mode, (os.geteuid(), os.getegid()), path, durable)
            finally:
                os.close(folder)
        except OSError as problem:
            raise said("write", path, problem) from None
