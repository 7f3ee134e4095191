"""Append-only memory of every change: what was begun, what came of each action, what is finished.

One JSON mapping a line. A line that power loss tore is set aside in ``journal.torn``; a line that is no JSON is skipped
and counted. What lies behind every line:

- ``begin``: steps whose actions are in doubt from now on until each is ``finished``. On disk before their first action.
- ``intend``: an action that must not happen twice. On disk before it starts, and all that came before it, too: a user's
  command may go on from there, and it is not done again under its feet.
- ``did``: an action's outcome; digests of a file before and after, and whether a copy of the old one was kept.
- ``finished``: a step, and whether it failed.

No line is written before what it tells of is on disk; until then it is held back. What is lost with it, to a power cut
or a kill, is done again.
"""

from __future__ import annotations

import os
import time

from cloudboot import json
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system import actions
from cloudboot.system.actions import Outcome, digest
from cloudboot.system.root import Tree

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Set

    from cloudboot.system.actions import Action
    from cloudboot.system.door import Backend

KEPT_OUTPUT = 16 << 10
KEPT_FILE = 1 << 20
KEPT_FILES = 64 << 20
FLAGS = ("late", "left", "doubted")


class Journal:
    """The file at ``path``, read from byte ``since`` on, which tells of what happens to ``tree``. ``readonly`` (a plan)
    writes nothing and mends nothing."""

    def __init__(self, path: str, tree: Optional[Tree] = None, *, readonly: bool = False, since: int = 0) -> None:
        self.path, self.readonly, self.damaged = path, readonly, 0
        self._tree = tree or Tree("/")
        self._held: List[bytes] = []
        self.outcomes: Dict[str, Outcome] = {}
        self.intended: Dict[str, str] = {}
        self.begun: Set[str] = set()
        self.finished: Dict[str, bool] = {}
        self._fd, self._unsynced, self._owes = -1, False, False
        self.since = self.size = since
        self._load(since)

    def _load(self, since: int) -> None:
        if not self._is_file():
            self.size = 0
            return
        with open(self.path, "rb") as file:
            file.seek(since)
            data = file.read()
        whole, newline, torn = data.rpartition(b"\n")
        self.size = since + len(whole) + len(newline)
        if torn and not self.readonly:
            self._set_aside(torn)
        for line in whole.split(b"\n"):
            try:
                if line:
                    self._recall(json.loads(line))
            except (ValueError, KeyError, TypeError):
                self.damaged += 1

    def _is_file(self) -> bool:
        """Is there a journal? What stands in its place and is none, such as a pipe or a link, is put aside."""
        try:
            if os.lstat(self.path).st_mode & 0o170000 == 0o100000:
                return True
        except FileNotFoundError:
            return False
        self.damaged += 1
        if not self.readonly:
            os.rename(self.path, f"{self.path}.damaged-{os.urandom(4).hex()}")
        return False

    def _set_aside(self, torn: bytes) -> None:
        fd = os.open(self.path + ".torn", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "ab") as file:
            file.write(torn + b"\n")
        os.truncate(self.path, self.size)

    def _recall(self, e: Dict[str, Any]) -> None:
        if not isinstance(e, dict):
            raise TypeError("no mapping")
        if "did" in e:
            if not e.get("redo"):
                flags = {f: e.get(f, False) for f in FLAGS}
                out, err = (e.get(name, "").encode("latin-1") for name in ("out", "err"))
                marks = tuple(actions.Mark(*mark) for mark in e.get("marks", ()))
                self.outcomes[e["did"]] = Outcome(
                    e["changed"], e.get("code", 0), out, err, e.get("seconds", 0.0), **flags, marks=marks
                )
        elif "begin" in e:
            self.begun.update(e["begin"])
        elif "intend" in e:
            self.intended[e["intend"]] = e.get("before", "")
        elif "finished" in e:
            self.finished[e["finished"]] = e.get("ok", True)

    def note(self, durable: bool = False, **entry: Any) -> None:
        """One more line; ``durable``: it, all before it and all that they tell of are on disk when this returns."""
        if self.readonly:  # a plan does nothing twice either
            self._recall(entry if "finished" in entry else {})
            return
        self._held.append(_line(entry))
        try:
            if durable or self._tree.disk.is_clean:
                self.flush(durable)
        except CloudbootError:
            self._held.pop()
            raise
        self._owes = self._owes or (bool(entry.get("changed")) and not durable)
        self._recall(entry)

    def flush(self, durable: bool = True) -> None:
        """Writes what was held back, once all is on disk that it tells of."""
        if self.readonly:
            return
        self._tree.disk.sync()
        self._write(b"".join(self._held), durable)
        self._held.clear()
        self._owes = self._owes and not durable

    def secure(self) -> None:
        """What was done up to now is not done again, whatever happens. (What changed nothing may be.)"""
        if self._owes:
            self.flush()

    def lead(self) -> None:
        """What was written is on disk before anything else changes."""
        if self._unsynced:
            self._tree.disk.announce(self._fd, os.stat(os.path.dirname(self.path)).st_dev)

    def _write(self, lines: bytes, durable: bool = False) -> None:
        whole = self.size
        try:
            if lines and self._fd < 0:
                self._open()
            while lines:
                written = os.write(self._fd, lines)
                self.size += written
                self._unsynced = True
                lines = lines[written:]
            if durable and self._unsynced:
                os.fsync(self._fd)
                self._unsynced = False
                self._tree.disk.announced()
        except OSError as problem:
            remedy = "make room on the disk"
            if self._fd < 0:
                remedy = "without it nothing is done that a power cut could break off"
            else:
                os.ftruncate(self._fd, whole)  # or the next line would continue half of this one
                self.size = whole
            raise CloudbootError(f"cannot write {self.path}: {problem.strerror}", remedy) from None

    def _open(self) -> None:
        folder, is_new = os.path.dirname(self.path), not os.path.exists(self.path)
        os.makedirs(folder, 0o700, exist_ok=True)
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if is_new:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._tree.disk.changed(fd)
            os.close(fd)
            self._tree.disk.sync()

    def begin(self, steps: Iterable[str]) -> None:
        """These steps start now: whatever they do is in doubt until they are finished."""
        fresh = [s for s in steps if s not in self.begun]
        if fresh and not self.readonly:
            self._write(_line({"begin": fresh}))
            self._recall({"begin": fresh})
            self.lead()

    def finish(self, step: str, ok: bool, **more: Any) -> None:
        self.note(finished=step, ok=ok, **more)

    def keep(self, content: bytes) -> bool:
        """A copy of what a file held, by its digest, so that it can be put back. False where there is no room."""
        if self.readonly or len(content) > KEPT_FILE:
            return False
        folder = os.path.join(os.path.dirname(self.path), "kept")
        os.makedirs(folder, 0o700, exist_ok=True)
        path = os.path.join(folder, sha(content))
        if os.path.exists(path):
            return True
        held = sum(entry.stat().st_size for entry in os.scandir(folder))
        if held + len(content) > KEPT_FILES:
            return False
        try:
            fd = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(content)
            os.replace(path + ".new", path)
        except OSError:  # undo is a comfort; the change itself matters more
            return False
        return True


class Journaled:
    """Any backend, with memory: replays what this step has done, records what it does."""

    def __init__(
        self, over: Backend, journal: Journal, step: str, resumed: bool = False,
        tell: Optional[Callable[[Action, Outcome], None]] = None,
    ) -> None:  # fmt: skip
        self._over, self._journal, self._step, self._resumed, self._tell = over, journal, step, resumed, tell
        self._seen: Dict[str, int] = {}
        self.read, self.look, self.names, self.query = over.read, over.look, over.names, over.query

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, (actions.Draw, actions.AwaitLock)) or (
            isinstance(action, actions.Fetch) and not action.body
        ):
            return self._told(action, self._over.perform(action))
        mark = digest(action)
        self._seen[mark] = self._seen.get(mark, 0) + 1
        key = f"{self._step}#{mark}#{self._seen[mark]}"
        done = self._journal.outcomes.get(key)
        if done is not None:
            return done
        before = self._before(action)
        outcome = self._once(action, key, before)
        if self._resumed and not outcome.changed and not isinstance(action, actions.Run):
            # it may have happened before the power went: what depends on it must not think otherwise
            outcome = outcome.but(changed=True)
        self._record(action, key, before, outcome)
        return self._told(action, outcome)

    def _before(self, action: Action) -> Optional[bytes]:
        if isinstance(action, (actions.WriteFile, actions.Append, actions.Remove)):
            return self._over.read(action.path)
        return None

    def _once(self, action: Action, key: str, before: Optional[bytes]) -> Outcome:
        """Performs it, unless it is one that must not happen twice and may have happened."""
        if isinstance(action, actions.Run) and action.in_doubt == "skip":
            if key in self._journal.intended:
                return Outcome(True, doubted=True)
            self._journal.note(durable=True, intend=key, what=str(action))
        if isinstance(action, actions.Append):
            mark = sha(before) if before is not None else "none"
            if self._journal.intended.get(key, mark) != mark:
                return Outcome(True)
            self._journal.note(durable=True, intend=key, before=mark)
        return self._over.perform(action)

    def _record(self, action: Action, key: str, before: Optional[bytes], outcome: Outcome) -> None:
        more: Dict[str, Any] = {}
        if isinstance(action, actions.Run):
            if action.quiet:
                more["redo"] = bool(outcome.stdout)
            else:
                more["out"] = outcome.stdout[-KEPT_OUTPUT:].decode("latin-1")
                more["err"] = outcome.stderr[-KEPT_OUTPUT:].decode("latin-1")
            more["seconds"] = round(outcome.seconds, 3)
            if outcome.marks:
                more["marks"] = [list(mark.items().values()) for mark in outcome.marks]
        elif not isinstance(action, (actions.Fetch, actions.Tell, actions.Draw, actions.Say, actions.TakeName,
                                     actions.AwaitLock)):  # fmt: skip
            more["path"] = action.path
            if before is not None and outcome.changed:
                more["before"], more["kept"] = sha(before), self._journal.keep(before)
            if isinstance(action, actions.WriteFile):
                more["after"], more["mode"] = sha(action.content), action.mode
            elif isinstance(action, actions.Append):
                more["after"] = sha((before or b"") + action.content)
        for flag in FLAGS:
            if getattr(outcome, flag):
                more[flag] = True
        if outcome.code:
            more["code"] = outcome.code
        self._journal.note(did=key, what=str(action), changed=outcome.changed, **more)

    def _told(self, action: Action, outcome: Outcome) -> Outcome:
        if self._tell:
            self._tell(action, outcome)
        return outcome


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps({**entry, "t": round(time.time(), 3)}).encode() + b"\n"


def sha(content: bytes) -> str:
    """What names a content in the journal."""
    from cloudboot.digests import sha256

    return sha256(content).hexdigest()
