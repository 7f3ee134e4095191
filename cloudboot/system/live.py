"""Does it for real, under a root."""

from __future__ import annotations

import os

from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system import actions
from cloudboot.system.actions import Outcome
from cloudboot.system.files import Files
from cloudboot.system.root import Tree
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Callable, Optional, Sequence

    from cloudboot.system.actions import Action
    from cloudboot.system.spawn import Identity

QUERY_KEPT = 16 << 20
NAME_FILE, LONGEST_NAME = "/proc/sys/kernel/hostname", 64


class Live:
    """The machine below ``root``. ``output`` takes what streaming commands say; ``fetch`` reads URLs;
    ``tell`` speaks to the cloud;
    ``console`` shows words to whoever watches the machine come up; ``waiting``, which may be set later, is told what is
    being waited for, and nothing when that is over."""

    def __init__(
        self,
        root: str = "/",
        output: Optional[Callable[[bytes], None]] = None,
        fetch: Optional[Callable[[actions.Fetch], bytes]] = None,
        console: Optional[Callable[[bytes], None]] = None,
        tell: Optional[Callable[[actions.Tell], bytes]] = None,
        tree: Optional[Tree] = None,
    ) -> None:
        self.root = root
        self.tree = tree or Tree(root)
        self.files = Files(self.tree)
        self.read, self.look, self.names = self.files.read, self.files.look, self.tree.names
        self._output, self._fetch, self._console, self._tell = output, fetch, console, tell
        self.waiting: Optional[Callable[[str], None]] = None

    def query(self, argv: Sequence[str], timeout: float, stdin: bytes = b"") -> Outcome:
        if not self._can_run(argv[0]):
            return Outcome(False, 127)
        from cloudboot.system.spawn import spawn

        self.tree.disk.settle()
        return spawn(argv, stdin=stdin, root=self.root, timeout=timeout, most=QUERY_KEPT).but(changed=False)

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, actions.Run):
            return self._run(action)
        if isinstance(action, actions.Fetch):
            if self._fetch is None or (action.machine and self.root != "/"):
                return Outcome(False, left=True)
            self.tree.disk.settle()
            return Outcome(True, stdout=self._fetch(action))
        if isinstance(action, actions.Tell):
            if self._tell is None or self.root != "/":
                return Outcome(False, left=True)
            self.tree.disk.barrier()
            return Outcome(True, stdout=self._tell(action))
        if isinstance(action, actions.Draw):
            from secrets import choice

            return Outcome(True, stdout="".join(choice(action.alphabet) for _ in range(action.length)).encode())
        if isinstance(action, actions.Say):
            return self._say(action)
        if isinstance(action, actions.TakeName):
            return self._take_name(action.name)
        if isinstance(action, actions.AwaitLock):
            from cloudboot.system.lock import await_lock

            return await_lock(self.tree, action, self._wait)
        return self.files.perform(action)

    def _say(self, action: actions.Say) -> Outcome:
        hidden = isinstance(action.text, Secret)
        words = (action.text.reveal() if isinstance(action.text, Secret) else action.text).encode() + b"\n"
        for show in (self._console, None if hidden else self._output):
            if show:
                show(words)
        return Outcome(True)

    def _take_name(self, name: str) -> Outcome:
        if self.root != "/":
            return Outcome(False, left=True)
        if _is_taken_on(name):
            return Outcome(True)
        from _socket import sethostname  # not the module around it, which costs more than all of the rest

        try:
            sethostname(name)
        except OSError as problem:
            return Outcome(True, 1, stderr=(problem.strerror or "").encode())
        return Outcome(True)

    def _wait(self, what: str) -> None:
        show = self._console or self._output
        if what and show:
            show(f"waiting: {what}\n".encode())
        if self.waiting:
            self.waiting(what)

    # commands

    def _can_run(self, name: str) -> bool:
        """In a tree that is not the machine's own, only as root and only what the tree itself holds."""
        if self.root == "/" or os.geteuid() != 0:
            return self.root == "/"
        from cloudboot.system.enclosure import program

        return program(self.tree, name)

    def _run(self, action: actions.Run) -> Outcome:
        if (action.machine and self.root != "/") or not self._can_run(action.argv[0]):
            return Outcome(False, left=True)
        stdin = action.stdin.reveal().encode() if isinstance(action.stdin, Secret) else action.stdin
        from cloudboot.system.spawn import spawn

        self.tree.disk.barrier(owners=action.in_doubt == "skip")
        who = self._identity(action.user) if action.user else None
        return spawn(action.argv, stdin=stdin, env=action.env, cwd=action.cwd, root=self.root, who=who,
                     timeout=action.timeout, output=self._output if action.stream else None,
                     marks=action.marks)  # fmt: skip

    def _identity(self, user: str) -> Identity:
        from cloudboot.system.spawn import Identity

        try:
            if self.root == "/":
                from pwd import getpwnam

                found = getpwnam(user)
                groups = tuple(os.getgrouplist(user, found.pw_gid))
                return Identity(found.pw_uid, found.pw_gid, groups, found.pw_dir, user)
            uid, gid = self.tree.account(user)
        except KeyError:
            raise CloudbootError(f"there is no user {user}", "create it first") from None
        return Identity(uid, gid, (gid,), f"/home/{user}", user)


def _is_taken_on(name: str) -> bool:
    """Does the machine have the name now, by its file? That costs a boot no import. Some containers may not write it,
    and what is too long for it would be cut off."""
    if len(name.encode()) > LONGEST_NAME:
        return False
    try:
        fd = os.open(NAME_FILE, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.write(fd, name.encode()) > 0
    except OSError:
        return False
    finally:
        os.close(fd)
