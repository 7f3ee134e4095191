"""The files of a machine, below a root, looked at."""

from __future__ import annotations

import errno
import os
import stat

from cloudboot.errors import CloudbootError, Invalid, Unreachable, UnsafePath
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.root import Tree
from cloudboot.values import MOST_READ, FileView

if TYPE_CHECKING:
    from typing import Optional, Tuple

    from cloudboot.values import Host

NOT_FOR_US = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ELOOP, errno.ENXIO,
              errno.ENAMETOOLONG}  # fmt: skip
MOST_LINE = 4096


def files(host: Host) -> FileView:
    return TreeView(host.root)


class TreeView(FileView):
    """The files below ``root``; no link of theirs leads out of it."""

    def __init__(self, root: str) -> None:
        super().__init__({})
        self._tree = Tree(root)

    def read(self, path: str, most: int = MOST_READ) -> Optional[bytes]:
        try:
            fd = self._tree.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as problem:
            if problem.errno in NOT_FOR_US:
                return None
            raise _failed(path, problem) from None
        try:
            data = _all(fd, most + 1) if stat.S_ISREG(os.fstat(fd).st_mode) else None
        except OSError as problem:
            raise _failed(path, problem) from None
        finally:
            os.close(fd)
        if data is not None and len(data) > most:
            raise Invalid(f"{path} is larger than {most >> 20} MiB, more than will be read", "make it smaller")
        return data

    def open(self, path: str) -> int:
        try:
            return self._tree.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as problem:
            raise Unreachable(f"{path} cannot be opened: {problem.strerror}") from None

    def names(self, path: str) -> Tuple[str, ...]:
        try:
            return self._tree.names(path)
        except OSError as problem:
            if problem.errno in NOT_FOR_US:
                return ()
            raise _failed(path, problem) from None

    def has(self, path: str) -> bool:
        try:
            return self._tree.lstat(path) is not None
        except OSError:
            return False

    def link(self, path: str) -> str:
        try:
            folder, name = self._tree.parent(path, follow=False)
        except (OSError, UnsafePath):
            return ""
        try:
            return os.readlink(name, dir_fd=folder)
        except OSError:
            return ""
        finally:
            os.close(folder)

    def line(self, path: str) -> str:
        try:
            fd = self._tree.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, CloudbootError):
            return ""
        try:
            data = os.read(fd, MOST_LINE)
        except OSError:  # as sysfs answers for what a device does not know
            return ""
        finally:
            os.close(fd)
        return FileView({path: data}).line(path)


def _all(fd: int, most: int) -> bytes:
    """At most so many bytes; files of /proc and /sys do not know their size."""
    pieces = []
    while most > 0:
        piece = os.read(fd, min(most, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _failed(path: str, problem: OSError) -> Unreachable:
    return Unreachable(f"{path} cannot be read: {problem.strerror}", "look at the disk it is on")
