"""Changes nothing, remembers everything: what a boot would do."""

from __future__ import annotations

import os

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.system import actions
from cloudboot.system.actions import Outcome
from cloudboot.system.door import Entry

if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Set, Tuple

    from cloudboot.system.actions import Action
    from cloudboot.system.door import Backend


class Step(Noun):
    """One action of a plan and, for a file, what it replaces."""

    action: Action
    before: Optional[bytes] = None
    mode: Optional[int] = None


class Plan:
    """A machine as it would be: reads see what was planned so far, and what stands behind is never touched.

    ``without``: folders to plan as if they were not there."""

    def __init__(self, over: Backend, without: Sequence[str] = ()) -> None:
        self._over = over
        self._made: Dict[str, Tuple[Optional[Entry], bytes]] = {}
        self._gone: Set[str] = set(without)
        self.steps: List[Step] = []

    def read(self, path: str) -> Optional[bytes]:
        path = self._at(path)
        if path in self._made:
            entry, content = self._made[path]
            return content if entry and entry.kind == "file" else None
        return None if self._is_gone(path) else self._over.read(path)

    def look(self, path: str) -> Optional[Entry]:
        path = self._at(path, follow=False)
        if path in self._made:
            return self._made[path][0]
        return None if self._is_gone(path) else self._over.look(path)

    def names(self, path: str) -> Tuple[str, ...]:
        path = self._at(path)
        found = set() if self._is_gone(path) else set(self._over.names(path))
        for made, (entry, _) in self._made.items():
            folder, name = os.path.split(made)
            if folder == path:
                (found.discard if entry is None else found.add)(name)
        return tuple(sorted(found))

    def query(self, argv: Sequence[str], timeout: float, stdin: bytes = b"") -> Outcome:
        return self._over.query(argv, timeout, stdin)

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, actions.Draw):
            return Outcome(True, stdout=b"?" * action.length)
        if isinstance(action, (actions.Run, actions.Fetch, actions.Tell, actions.TakeName)):
            self.steps.append(Step(action))
            return Outcome(True, planned=True)
        if isinstance(action, (actions.Say, actions.AwaitLock)):
            return Outcome(False)
        path = self._at(action.path, follow=not isinstance(action, (actions.Remove, actions.Link)))
        was, before = self.look(path), None
        if isinstance(action, (actions.WriteFile, actions.Append, actions.Remove)):
            before = self.read(path)
        if not self._change(action, path, was, before):
            return Outcome(False)
        self.steps.append(Step(action, before, was.mode if was else None))
        return Outcome(True)

    def _change(self, action: actions.FileAction, path: str, was: Optional[Entry], before: Optional[bytes]) -> bool:
        if isinstance(action, actions.WriteFile):
            if before == action.content and was and self._mode(path, was) == action.mode and not action.origin:
                return False
            size = len(action.content) if action.content or not action.origin else -1
            self._put(path, Entry("file", action.mode, size=size), action.content)
        elif isinstance(action, actions.Append):
            content = (before or b"") + action.content
            self._put(path, was or Entry("file", action.mode, size=len(content)), content)
        elif isinstance(action, actions.Remove):
            if was is None:
                return False
            self._made = {p: m for p, m in self._made.items() if not p.startswith(path + "/")}
            self._made[path] = (None, b"")
            self._gone.add(path)
        elif isinstance(action, actions.MakeDir):
            if was and was.kind == "folder" and (was.mode == action.mode or not action.exact):
                return False
            self._put(path, Entry("folder", action.mode), b"")
        elif isinstance(action, actions.Link):
            if was and was.kind == "link" and was.target == action.target:
                return False
            self._put(path, Entry("link", 0o777, target=action.target), b"")
        elif was and (action.mode is None or was.mode == action.mode) and not action.owner:
            return False
        return True

    def _put(self, path: str, entry: Entry, content: bytes) -> None:
        self._made[path] = (entry, content)
        folder = os.path.dirname(path)
        while folder != "/" and self.look(folder) is None:
            self._made[folder] = (Entry("folder", 0o755), b"")
            folder = os.path.dirname(folder)

    def _mode(self, path: str, was: Entry) -> int:
        """A link's file counts by the file's own mode."""
        if was.kind != "link":
            return was.mode
        seen = self.look(os.path.normpath(os.path.join(os.path.dirname(path), was.target)))
        return seen.mode if seen else -1

    def _at(self, path: str, follow: bool = True) -> str:
        """Where a path leads by the links that this plan would make; links of the machine are its own affair."""
        path = os.path.normpath(path)
        for _ in range(40):
            made = next((m for m in self._links() if path.startswith(m + "/") or (follow and path == m)), None)
            if made is None:
                break
            entry = self._made[made][0]
            target = os.path.join(os.path.dirname(made), entry.target if entry else "")
            path = os.path.normpath(target + path[len(made) :])
        return path

    def _links(self) -> List[str]:
        return [p for p, (entry, _) in self._made.items() if entry and entry.kind == "link"]

    def _is_gone(self, path: str) -> bool:
        return any(path == gone or path.startswith(gone + "/") for gone in self._gone)
