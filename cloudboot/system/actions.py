"""Every change cloudboot can make to a machine, as values."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple, Union

COMMAND_SECONDS = 300.0


class WriteFile(Noun):
    """The whole file, replaced at once. ``owner`` is ``user`` or ``user:group``, root where it is None.

    ``origin`` says where the content comes from when a plan cannot know it (a URL, a generated key).
    """

    path: str
    content: bytes
    mode: int = 0o644
    owner: Optional[str] = None
    secret: bool = False
    origin: str = ""

    def __str__(self) -> str:
        size = f"from {self.origin}" if self.origin and not self.content else f"{len(self.content)} bytes"
        return f"write {self.path} ({size}, {self.mode:04o}{', ' + self.owner if self.owner else ''})"


class Append(Noun):
    """More bytes at the end of a file, which is made with ``mode`` and ``owner`` where there is none."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: Optional[str] = None
    secret: bool = False

    def __str__(self) -> str:
        return f"append {len(self.content)} bytes to {self.path}"


class Remove(Noun):
    """A file or link gone; a folder too, with all that is in it, where ``tree`` is true."""

    path: str
    tree: bool = False

    def __str__(self) -> str:
        return f"remove {self.path}{' and all below it' if self.tree else ''}"


class MakeDir(Noun):
    """A folder, its missing parents with it (those 0755, root's). An existing one gets this mode and owner
    only where ``exact`` is true."""

    path: str
    mode: int = 0o755
    owner: Optional[str] = None
    exact: bool = False

    def __str__(self) -> str:
        return f"make folder {self.path} ({self.mode:04o}{', ' + self.owner if self.owner else ''})"


class Link(Noun):
    """A symbolic link at ``path`` to ``target``, in place of what was there."""

    path: str
    target: str

    def __str__(self) -> str:
        return f"link {self.path} -> {self.target}"


class SetAccess(Noun):
    """Owner and mode of what is there already; ``tree`` takes all below it along (the owner only)."""

    path: str
    owner: Optional[str] = None
    mode: Optional[int] = None
    tree: bool = False

    def __str__(self) -> str:
        what = [f"owner {self.owner}"] if self.owner else []
        what += [f"mode {self.mode:04o}"] if self.mode is not None else []
        return f"set {' and '.join(what)} of {self.path}{' and all below it' if self.tree else ''}"


class Run(Noun):
    """A command: stdin from ``stdin`` or /dev/null, a process group of its own, bounded output, a deadline.

    ``in_doubt``: what to do when power failed while it may have been running: ``again``, or ``skip`` for a user's own
    command. ``stream``: its output also goes to the output log. ``quiet``: its output may hold secrets and is kept
    nowhere. ``describe`` is what a person reads in place of the words. ``marks``: it is a script that marks its own
    progress, see `Mark`. ``machine``: it is about the machine as it runs, not about its files, and in a tree that is no
    running machine it is left for the first real boot. Secrets go in through ``stdin``, never through ``argv``, which
    every user of the machine can see.
    """

    argv: Tuple[str, ...]
    stdin: Union[bytes, Secret] = b""
    env: Mapping[str, str] = {}
    cwd: str = "/"
    user: Optional[str] = None
    timeout: float = COMMAND_SECONDS
    in_doubt: str = "again"
    stream: bool = False
    quiet: bool = False
    describe: str = ""
    marks: bool = False
    machine: bool = False

    def __str__(self) -> str:
        return self.describe or "run " + " ".join(quoted(word) for word in self.argv)


class Fetch(Noun):
    """A URL that a user wrote, asked with ``requests``: TLS on, redirects and proxies as the system has them.

    ``body`` makes it a POST, or what ``method`` says. ``tries`` with ``pause`` seconds between; ``timeout`` for each.
    ``machine``: it speaks for a running machine, see `Run`.
    """

    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    tries: int = 3
    pause: float = 3.0
    timeout: float = 10.0
    most: int = 64 << 20
    method: str = ""
    machine: bool = False

    def __str__(self) -> str:
        from cloudboot.text import safe_url

        return f"{(self.method.lower() or 'post') + ' to' if self.body else 'fetch'} {safe_url(self.url)}"


