"""Locks of files: taking one, waiting for whoever holds one, and saying who that is."""

from __future__ import annotations

import errno
import os
import time

from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.actions import Outcome

if TYPE_CHECKING:
    from typing import Callable

    from cloudboot.system.actions import AwaitLock
    from cloudboot.system.root import Tree

FLOCK = "hhqqi0q"  # struct flock: type, whence, start, length, process
PAUSE_SECONDS = 0.5


def take(tree: Tree, path: str) -> None:
    """Locks a file, made where it is missing, until this process ends. Raises BlockingIOError where another process
    holds it, and OSError.

    It is the process's own lock, not its descriptor's: no child that outlives it keeps it, and `holder` sees it. Who
    may read the file could lock it too, and keep every agent from its work: nobody else may.
    """
    import fcntl

    folder, name = tree.parent(path, make=True)
    try:
        fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(fd)
        if problem.errno in (errno.EAGAIN, errno.EACCES):
            raise BlockingIOError(problem.errno, problem.strerror) from None
        raise


def await_lock(tree: Tree, action: AwaitLock, tell: Callable[[str], None]) -> Outcome:
    """Waits as the action says; ``tell`` is told whom for, and nothing when the wait is over."""
    started = time.monotonic()
    told = ""
    while True:
        held = next((f"{who} holds {path}" for path in action.paths for who in [holder(tree, path)] if who), "")
        seconds = time.monotonic() - started
        if held and held != told:
            tell(held)
            told = held
        if not held or seconds >= action.timeout:
            if told:
                tell("")
            return Outcome(False, 124 if held else 0, held.encode(), seconds=seconds, late=bool(held))
        time.sleep(min(PAUSE_SECONDS, max(0.01, action.timeout - seconds)))


def holder(tree: Tree, path: str) -> str:
    """Who holds a lock on the file, as ``apt-get (process 812)``; nobody where it is free or there is no such file."""
    import fcntl

    try:
        fd = tree.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        import struct

        wanted = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        found = struct.unpack(FLOCK, fcntl.fcntl(fd, fcntl.F_GETLK, wanted))
    except OSError:
        return ""
    finally:
        os.close(fd)
    if found[0] == fcntl.F_UNLCK:
        return ""
    process = found[4]
    try:
        with open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as file:
            return f"{file.read().strip()} (process {process})"
    except OSError:
        return f"process {process}" if process > 0 else "another process"
