"""The door: the only way a module reads or changes the machine."""

from __future__ import annotations

from cloudboot.errors import Busy, CommandFailed
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.system.actions import (
    COMMAND_SECONDS,
    Append,
    AwaitLock,
    Draw,
    Fetch,
    Link,
    MakeDir,
    Outcome,
    Remove,
    Run,
    Say,
    SetAccess,
    TakeName,
    Tell,
    WriteFile,
)
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import List, Mapping, Optional, Protocol, Sequence, Tuple, Union

    from cloudboot.system.actions import Action
    from cloudboot.values import FileSpec

    class Backend(Protocol):
        """What stands behind the door. Paths are absolute and mean the machine's own tree."""

        def read(self, path: str) -> Optional[bytes]: ...
        def look(self, path: str) -> Optional[Entry]: ...
        def names(self, path: str) -> Tuple[str, ...]: ...
        def query(self, argv: Sequence[str], timeout: float, stdin: bytes = b"") -> Outcome: ...
        def perform(self, action: Action) -> Outcome: ...


class Entry(Noun):
    """What is at a path: ``kind`` is file, folder, link or other; owner and group by number; ``size`` in bytes, -1 of a
    file whose content a plan cannot know."""

    kind: str
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    size: int = 0
    target: str = ""


QUERY_SECONDS = 30.0


class System:
    """What a recipe or a module holds. Looking never changes anything; every change is one action."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.notes: List[str] = []
        self.left: List[str] = []

    # look

    def read(self, path: str) -> Optional[bytes]:
        """The file's bytes, None where there is no file."""
        return self._backend.read(path)

    def text(self, path: str) -> Optional[str]:
        """The file as text, None where there is no file; what is no UTF-8 is replaced."""
        data = self._backend.read(path)
        return None if data is None else data.decode("utf-8", "replace")

    def look(self, path: str) -> Optional[Entry]:
        """What is at the path itself (a link is not followed), None where nothing is."""
        return self._backend.look(path)

    def exists(self, path: str) -> bool:
        return self._backend.look(path) is not None

    def names(self, path: str) -> Tuple[str, ...]:
        """What a folder holds, sorted; nothing where there is no folder."""
        return self._backend.names(path)

    def query(self, *argv: str, timeout: float = QUERY_SECONDS, stdin: bytes = b"") -> Outcome:
        """A command that changes nothing. Never raises: 127 is a program that is not there."""
        return self._backend.query(argv, timeout, stdin)

    def which(self, program: str) -> Optional[str]:
        """Where a program is, None where it is not installed."""
        for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"):
            path = f"{folder}/{program}"
            if self._backend.look(path) is not None:
                return path
        return None

    # change: True when the machine is now different

    def write(self, path: str, content: Union[str, bytes], *, mode: int = 0o644, owner: Optional[str] = None,
              secret: bool = False, origin: str = "") -> bool:  # fmt: skip
        return self.do(WriteFile(path, _raw(content), mode, owner, secret, origin)).changed

    def place(self, spec: FileSpec) -> bool:
        """Writes a file that a renderer or recipe described."""
        return self.do(WriteFile(spec.path, spec.content, spec.mode, spec.owner, spec.secret)).changed

    def append(self, path: str, content: Union[str, bytes], *, mode: int = 0o644, owner: Optional[str] = None,
               secret: bool = False) -> bool:  # fmt: skip
        return self.do(Append(path, _raw(content), mode, owner, secret)).changed

    def remove(self, path: str, *, tree: bool = False) -> bool:
        return self.do(Remove(path, tree)).changed

    def mkdir(self, path: str, *, mode: int = 0o755, owner: Optional[str] = None, exact: bool = False) -> bool:
        return self.do(MakeDir(path, mode, owner, exact)).changed

    def link(self, path: str, target: str) -> bool:
        return self.do(Link(path, target)).changed

    def chown(self, path: str, owner: Optional[str] = None, *, mode: Optional[int] = None, tree: bool = False) -> bool:
        return self.do(SetAccess(path, owner, mode, tree)).changed

    def run(self, *argv: str, stdin: Union[bytes, Secret] = b"", env: Optional[Mapping[str, str]] = None,
            cwd: str = "/", user: Optional[str] = None, timeout: float = COMMAND_SECONDS, in_doubt: str = "again",
            stream: bool = False, quiet: bool = False, check: bool = True, describe: str = "",
            marks: bool = False, machine: bool = False) -> Outcome:  # fmt: skip
        """Runs a command; with ``check``, any status but 0 raises `CommandFailed`."""
        done = self.do(Run(argv, stdin, env or {}, cwd, user, timeout, in_doubt, stream, quiet, describe, marks,
                           machine))  # fmt: skip
        if check and done.code:
            raise failure(argv, done, quiet)
        return done

    def fetch(self, url: str, *, headers: Optional[Mapping[str, str]] = None, body: bytes = b"", tries: int = 3,
              pause: float = 3.0, timeout: float = 10.0, method: str = "",
              machine: bool = False) -> Outcome:  # fmt: skip
        """What a URL holds, as stdout; a plan does not know it. Raises `Unreachable`."""
        return self.do(Fetch(url, headers or {}, body, tries, pause, timeout, method=method, machine=machine))

    def tell(self, service: str, path: str, body: Union[str, bytes] = b"", *, method: str = "POST",
             headers: Optional[Mapping[str, str]] = None, seconds: float = 30.0,
             ports: Sequence[int] = (0,)) -> Outcome:  # fmt: skip
        """Says something to this machine's cloud or host, see `Tell`. Raises `Unreachable`."""
        return self.do(Tell(service, path, _raw(body), headers or {}, method, seconds, tuple(ports)))

    def draw(self, name: str, length: int, alphabet: str) -> Secret:
        """Random text; a plan draws a mark in its place."""
        return Secret(self.do(Draw(name, length, alphabet)).stdout.decode())

    def take_name(self, name: str) -> Outcome:
        """Makes the running machine have this name; code 1 where it is not allowed to."""
        return self.do(TakeName(name))

    def say(self, text: Union[str, Secret]) -> None:
        """Words for the console and the output log; a `Secret` is for the console only."""
        self.do(Say(text))

    def await_lock(self, *paths: str, timeout: float) -> None:
        """Waits while another process holds a lock on any of these. Raises `Busy`, which names the holder."""
        done = self.do(AwaitLock(paths, timeout))
        if done.late:
            raise Busy(f"{done.stdout.decode()}, and has done so for {timeout:.0f} s",
                       "end it, or wait and run the module again")  # fmt: skip

    def do(self, action: Action) -> Outcome:
        outcome = self._backend.perform(action)
        if outcome.left:
            self.left.append(str(action))
        return outcome

    def warn(self, text: str) -> None:
        """Something the owner should know; the report and the status say it, once."""
        if text not in self.notes:
            self.notes.append(text)


def failure(argv: Sequence[str], done: Outcome, quiet: bool = False) -> CommandFailed:
    """The error of a command that ended with ``done``, with the last words it said."""
    how = "ran out of time" if done.late else f"was ended by signal {-done.code}" if done.code < 0 else ""
    how = how or ("is not installed" if done.code == 127 and not done.stderr else f"exited {done.code}")
    said = "" if quiet else (done.stderr or done.stdout).decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
    return CommandFailed(f"{argv[0]} {how}{': ' + said if said else ''}", code=done.code)


def _raw(content: Union[str, bytes]) -> bytes:
    return content.encode() if isinstance(content, str) else content
