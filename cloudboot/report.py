"""What came of a boot: ``status.json`` while it runs and after, ``result.json`` when it is over.

Both are made from an allow-list of facts that everybody on the machine may know: reasons, remedies and paths, never a
user's value.
"""

from __future__ import annotations

import os
import time

from cloudboot import json
from cloudboot.card import RUN, Stage
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Tuple

    from cloudboot.events import Events
    from cloudboot.log import Log
    from cloudboot.state import State

VERSION = 1
STATUS, RESULT = f"{RUN}/status.json", f"{RUN}/result.json"
HOTPLUG = f"{RUN}/hotplug.json"
"""The same as the status, of the last time that an interface came or went while the machine was up."""


class Entry(Noun):
    """What one module did: how many changes, what it warned of, what is left for the first real boot, its error."""

    name: str
    changes: int = 0
    seconds: float = 0.0
    warnings: Tuple[str, ...] = ()
    left: Tuple[str, ...] = ()
    error: str = ""


class Report:
    """The report of one boot; a stage that runs in a process of its own goes on with what the earlier ones said."""

    def __init__(self, state: State, boot_id: str, path: str = STATUS) -> None:
        self._state, self._path = state, path
        self._began = time.monotonic()
        before = read(state)
        if path == STATUS and before.get("boot") == boot_id:
            self.data = before
        else:
            self.data = {"version": VERSION, "boot": boot_id, "stages": {}, "errors": [], "warnings": []}
        self.entries: List[Entry] = []
        self.events: Optional[Events] = None
        self.stage, self._stage_began = "", 0.0
        self._before = (0, 0)
        self.told()

    def start(self, stage: Stage) -> None:
        self.stage, self._stage_began = stage.value, time.monotonic()
        self.data["stages"][self.stage] = {"started": _now(), "modules": []}
        self.data["process"] = process(os.getpid())
        self._before = len(self.data["errors"]), len(self.data["warnings"])
        if self.events is not None:
            self.events.begin(self.stage)
        self.data["waiting"] = None
        self.save()

    def wait(self, what: str, since: float = 0.0) -> None:
        """What is being waited for, from now on or since then (seconds since the epoch); empty for nothing."""
        before = self.data.get("waiting")
        self.data["waiting"] = {"for": what, "since": round(since, 3) or _now()} if what else None
        if self.data["waiting"] != before:
            self.save()

    def working(self, module: str, at_once: bool = False) -> None:
        """What is being done, from now on."""
        if self.events is not None:
            self.events.begin(self.stage, module)
        self.data["working"] = {"module": module, "since": _now()} if module else None
        if not at_once:
            self.save()

    def identity(self, instance_id: str, datasource: str, subplatform: str, cloud_id: str, cached: bool) -> None:
        self.data.update(instance_id=instance_id, datasource=datasource, subplatform=subplatform, cloud_id=cloud_id,
                         cached=cached)  # fmt: skip

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        seen = {k: v for k, v in entry.items().items() if v or k in ("name", "changes")}
        seen["seconds"] = round(entry.seconds, 3)
        self.data["stages"][self.stage]["modules"].append(seen)
        if self.events is not None:
            said = "; ".join((entry.error, *entry.warnings)).strip("; ")
            self.events.end(self.stage, entry.name, said, bool(entry.error), bool(entry.warnings))
        if entry.error:
            self.error(f"{entry.name}: {entry.error}")
        for text in entry.warnings:
            self.warn(f"{entry.name}: {text}")

    def error(self, text: str) -> bool:
        """Whether it is new: what two stages find is one problem."""
        return self._tell("errors", text)

    def warn(self, text: str) -> bool:
        return self._tell("warnings", text)

    def _tell(self, kind: str, text: str) -> bool:
        if text in self.data[kind]:
            return False
        self.data[kind].append(text)
        return True

    def summary(self) -> str:
        """This stage so far in one line, for the unit that waits for it."""
        modules = self.data["stages"][self.stage]["modules"]
        failed = [m["name"] for m in modules if m.get("error")]
        text = f"{len(modules)} modules, {sum(m['changes'] for m in modules)} changes"
        return f"{text}, failed: {', '.join(failed)}" if failed else text

    def account(self) -> str:
        """All that this process did in one line, for who watches."""
        makers = sum(1 for entry in self.entries if entry.changes)
        changes = sum(entry.changes for entry in self.entries)
        done = f"{counted(changes, 'change')} by {counted(makers, 'module')}" if changes else "nothing to change"
        told = [counted(len(self.data[kind]), kind[:-1]) for kind in ("errors", "warnings") if self.data[kind]]
        return f"{', '.join((done, *told))} [{time.monotonic() - self._began:.2f} s]"

    def end(self, stage: Stage) -> None:
        self.data["stages"][stage.value]["finished"] = _now()
        self.data["working"] = self.data["waiting"] = None
        self.save()
        if self.events is not None:
            failed, warned = (bool(self.data[kind][seen:]) for kind, seen in zip(("errors", "warnings"), self._before))
            self.events.end(stage.value, failed=failed, warned=warned)

    def leave(self) -> None:
        """This process has done its stages; those that are left are for others."""
        self.data["process"] = ""
        self.save()
        self.close()

    def follow(self, config: Mapping[str, Any], log: Log) -> None:
        """Tells those what happens from now on whom ``reporting`` of a config names, and nobody else."""
        if self.events is None:
            if not config.get("reporting"):
                return
            from cloudboot.events import Events

            self.events = Events(self.stage, self._stage_began)
        self.events.configure(config, log)

    def close(self) -> None:
        """Waits until they have been told."""
        if self.events is not None:
            self.events.close()

    def finish(self, reason: str = "") -> None:
        """The boot is over; ``reason`` says why it is over early."""
        self.data["finished"] = _now()
        if reason:
            self.data["reason"] = reason
        self.save()
        keys = ("version", "boot", "instance_id", "datasource", "errors", "warnings", "reason")
        result = {k: self.data[k] for k in keys if k in self.data}
        self._put(RESULT, {**result, "exit": self.code})

    @property
    def is_over(self) -> bool:
        """Did an earlier stage of this boot find that there is nothing more to do?"""
        return "reason" in self.data

    @property
    def code(self) -> int:
        """0 done, 1 errors, 2 done with warnings."""
        return 1 if self.data["errors"] else 2 if self.data["warnings"] else 0

    @property
    def untold(self) -> int:
        """The same of what came since it was last told, or since this process began."""
        errors, warnings = self._told
        return 1 if self.data["errors"][errors:] else 2 if self.data["warnings"][warnings:] else 0

    def told(self) -> None:
        """A unit, or whoever else asked, has got what there is so far: each problem is one unit's failure only."""
        self._told = len(self.data["errors"]), len(self.data["warnings"])

    def save(self) -> None:
        self._put(self._path, self.data)

    def _put(self, path: str, data: Dict[str, Any]) -> None:
        try:
            self._state.put(path, _json(data), 0o644, durable=False)
        except CloudbootError:  # a disk that takes no more: the report must not end what it reports
            pass


def read(state: State, path: str = STATUS) -> Dict[str, Any]:
    """The status of the last boot; empty where there was none, or it cannot be read."""
    raw = state.files.read(path)
    try:
        data: Optional[Any] = json.loads(raw) if raw else None
    except ValueError:
        data = None
    return data if isinstance(data, dict) and data.get("version") == VERSION else {}


def process(pid: int) -> str:
    """A process by its number and when it was started, for numbers come again; empty when there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return f"{pid} {file.read().rpartition(')')[2].split()[19]}"
    except OSError:
        return ""


def is_alive(data: Dict[str, Any]) -> bool:
    """Does the process live that this status is of? One that left its last stages to others counts as living."""
    told = str(data.get("process", ""))
    return not told or process(int(told.split()[0])) == told


def _json(data: Dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


def counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _now() -> float:
    return round(time.time(), 3)
