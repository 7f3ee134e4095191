"""What the agent says while it works: to its log, to the console, and with ``--debug`` everything to stderr."""

from __future__ import annotations

import os
import sys
import time

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Optional, TextIO

    from cloudboot.system.root import Tree

FILE = "/var/log/cloudboot.log"
OUTPUT = "/var/log/cloudboot-output.log"


class Log:
    """``tree`` None keeps nothing (a plan); ``quiet`` leaves progress unsaid. Lines are UTC, with the seconds since the
    start."""

    def __init__(self, tree: Tree | None, debug: bool = False, quiet: bool = False) -> None:
        self._debug, self._quiet, self.tree = debug, quiet, tree
        self._began = time.monotonic()
        self._file = self._open(tree, FILE) if tree else -1
        self._output = self._open(tree, OUTPUT) if tree else -1

    def _open(self, tree: Tree, path: str) -> int:
        try:
            return os.open(
                tree.real(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
        except OSError as problem:
            print(f"cloudboot: cannot write {path}: {problem.strerror}", file=sys.stderr)
            return -1

    def debug(self, text: str) -> None:
        """A decision or action: the story of the boot."""
        self._write("", text)
        if self._debug:
            self._stderr(text)

    def progress(self, text: str) -> None:
        """A line for whoever watches: what was done, and what it came to."""
        self._write("", text)
        if self._quiet:
            return
        self._stderr(text) if self._debug else _say(sys.stdout, f"{text}\n".encode("utf-8", "replace"))

    def trace(self, bug: BaseException) -> None:
        """Where a bug of our own happened, for its report."""
        from traceback import format_tb

        for line in "".join(format_tb(bug.__traceback__)).splitlines():
            self.debug(line)

    def warn(self, text: str) -> None:
        self._write("warning: ", text)
        self._stderr(f"warning: {text}")

    def error(self, text: str) -> None:
        self._write("error: ", text)
        self._stderr(f"error: {text}")

    def output(self, data: bytes) -> None:
        """What a user's command said: to the output log, and on."""
        _put(self._output, data)
        _say(sys.stdout, data)

    def console(self, data: bytes) -> None:
        """Words for whoever watches the machine come up; they may be secret, and go nowhere else."""
        try:
            fd = os.open("/dev/console", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        _put(fd, data.replace(b"\n", b"\r\n"))
        os.close(fd)

    def _write(self, level: str, text: str) -> None:
        if self._file >= 0:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            line = f"{now} {time.monotonic() - self._began:8.3f} {level}{text}\n"
            _put(self._file, line.encode("utf-8", "replace"))

    def _stderr(self, text: str) -> None:
        mark = f"{time.monotonic() - self._began:8.3f}  " if self._debug else "cloudboot: "
        _say(sys.stderr, f"{mark}{text}\n".encode("utf-8", "replace"))


def _say(stream: Optional[TextIO], data: bytes) -> None:
    """To whoever watches. One who has gone, or whose disk is full, must not end the boot."""
    if stream is None:  # it was closed before we began
        return
    try:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), stream.fileno())


def _put(fd: int, data: bytes) -> None:
    """Writes what the disk takes: a full one must not end the boot."""
    try:
        while fd >= 0 and data:
            data = data[os.write(fd, data) :]
    except OSError:
        pass