class Tell(Noun):
    """Words for the cloud or the host that this machine runs on, over its own channel: a request to the ``service``
    (``http://ADDRESS``, ``unix:///SOCKET``) for ``path``, without proxies and within ``seconds`` in all; or the key
    ``path`` where the service is ``xenstore``, which DELETE takes away. ``ports`` are those of the client, in turn.
    A tree that is no running machine has nobody to tell, and it is left for the first real boot."""

    service: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = {}
    method: str = "POST"
    seconds: float = 30.0
    ports: Tuple[int, ...] = (0,)

    def __str__(self) -> str:
        return f"{self.method.lower()} {self.path.partition('?')[0]} to {self.service}"


class Draw(Noun):
    """Random text, drawn once: ``length`` characters of ``alphabet``. What it was is never written down, so a draw in
    doubt is drawn anew: make what depends on it able to run again."""

    name: str
    length: int
    alphabet: str

    def __str__(self) -> str:
        return f"draw {self.name} ({self.length} characters)"


class Say(Noun):
    """Words for whoever watches the machine come up: to the console and the output log; a `Secret` to the console
    only. It changes nothing, and is said again when it is in doubt."""

    text: Union[str, Secret]

    def __str__(self) -> str:
        shown = "a secret" if isinstance(self.text, Secret) else self.text.strip().partition("\n")[0]
        return f"say {shown}"


class TakeName(Noun):
    """The running machine's name, in the kernel (sethostname(2)). A tree that is no running machine has none, and it is
    left for the first real boot."""

    name: str

    def __str__(self) -> str:
        return f"take on the name {self.name}"


class AwaitLock(Noun):
    """Until no other process holds a lock on any of the files, ``timeout`` seconds at most. The outcome is ``late``
    when somebody still does, and its stdout says who, and which."""

    paths: Tuple[str, ...]
    timeout: float

    def __str__(self) -> str:
        more = f" or {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"wait while another process holds {self.paths[0]}{more}"


if TYPE_CHECKING:
    FileAction = Union[WriteFile, Append, Remove, MakeDir, Link, SetAccess]
    Action = Union[FileAction, Run, Fetch, Tell, Draw, Say, TakeName, AwaitLock]


class Mark(Noun):
    """A line that a script wrote to the file ``$CLOUDBOOT_MARKS`` when it had run for ``seconds``; ``said`` is the end
    of its output since the mark before. It reads a line from ``$CLOUDBOOT_HEARD`` before it goes on."""

    text: str
    seconds: float = 0.0
    said: str = ""


class Outcome(Noun):
    """What came of an action.

    ``code`` is a command's exit status (negative: the signal that ended it; 124 with ``late``: its deadline). ``left``:
    it could not be done here and waits for the first real boot. ``doubted``: it may have run before a power failure,
    and was not run again. ``planned``: nothing ran, so what it would have said is not known.
    """

    changed: bool
    code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    seconds: float = 0.0
    late: bool = False
    left: bool = False
    doubted: bool = False
    planned: bool = False
    marks: Tuple[Mark, ...] = ()


def digest(action: Action) -> str:
    """Twenty hexadecimal digits that name the action; a secret counts through its own digest only."""
    from cloudboot.digests import sha256

    lump = sha256(type(action).__name__.encode())
    for name, value in action.items().items():
        lump.update(b"\0" + name.encode() + b"\0" + _bytes(value))
    return lump.hexdigest()[:20]


def quoted(word: str) -> str:
    """A word as a shell would need it written."""
    if word and all(c.isalnum() or c in "@%+=:,./-_" for c in word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, Secret):
        return b"secret " + value.reveal().encode()
    return repr(value).encode()
