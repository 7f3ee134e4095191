"""What machine is this? Reads only, and of everything only what somebody asks for.

host = look()                       # nothing has been read yet
host.os.family                      # reads os-release, once
look("/mnt", cmdline="ds=nocloud")  # the machine whose files are below /mnt, with another command line
"""

from __future__ import annotations

import os

from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Dmi, Host

if TYPE_CHECKING:
    from typing import Any, Dict, Sequence, Tuple

FINDERS = {"files": "files", "dmi": "dmi", "os": "system", "cmdline": "system", "nics": "nics", "disks": "disks",
           "virt": "virt", "container": "virt", "arch": "system", "kernel": "system",
           "xenstore": "xenstore", "guestinfo": "guestinfo",
           "credentials": "credentials"}  # fmt: skip
"""The file of this folder that finds each field, by a function of the field's name."""


ASK_SECONDS = 10.0
OF_THE_HOST = {"dmi": Dmi(), "disks": ()}
"""What a container shows of these is its host's, and is not looked at."""


class Machine(Host):
    """A `Host` whose fields are found at their first use, each once."""

    def __init__(self, root: str = "/", asks: bool = True, **known: Any) -> None:
        self.__dict__.update(known, root=root, asks=asks)

    def __repr__(self) -> str:
        return f"Machine({self.root!r})"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def items(self) -> Dict[str, Any]:
        return {name: getattr(self, name) for name in self._fields}


class _Found:
    """A field of `Machine`: its value goes into the instance, and so is not looked for again."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, host: Any, kind: Any = None) -> Any:
        if self.name in OF_THE_HOST and host.container:
            value = host.__dict__[self.name] = OF_THE_HOST[self.name]
            return value
        file = __import__(f"cloudboot.host.{FINDERS[self.name]}", fromlist=["*"])
        value = host.__dict__[self.name] = getattr(file, self.name)(host)
        return value


def again(host: Host, *fields: str) -> Host:
    """The same machine, of which these fields are to be looked at anew: disks and interfaces appear while it boots."""
    if not isinstance(host, Machine):
        return host
    return Machine(**{name: value for name, value in host.__dict__.items() if name not in fields})


for _name in FINDERS:
    setattr(Machine, _name, _Found(_name))


def look(root: str = "/", asks: bool = True, **known: Any) -> Host:
    """The machine whose files are below ``root``; ``known`` fields are taken as given.

    ``asks``: what the files leave open is asked of programs, which answer for the machine that runs them. For the tree
    of an image say False.
    """
    return Machine(root, asks, **known)


def ask(host: Host, argv: Sequence[str], timeout: float = ASK_SECONDS) -> Tuple[int, str]:
    """Asks a program that changes nothing, found through PATH: its exit status, 124 at the deadline, and what it says;
    (127, "") where there is no such program or this host is not asked."""
    path = os.environ.get("PATH", os.defpath)
    if not host.asks or not any(os.access(os.path.join(folder, argv[0]), os.X_OK) for folder in path.split(os.pathsep)):
        return 127, ""
    from cloudboot.system.spawn import spawn

    done = spawn(argv, env={"PATH": path, "LC_ALL": "C"}, timeout=timeout, most=1 << 20)
    return done.code, done.stdout.decode("utf-8", "replace")
