"""Files of a tree: read, replaced at once, made, removed, given away."""

from __future__ import annotations

import errno
import os
import stat

from cloudboot.errors import CloudbootError, said
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system import actions
from cloudboot.system.actions import Outcome
from cloudboot.system.door import Entry
from cloudboot.system.root import FOLDER, Tree, lstat_at

if TYPE_CHECKING:
    from io import FileIO
    from typing import Optional, Tuple

    from cloudboot.system.actions import FileAction

MOST_READ = 256 << 20
READ_AT_ONCE = 1 << 20  # a file of /proc/sys refuses to be read in much larger pieces


class Files:
    """The files below a root. Every method that changes one raises OSError or CloudbootError and leaves no half."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def read(self, path: str) -> Optional[bytes]:
        try:
            fd = self.tree.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            raise said("read", path, problem) from None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            return None
        try:
            with os.fdopen(fd, "rb", buffering=0) as file:
                return pieces(file, path)
        except OSError as problem:
            if problem.errno == errno.EINVAL:  # one of /sys without a value, as the carrier of a link that is down
                return None
            raise said("read", path, problem) from None

    def look(self, path: str) -> Optional[Entry]:
        found = self.tree.lstat(path)
        try:
            return None if found is None else entry(found, path, self.tree)
        except (FileNotFoundError, NotADirectoryError):  # it was there a moment ago, as an interface that udev renames
            return None

    def perform(self, action: FileAction) -> Outcome:
        try:
            if isinstance(action, actions.WriteFile):
                return self.write(action)
            if isinstance(action, actions.Append):
                return self.append(action)
            if isinstance(action, actions.Remove):
                return self.remove(action)
            if isinstance(action, actions.MakeDir):
                return self.mkdir(action)
            if isinstance(action, actions.Link):
                return self.link(action)
            return self.set_access(action)
        except OSError as problem:
            raise said("change", action.path, problem) from None

    def write(self, action: actions.WriteFile) -> Outcome:
        folder, name = self.tree.parent(action.path, make=True)
        try:
            self.tree.disk.reveal(folder, name)
            found = lstat_at(name, folder)
            if found and not stat.S_ISREG(found.st_mode):
                return self._pour(action, folder, name, found)
            owner, left = self._owner(action.owner)
            if found and _right(found, action.mode, owner) and found.st_size == len(action.content):
                with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
                    if file.read() == action.content:
                        return Outcome(False, left=left)
            self.replace(folder, name, action.content, action.mode, owner, action.path)
            return Outcome(True, left=left)
        finally:
            os.close(folder)

    def replace(self, folder: int, name: str, content: bytes, mode: int, owner: Tuple[int, int], path: str,
                durable: bool = True) -> None:  # fmt: skip
        """A whole new file beside the old one, right from its first byte, on disk before it takes the name."""
        fresh = _fresh(folder, name)
        fd = os.open(
            fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode & 0o600, dir_fd=folder
        )
        try:
            with os.fdopen(fd, "wb") as file:
                if owner != (os.geteuid(), os.getegid()):
                    os.fchown(fd, *owner)
                os.fchmod(fd, mode)
                file.write(content)
                file.flush()
                if durable and self.tree.disk.put_off(folder, fresh, name, path):
                    return
                if durable:
                    os.fsync(fd)
                    self.tree.disk.lead()
        except BaseException:
            os.unlink(fresh, dir_fd=folder)
            raise
        self.tree.disk.take_name(folder, fresh, name)
        if durable:
            self.tree.disk.changed(folder)

    def _pour(self, action: actions.WriteFile, folder: int, name: str, found: os.stat_result) -> Outcome:
        """Into a device or pipe: there is nothing to replace."""
        if stat.S_ISDIR(found.st_mode):
            raise CloudbootError(f"{action.path} is a folder, not a file", "choose another path")
        self.tree.disk.lead()
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=folder), "wb") as file:
            file.write(action.content)
        return Outcome(True)

    def append(self, action: actions.Append) -> Outcome:
        before = self.read(action.path)
        if before is None:
            return self.write(actions.WriteFile(action.path, action.content, action.mode, action.owner, action.secret))
        folder, name = self.tree.parent(action.path)
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            owner = (found.st_uid, found.st_gid)
            self.replace(folder, name, before + action.content, stat.S_IMODE(found.st_mode), owner,
                         action.path)  # fmt: skip
            return Outcome(True)
        finally:
            os.close(folder)

    def remove(self, action: actions.Remove) -> Outcome:
        try:
            folder, name = self.tree.parent(action.path, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return Outcome(False)
        try:
            self.tree.disk.reveal(folder, name)
            if lstat_at(name, folder) is None:
                return Outcome(False)
            self.tree.disk.change(folder)
            _remove_at(folder, name, action.tree)
            self.tree.disk.changed(folder)
            return Outcome(True)
        finally:
            os.close(folder)

    def mkdir(self, action: actions.MakeDir) -> Outcome:
        folder, name = self.tree.parent(action.path, make=True)
        try:
            owner, left = self._owner(action.owner)
            self.tree.disk.reveal(folder, name)
            found = lstat_at(name, folder)
            if found is None:
                self.tree.disk.lead()
                os.mkdir(name, action.mode & 0o700, dir_fd=folder)
            elif not stat.S_ISDIR(found.st_mode):
                raise CloudbootError(f"{action.path} is there and is no folder", "remove it or choose another path")
            elif not action.exact or _right(found, action.mode, owner):
                return Outcome(False, left=left)
            fd = os.open(name, FOLDER, dir_fd=folder)
            try:
                os.fchown(fd, *owner)
                os.fchmod(fd, action.mode)
            finally:
                os.close(fd)
            self.tree.disk.changed(folder)
            return Outcome(True, left=left)
        finally:
            os.close(folder)

    def link(self, action: actions.Link) -> Outcome:
        folder, name = self.tree.parent(action.path, follow=False, make=True)
        try:
            self.tree.disk.reveal(folder, name)
            found = lstat_at(name, folder)
            if found and stat.S_ISLNK(found.st_mode) and os.readlink(name, dir_fd=folder) == action.target:
                return Outcome(False)
            self.tree.disk.change(folder)
            fresh = _fresh(folder, name)
            os.symlink(action.target, fresh, dir_fd=folder)
            os.replace(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
            self.tree.disk.changed(folder)
            return Outcome(True)
        finally:
            os.close(folder)

    def set_access(self, action: actions.SetAccess) -> Outcome:
        folder, name = self.tree.parent(action.path)
        try:
            owner, left = (self._owner(action.owner)) if action.owner else ((-1, -1), False)
            self.tree.disk.change(folder)
            changed = _set_at(folder, name, owner, action.mode, action.tree)
            if changed:
                self.tree.disk.changed(folder, deep=True)
            return Outcome(changed, left=left)
        finally:
            os.close(folder)

    def _owner(self, owner: Optional[str]) -> Tuple[Tuple[int, int], bool]:
        """Numbers for an owner, and whether naming it must wait for the first real boot."""
        if os.geteuid() != 0:
            return (os.geteuid(), os.getegid()), bool(owner)
        if not owner:
            return (0, 0), False
        try:
            uid, gid = self.tree.account(owner)
        except KeyError:
            if self.tree.root != "/":  # the command that makes the account may itself be left
                return (0, 0), True
            raise CloudbootError(f"there is no user or group {owner}", "create it first") from None
        return (uid if uid >= 0 else 0, gid if gid >= 0 else 0), False


def pieces(file: FileIO, path: str) -> bytes:
    """All of a file, if it is not too much."""
    data = bytearray()
    while piece := file.read(READ_AT_ONCE):
        data += piece
        if len(data) > MOST_READ:
            raise CloudbootError(f"{path} is larger than {MOST_READ >> 20} MiB, more than will be read")
    return bytes(data)


def entry(found: os.stat_result, path: str, tree: Tree) -> Entry:
    """What stat(2) said, as the door shows it."""
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "folder"), (stat.S_ISLNK, "link"))
    kind = next((name for test, name in kinds if test(found.st_mode)), "other")
    target = ""
    if kind == "link":
        folder, name = tree.parent(path, follow=False)
        try:
            target = os.readlink(name, dir_fd=folder)
        finally:
            os.close(folder)
    return Entry(kind, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_size, target)


def _right(found: os.stat_result, mode: int, owner: Tuple[int, int]) -> bool:
    return stat.S_IMODE(found.st_mode) == mode and (found.st_uid, found.st_gid) == owner


def _fresh(folder: int, name: str) -> str:
    """The name of what is to take this one's place; whatever a power cut left under it goes, for it may be secret."""
    from cloudboot.digests import sha256

    name = name if len(name) < 160 else sha256(os.fsencode(name)).hexdigest()  # two of one step may wait side by side
    fresh = f".{name}.cloudboot-new"
    _remove_at(folder, fresh, True)
    return fresh


def _remove_at(folder: int, name: str, tree: bool) -> bool:
    found = lstat_at(name, folder)
    if found is None:
        return False
    if not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=folder)
        return True
    if tree:
        fd = os.open(name, FOLDER, dir_fd=folder)
        try:
            for child in os.listdir(fd):
                _remove_at(fd, child, True)
        finally:
            os.close(fd)
    os.rmdir(name, dir_fd=folder)
    return True


def _set_at(folder: int, name: str, owner: Tuple[int, int], mode: Optional[int], tree: bool) -> bool:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return False
    changed = False
    want = tuple(new if new >= 0 else old for new, old in zip(owner, (found.st_uid, found.st_gid)))
    if want != (found.st_uid, found.st_gid):
        os.chown(name, *want, dir_fd=folder, follow_symlinks=False)
        changed = True
    if mode is not None and stat.S_IMODE(found.st_mode) != mode:
        os.chmod(name, mode, dir_fd=folder)
        changed = True
    if tree and stat.S_ISDIR(found.st_mode):
        fd = os.open(name, FOLDER, dir_fd=folder)
        try:
            for child in os.listdir(fd):
                changed = _set_at(fd, child, owner, None, True) or changed
        finally:
            os.close(fd)
    return changed
