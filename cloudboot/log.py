"""What the agent says while it works: to its log, to the console, and with ``--debug`` everything to stderr."""

from __future__ import annotations

import os
import sys
import time

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List

    from cloudboot.system.root import Tree

FILE = "/var/log/cloudboot.log"
OUTPUT = "/var/log/cloudboot-output.log"


class Log:
    """``tree`` None keeps nothing (a plan). Lines are UTC, with the seconds since this process began."""

    def __init__(self, tree: Tree | None, debug: bool = False) -> None:
        self._debug = debug
        self._began = time.monotonic()
        self._file = self._open(tree, FILE) if tree else -1
        self._output = self._open(tree, OUTPUT) if tree else -1
        self.lines: List[str] = []

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

    def say(self, text: str) -> None:
        """Something for whoever watches the console."""
        self._write("", text)
        self._stderr(text) if self._debug else print(text, flush=True)

    def warn(self, text: str) -> None:
        self._write("warning: ", text)
        self._stderr(f"warning: {text}")

    def error(self, text: str) -> None:
        self._write("error: ", text)
        self._stderr(f"error: {text}")

    def output(self, data: bytes) -> None:
        """What a user's command said: to the output log, and on."""
        _put(self._output, data)
        sys.stdout.buffer.write(data)
        sys.stdout.flush()

    def _write(self, level: str, text: str) -> None:
        if self._file >= 0:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            line = f"{now} {time.monotonic() - self._began:8.3f} {level}{text}\n"
            _put(self._file, line.encode("utf-8", "replace"))

    def _stderr(self, text: str) -> None:
        mark = f"{time.monotonic() - self._began:8.3f}  " if self._debug else "cloudboot: "
        print(f"{mark}{text}", file=sys.stderr, flush=True)


def _put(fd: int, data: bytes) -> None:
    """Writes what the disk takes: a full one must not end the boot."""
    try:
        while fd >= 0 and data:
            data = data[os.write(fd, data) :]
    except OSError:
        pass
