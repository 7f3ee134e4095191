"""What a Xen host tells its guest: a tree of small texts, read in the protocol of Xen's public header ``xs_wire.h``.

The tool ``xenstore-read`` would be another process for each, and escapes line breaks and all that is not ASCII. Keys
are relative to the guest's own folder. A reader asks only what a key holds, and what is below it; the door also writes.
"""

from __future__ import annotations

import os
import stat
from time import monotonic

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import MOST_READ, FileView

if TYPE_CHECKING:
    from typing import Optional, Tuple

    from cloudboot.values import Host

PLACES = ("/dev/xen/xenbus", "/proc/xen/xenbus", "/run/xenstored/socket", "/var/run/xenstored/socket")
DIRECTORY, READ, WRITE, REMOVE, ERROR = 1, 2, 11, 13, 16
HEAD, MOST_ANSWER = 16, 4096
NOT_FOR_US = (b"ENOENT", b"EACCES", b"EINVAL")
SECONDS = 5.0


def xenstore(host: Host) -> FileView:
    """The store that this machine reaches; one without keys where it reaches none."""
    for place in PLACES:
        path = host.root.rstrip("/") + place
        try:
            mode = os.stat(path).st_mode
        except OSError:
            continue
        if stat.S_ISCHR(mode) or stat.S_ISSOCK(mode):
            return Store(path)
    return FileView()


class Store(FileView):
    """The keys behind a device or socket, which is opened when the first is asked for."""

    def __init__(self, path: str) -> None:
        super().__init__({})
        self._path, self._fd, self._number = path, -1, 0

    def read(self, path: str, most: int = MOST_READ) -> Optional[bytes]:
        return self._ask(READ, path)

    def names(self, path: str) -> Tuple[str, ...]:
        answer = self._ask(DIRECTORY, path.rstrip("/")) or b""
        return tuple(sorted(name.decode("utf-8", "replace") for name in answer.split(b"\0") if name))

    def has(self, path: str) -> bool:
        return self.read(path) is not None

    def write(self, path: str, value: bytes) -> None:
        """Makes a key, and those above it, hold this. Raises `Unreachable`."""
        if self._ask(WRITE, path, value) is None:
            raise Unreachable(f"xenstore: {path} is not for us to write")

    def remove(self, path: str) -> None:
        """Takes a key and all below it away, if there is one."""
        self._ask(REMOVE, path)

    def _ask(self, kind: int, path: str, value: bytes = b"") -> Optional[bytes]:
        """What is answered, None where there is no such key or it is not for us. Raises `Unreachable`."""
        self._number += 1
        key = path.encode() + b"\0" + value
        if len(key) > MOST_ANSWER:
            raise Unreachable(f"xenstore: {path} would be longer than {MOST_ANSWER} bytes")
        deadline = monotonic() + SECONDS
        try:
            if self._fd < 0:
                self._fd = _opened(self._path)
            os.write(self._fd, b"".join(_word(n) for n in (kind, self._number, 0, len(key))) + key)
            head = self._exactly(HEAD, deadline)
            told, number, length = (int.from_bytes(head[at : at + 4], "little") for at in (0, 4, 12))
            if number != self._number or told not in (kind, ERROR) or length > MOST_ANSWER:
                raise Unreachable("xenstore: what it answers is garbled")
            answer = self._exactly(length, deadline)
        except OSError as problem:
            self.close()
            raise Unreachable(f"xenstore: {self._path}: {problem.strerror or problem}") from None
        except Unreachable:
            self.close()
            raise
        if told == kind:
            return answer
        code = answer.rstrip(b"\0")
        if code in NOT_FOR_US:
            return None
        raise Unreachable(f"xenstore: {code.decode('ascii', 'replace')}")

    def _exactly(self, length: int, deadline: float) -> bytes:
        from select import POLLIN, poll

        data, ready = b"", poll()
        ready.register(self._fd, POLLIN)
        while len(data) < length:
            left = deadline - monotonic()
            if left <= 0 or not ready.poll(left * 1000):
                raise Unreachable("xenstore: no answer came in time")
            piece = os.read(self._fd, length - len(data))
            if not piece:
                raise Unreachable("xenstore: it hung up")
            data += piece
        return data

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _opened(path: str) -> int:
    if stat.S_ISCHR(os.stat(path).st_mode):
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    import socket

    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(SECONDS)
        sock.connect(path)
        sock.settimeout(None)
        return sock.detach()


def _word(value: int) -> bytes:
    return value.to_bytes(4, "little")
