"""A conversation with the host over a serial line or a socket: a question goes out, lines come back."""

from __future__ import annotations

import os
import stat
from time import monotonic

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.values import Host

MOST = 16 << 20


class Line:
    """The device or socket at ``path`` of a machine. Raises `Unreachable` where it cannot be opened or had."""

    def __init__(self, host: Host, path: str) -> None:
        self.path = path
        self._buffer = bytearray()
        real = host.root.rstrip("/") + path
        try:
            self._fd = _socket(real) if stat.S_ISSOCK(os.stat(real).st_mode) else _serial(real)
        except OSError as problem:
            raise Unreachable(f"{path}: {problem.strerror or problem}") from None

    def close(self) -> None:
        os.close(self._fd)

    def say(self, data: bytes, seconds: float) -> None:
        """Sends it whole, within this time."""
        deadline = monotonic() + seconds
        while data:
            self._ready(deadline, write=True)
            try:
                data = data[os.write(self._fd, data) :]
            except OSError as problem:
                raise Unreachable(f"{self.path}: {problem.strerror}") from None

    def hear(self, seconds: float) -> bytes:
        """The next line, without its end, within this time."""
        deadline = monotonic() + seconds
        while b"\n" not in self._buffer:
            self._ready(deadline)
            self._buffer += self._read()
            if len(self._buffer) > MOST:
                raise Unreachable(f"{self.path}: a line without end")
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line.rstrip(b"\r")

    def drain(self, seconds: float) -> None:
        """Forgets what has been said, until there is silence for this time; at most for ten times as long."""
        end = monotonic() + seconds * 10
        self._buffer.clear()
        try:
            while monotonic() < end:
                self._ready(monotonic() + seconds)
                self._read()
        except Silence:
            pass

    def _read(self) -> bytes:
        try:
            data = os.read(self._fd, 65536)
        except OSError as problem:
            raise Unreachable(f"{self.path}: {problem.strerror}") from None
        if not data:
            raise Unreachable(f"{self.path}: nobody is there any more")
        return data

    def _ready(self, deadline: float, write: bool = False) -> None:
        from select import POLLIN, POLLOUT, poll

        poller = poll()
        poller.register(self._fd, POLLOUT if write else POLLIN)
        left = deadline - monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            raise Silence(f"{self.path}: no answer came in time")


class Silence(Unreachable):
    """Nothing was said in time."""


def _socket(path: str) -> int:
    import socket

    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        sock.connect(path)
        sock.setblocking(False)
        return sock.detach()


def _serial(path: str) -> int:
    """Opened for us alone, its bytes left as they are."""
    import fcntl
    import termios

    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        about = termios.tcgetattr(fd)
        about[0] = about[1] = about[3] = 0
        about[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
        termios.tcsetattr(fd, termios.TCSANOW, about)
    except (OSError, termios.error) as problem:
        os.close(fd)
        raise OSError(0, f"it is no serial line, or somebody else's: {problem.args[-1]}") from None
    return fd
