"""Starts a process and waits for it, never for its children: bounded output, a deadline, a group of its own."""

from __future__ import annotations

import os
import select
import time

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.system.actions import Outcome
from cloudboot.text import clipped

if TYPE_CHECKING:
    import signal
    from typing import Callable, Dict, Mapping, NoReturn, Optional, Sequence, Set, Tuple

    from cloudboot.system.marks import Marks
else:
    import _signal as signal  # what is around it costs an import of enum

KEPT = 64 << 10
GRACE_SECONDS = 5.0
DEFAULTS = (signal.SIGPIPE, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Identity(Noun):
    """Who a process runs as."""

    uid: int
    gid: int
    groups: Tuple[int, ...] = ()
    home: str = "/"
    name: str = ""


def spawn(argv: Sequence[str], *, stdin: bytes = b"", env: Optional[Mapping[str, str]] = None, cwd: str = "/",
          root: str = "/", who: Optional[Identity] = None, timeout: float = 300.0, most: int = KEPT,
          output: Optional[Callable[[bytes], None]] = None, marks: bool = False) -> Outcome:  # fmt: skip
    """Runs ``argv`` and says what came of it: 127 where there is no such program, 124 and ``late`` at the deadline.

    Of stdout and stderr the last ``most`` bytes are kept; ``output`` is handed all of both as they come. With ``marks``
    it is a script that marks its progress.
    """
    started = time.monotonic()
    listener: Optional[Marks] = None
    if marks:
        from cloudboot.system.marks import Marks

        listener = Marks(output)
    if listener:
        env, output = {**(env or {}), **listener.env}, listener.hear
    environ = _environment(env, who)
    if root != "/":
        from cloudboot.system.enclosure import enclosed

        inside = enclosed(argv, root, cwd, who)
        argv, root, cwd, who = (inside, "/", "/", None) if inside else (argv, root, cwd, who)
    feed = _memory(stdin) if stdin else os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    out_r, out_w = os.pipe2(os.O_CLOEXEC)
    err_r, err_w = os.pipe2(os.O_CLOEXEC)
    pid = _started(argv, feed, out_w, err_w, environ) if root == "/" and who is None and cwd == _here() else 0
    pid = pid or os.fork()
    if pid == 0:
        _become(argv, feed, out_w, err_w, environ, cwd, root, who)
    for fd in (feed, out_w, err_w):
        os.close(fd)
    status, late, kept = _wait(pid, (out_r, err_r), started + timeout, most, output, listener)
    code = 124 if late else os.waitstatus_to_exitcode(status)
    found = tuple(listener.found) if listener else ()
    return Outcome(True, code, kept[out_r], kept[err_r], time.monotonic() - started, late, marks=found)


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # the folder is gone
        return ""


def _started(argv: Sequence[str], feed: int, out: int, err: int, env: Dict[str, str]) -> int:
    """The program as a child that never was a copy of this process, which costs 2 ms less than a fork; 0 where that
    cannot be done: then a fork says why, or does it."""
    folders = ("",) if "/" in argv[0] else env["PATH"].split(os.pathsep)
    program = next((path for path in (os.path.join(folder, argv[0]) for folder in folders) if _is_program(path)), "")
    before = os.umask(0o022)
    try:
        return os.posix_spawn(
            program, list(argv), env, setsid=True, setsigdef=DEFAULTS,
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate((feed, out, err))],
        )  # fmt: skip
    except (OSError, ValueError, AttributeError, NotImplementedError):
        return 0
    finally:
        os.umask(before)


def _is_program(path: str) -> bool:
    return os.access(path, os.X_OK) and os.path.isfile(path)


def _become(argv: Sequence[str], feed: int, out: int, err: int, env: Dict[str, str], cwd: str, root: str,
            who: Optional[Identity]) -> NoReturn:  # fmt: skip
    """The child: turns into the program, or ends with 126 or 127 and a word on stderr."""
    code, what = 126, argv[0]
    try:
        os.setsid()
        os.dup2(feed, 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        for number in DEFAULTS:
            signal.signal(number, signal.SIG_DFL)
        if root != "/":
            os.chroot(root)
            os.chdir("/")
        if who:
            os.setgroups(who.groups)
            os.setgid(who.gid)
            os.setuid(who.uid)
        os.umask(0o022)
        what = cwd
        os.chdir(cwd)
        what = argv[0]
        os.execvpe(argv[0], list(argv), env)
    except FileNotFoundError:
        code = 127
        os.write(2, f"{what}: not found\n".encode())
    except OSError as problem:
        os.write(2, f"{what}: {problem.strerror}\n".encode())
    finally:
        os._exit(code)


def _environment(env: Optional[Mapping[str, str]], who: Optional[Identity]) -> Dict[str, str]:
    out = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": who.home if who else "/root"}
    if who and who.name:
        out.update(USER=who.name, LOGNAME=who.name)
    out.update(env or {})
    return out


def _memory(data: bytes) -> int:
    """A descriptor to read ``data`` from: a pipe would need somebody to feed it."""
    fd = os.memfd_create("stdin", os.MFD_CLOEXEC)
    while data:
        data = data[os.write(fd, data) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _wait(pid: int, pipes: Tuple[int, int], deadline: float, most: int, output: Optional[Callable[[bytes], None]],
          listener: Optional[Marks]) -> Tuple[int, bool, Dict[int, bytes]]:  # fmt: skip
    """Reads until the process itself has ended; what its children say later is nobody's business."""
    kept = dict.fromkeys(pipes, b"")
    watch = select.poll()
    for fd in pipes:
        os.set_blocking(fd, False)
        watch.register(fd, select.POLLIN)
    end = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
    if end >= 0:
        watch.register(end, select.POLLIN)
    if listener:
        watch.register(listener.fd, select.POLLIN)
    open_pipes, late = set(pipes), False
    try:
        while True:
            now = time.monotonic()
            if now >= deadline:
                _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
                late, deadline = True, now + GRACE_SECONDS
            wait = min(deadline - now, 3600.0) if end >= 0 else 0.02
            ready = watch.poll(max(1, int(wait * 1000)))
            for fd, _ in ready:
                if fd in open_pipes and not _take(fd, kept, most, output):
                    open_pipes.discard(fd)
                    watch.unregister(fd)
            if listener and (listener.fd, select.POLLIN) in ready:
                _drain(open_pipes, kept, most, output)
                listener.take()
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone:
                _drain(open_pipes, kept, most, output)
                return status, late, {fd: clipped(data, most) for fd, data in kept.items()}
    finally:
        for fd in (*pipes, *((end,) if end >= 0 else ())):
            os.close(fd)
        if listener:
            listener.close()


def _drain(pipes: Set[int], kept: Dict[int, bytes], most: int, output: Optional[Callable[[bytes], None]]) -> None:
    for fd in pipes:
        while _take(fd, kept, most, output, last=True):
            pass


def _take(fd: int, kept: Dict[int, bytes], most: int, output: Optional[Callable[[bytes], None]],
          last: bool = False) -> bool:  # fmt: skip
    """Reads once; false when there is no more (or, at the ``last`` reading, none now)."""
    try:
        data = os.read(fd, 65536)
    except BlockingIOError:
        return not last
    if data:
        joined = kept[fd] + data
        kept[fd] = joined if len(joined) <= 2 * most else joined[-most:]
        if output:
            output(data)
    return bool(data)


def _signal(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass
