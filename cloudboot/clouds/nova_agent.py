"""What a Xen host of Rackspace's asks its guest to do: requests in xenstore, each of which is answered there.

    data/host/UUID    {"name": "password", "value": "..."}         written by the host
    data/guest/UUID   {"message": "", "returncode": "0"}           our answer; the request is taken away

The host asks while it makes a server, for the password of root and for files; it is listened to at the end of the first
boot, and what waits at the end of later ones is answered: nothing of ours stays behind to listen. What is said of names
and networks later is read at the next boot. Facts: "Request/response channel" in the datasources reference, after
Rackspace's agents and nova's driver for XenAPI.
"""

from __future__ import annotations

import os
from posixpath import dirname, normpath
from time import monotonic, sleep

from cloudboot import __version__, json
from cloudboot.admin import accounts
from cloudboot.clouds.aes import open_cbc
from cloudboot.errors import CloudbootError, Invalid
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Mapping, Optional, Tuple

    from cloudboot.system.door import System
    from cloudboot.values import Host

XENSTORE, ASKED, ANSWERED = "xenstore", "data/host", "data/guest"
PRIME, ROOT = 162259276829213363391578010288127, 5
"""The group that the protocol fixes: of 107 bits, which keeps nobody out who can read xenstore and has some time."""
DONE, KEYS, NO_SUCH, FAILED = "0", "D0", "404", "500"
PAUSE = 0.5
MOST_REQUESTS = 1000
LOGIN_KEYS = "/authorized_keys"


def listen(system: System, host: Host, first: float, then: float) -> int:
    """Answers requests: waits ``first`` seconds for one, and ``then`` after each for another. How many there were."""
    conversation, count, end = Conversation(system), 0, monotonic() + first
    while count < MOST_REQUESTS:
        waiting = [name for name in host.xenstore.names(ASKED) if name.replace("-", "").isalnum()]
        for name in waiting:
            raw = host.xenstore.read(f"{ASKED}/{name}")
            if raw is None:
                continue
            count += 1
            told = system.tell(XENSTORE, f"{ANSWERED}/{name}", json.dumps(conversation.answer(raw)), method="WRITE")
            system.tell(XENSTORE, f"{ASKED}/{name}", method="DELETE")
            if told.planned or told.left:
                return count
            end = monotonic() + then
        if monotonic() >= end:
            break
        sleep(min(PAUSE, max(0.0, end - monotonic())))
    return count


class Conversation:
    """A host's requests, in their order: a password is sealed with the key that was agreed upon just before."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._shared: Optional[int] = None
        self._known: Dict[str, Callable[[Any], Tuple[str, str]]] = {
            "version": lambda value: (DONE, __version__),
            "features": lambda value: (DONE, ",".join(self._known)),
            "keyinit": self._keys,
            "password": self._password,
            "file_inject": self._file,
            "injectfile": self._packed_file,
            "resetnetwork": self._network,
        }

    def answer(self, raw: bytes) -> Mapping[str, str]:
        """What to say to a request; nothing that it holds is in the answer, or in a log."""
        try:
            asked = json.loads(raw)
            name, value = str(asked["name"]), asked.get("value", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"message": "the request is not understood", "returncode": FAILED}
        work = self._known.get(name)
        if work is None:
            return {"message": f"there is no command {name[:40]}", "returncode": NO_SUCH}
        try:
            code, message = work(value)
        except CloudbootError as problem:
            self._system.warn(f"the host's request {name} failed: {problem}")
            code, message = FAILED, problem.reason
        return {"message": message, "returncode": code}

    def _keys(self, value: Any) -> Tuple[str, str]:
        """Diffie and Hellman's exchange."""
        other = int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 64 else 0
        if not 1 < other < PRIME - 1:
            raise Invalid("the host's public key is none")
        own = int.from_bytes(os.urandom(75), "big")
        self._shared = pow(other, own, PRIME)
        return KEYS, str(pow(ROOT, own, PRIME))

    def _password(self, value: Any) -> Tuple[str, str]:
        shared, self._shared = self._shared, None
        if shared is None:
            raise Invalid("no key was agreed upon before the password", "ask for keyinit first")
        accounts.set_password(self._system, "root", Secret(opened(value, shared)), hashed=False)
        return DONE, ""

    def _file(self, value: Any) -> Tuple[str, str]:
        try:
            asked = json.loads(value) if isinstance(value, str) else value
            path, content = _bytes(asked["b64_path"]).decode(), _bytes(asked["b64_file"])
        except (ValueError, KeyError, TypeError):
            raise Invalid("the file is not given as b64_path and b64_file") from None
        return self._put(path, content)

    def _packed_file(self, value: Any) -> Tuple[str, str]:
        try:
            path, comma, content = _bytes(value).partition(b",")
            name = path.decode()
        except (ValueError, TypeError):
            raise Invalid("the file is not given as a path and its content in base64") from None
        if not comma:
            raise Invalid("the file is given without a path")
        return self._put(name, content)

    def _put(self, path: str, content: bytes) -> Tuple[str, str]:
        """Keys are added to those that are there: others let the owner in by then."""
        if not path.startswith("/") or normpath(path) != path or "\0" in path:
            raise Invalid("the path of the file is none")
        there = self._system.look(path)
        if there is not None and there.kind != "file":
            raise Invalid("there is something at the file's path that is no file")
        old = self._system.read(path) or b""
        if path.endswith(LOGIN_KEYS):
            if content.strip() and content.strip() in old:
                return DONE, ""
            content = old + (b"\n" if old and not old.endswith(b"\n") else b"") + content.strip() + b"\n"
            self._system.mkdir(dirname(path), mode=0o700)
        owner = f"{there.uid}:{there.gid}" if there is not None and (there.uid or there.gid) else None
        self._system.write(path, content, mode=there.mode if there is not None else 0o600, owner=owner, secret=True)
        return DONE, ""

    def _network(self, value: Any) -> Tuple[str, str]:
        """The name and network of this boot were read when it began, from the same keys."""
        return DONE, ""


def opened(value: Any, shared: int) -> str:
    """The password in base64 of AES-128 (CBC), whose key and start are made of the shared number's digits by MD5.
    Raises `Invalid`."""
    from hashlib import md5

    digits = str(shared).encode()
    key = md5(digits, usedforsecurity=False).digest()
    start = md5(key + digits, usedforsecurity=False).digest()
    try:
        return open_cbc(key, start, _bytes(value)).decode().rstrip("\r\n")
    except (ValueError, TypeError):
        raise Invalid(
            "the password cannot be read with the key that was agreed upon", "ask for keyinit again"
        ) from None


def _bytes(value: Any) -> bytes:
    """Raises ValueError or TypeError."""
    from binascii import a2b_base64

    return a2b_base64("".join(str(value).split()))
