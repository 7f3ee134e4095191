"""Paths below a root, resolved as if that root were ``/``, through descriptors that nobody can move meanwhile."""

from __future__ import annotations

import os
import stat

from cloudboot.errors import CloudbootError, UnsafePath
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Optional, Tuple

    from cloudboot.system.disk import Disk

MOST_LINKS = 40
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
KERNELS = ("/proc/", "/sys/")
"""Where only the kernel makes links; in a container without privileges they are nobody's."""


class Tree:
    """A tree of files. Links are followed only where root, or whoever runs this, put them: a link in somebody's home
    could lead root's pen anywhere."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._fd = -1
        self._disk: Optional[Disk] = None

    @property
    def disk(self) -> Disk:
        """What is changed in this tree and is not on the disk yet."""
        if self._disk is None:
            from cloudboot.system.disk import Disk  # who only reads needs none

            self._disk = Disk()
        return self._disk

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)

    def parent(self, path: str, *, follow: bool = True, make: bool = False) -> Tuple[int, str]:
        """A descriptor of the folder that really holds ``path``, which the caller closes, and the name there.

        ``follow`` resolves a link at the last step too; ``make`` makes missing folders (0755, root's). The name is
        ``.`` for the root itself. Raises `UnsafePath`, FileNotFoundError, NotADirectoryError.
        """
        if self._fd < 0:
            self._fd = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack = [os.dup(self._fd)]
        try:
            name = self._walk(path, stack, follow, make)
            return stack.pop(), name
        finally:
            for fd in stack:
                os.close(fd)

    def _walk(self, path: str, stack: List[int], follow: bool, make: bool) -> str:
        todo = [p for p in reversed(path.split("/")) if p not in ("", ".")]
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if len(stack) > 1:
                    os.close(stack.pop())
                continue
            found = lstat_at(part, stack[-1])
            if found and stat.S_ISLNK(found.st_mode) and (todo or follow):
                links += 1
                if links > MOST_LINKS:
                    raise UnsafePath(f"{path} leads through more than {MOST_LINKS} links")
                _trust(path, os.fstat(stack[-1]), found)
                target = os.readlink(part, dir_fd=stack[-1])
                if target.startswith("/"):
                    while len(stack) > 1:
                        os.close(stack.pop())
                todo.extend(p for p in reversed(target.split("/")) if p not in ("", "."))
            elif not todo:
                return part
            else:
                if found is None and make:
                    os.mkdir(part, 0o755, dir_fd=stack[-1])
                    if not path.startswith("/run/"):
                        self.disk.changed(stack[-1])
                stack.append(os.open(part, FOLDER, dir_fd=stack[-1]))
        return "."

    def real(self, path: str) -> str:
        """The path outside this tree of what ``path`` is in it; its folder is made where there is none."""
        if self.root == "/":
            return path
        folder, name = self.parent(path, make=True)
        try:
            return f"{os.readlink(f'/proc/self/fd/{folder}')}/{name}"
        finally:
            os.close(folder)

    def open(self, path: str, flags: int) -> int:
        """A descriptor of an existing file, opened as in this tree. Raises OSError, `UnsafePath`."""
        if self.root == "/" and (path.startswith(KERNELS) or not self._waits):
            fd = os.open(path, flags | os.O_CLOEXEC)
            if path.startswith(KERNELS) or _led_to(fd) == path:
                return fd
            os.close(fd)  # there was a link on the way: whose, the walk will tell
        folder, name = self.parent(path)
        try:
            self._reveal(folder, name)
            return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        finally:
            os.close(folder)

    def lstat(self, path: str) -> Optional[os.stat_result]:
        """What is at the path itself, None where nothing is."""
        if self.root == "/" and (path.startswith(KERNELS) or not self._waits):
            return lstat_at(path, None)
        try:
            folder, name = self.parent(path, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnsafePath:
            if self.root == "/":
                return lstat_at(path, None)
            raise
        except PermissionError as problem:
            raise CloudbootError(f"cannot look at {path}: {problem.strerror}", "run this as root") from None
        try:
            self._reveal(folder, name)
            return lstat_at(name, folder)
        finally:
            os.close(folder)

    @property
    def _waits(self) -> bool:
        """Are there new files that have not taken their names?"""
        return self._disk is not None and bool(self._disk.waiting)

    def _reveal(self, folder: int, name: str = "") -> None:
        """Who looks at this file, or at the whole folder, sees the new one."""
        if self._disk is not None and self._disk.waiting:
            self._disk.reveal(folder, name)

    def names(self, path: str) -> Tuple[str, ...]:
        """What a folder holds, sorted; nothing where there is none."""
        try:
            fd = self.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except PermissionError as problem:
            raise CloudbootError(f"cannot list {path}: {problem.strerror}", "run this as root") from None
        try:
            self._reveal(fd)
            return tuple(sorted(os.listdir(fd)))
        finally:
            os.close(fd)

    def account(self, owner: str) -> Tuple[int, int]:
        """User and group number of ``user``, ``user:group`` or ``:group``, by this tree's own files; -1 is unchanged.
        Raises KeyError for one it does not know."""
        user, _, group = owner.partition(":")
        uid, gid = -1, -1
        if user:
            uid, gid = (int(user), -1) if user.isdigit() else self._passwd(user)
        if group:
            gid = int(group) if group.isdigit() else self._group(group)
        elif ":" in owner or not user:
            gid = -1
        return uid, gid

    def _passwd(self, user: str) -> Tuple[int, int]:
        if self.root == "/":
            from pwd import getpwnam

            entry = getpwnam(user)
            return entry.pw_uid, entry.pw_gid
        fields = self._line("/etc/passwd", user)
        return int(fields[2]), int(fields[3])

    def _group(self, group: str) -> int:
        if self.root == "/":
            from grp import getgrnam

            return getgrnam(group).gr_gid
        return int(self._line("/etc/group", group)[2])

    def _line(self, path: str, name: str) -> List[str]:
        try:
            fd = self.open(path, os.O_RDONLY)
        except OSError:
            raise KeyError(name) from None
        with os.fdopen(fd, errors="replace") as lines:
            for line in lines:
                fields = line.rstrip("\n").split(":")
                if fields[0] == name and len(fields) > 3 and fields[2].isdigit():
                    return fields
        raise KeyError(name)


def lstat_at(name: str, folder: Optional[int]) -> Optional[os.stat_result]:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _led_to(fd: int) -> str:
    """The path of what is open, empty where nobody says."""
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""


def _trust(path: str, folder: os.stat_result, link: os.stat_result) -> None:
    mine = (0, os.geteuid())
    if folder.st_uid not in mine or (folder.st_mode & stat.S_IWOTH and link.st_uid not in mine):
        raise UnsafePath(
            f"{path} leads through a link in a folder that another user can write to",
            "write to the place the link means, or make that folder root's",
        )
