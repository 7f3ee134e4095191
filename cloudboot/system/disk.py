"""What was changed and is not on the disk yet: new files that wait for their names, and names that wait for the disk.

A file's bytes are on the disk before it takes its name: a power cut leaves the old file or the new one, whole. The
files of one step get their names together, after one sync for them all, or sooner where somebody is to see one of them.
Changes of one file system reach the disk in the order in which they were made, as the journal of a file system has it;
before a change on another one, and before a command, they are brought there.
"""

from __future__ import annotations

import os

from cloudboot.errors import CloudbootError, said
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable, Dict, Iterable, List, Optional, Set, Tuple

    Folder = Tuple[int, int]  # device and inode

MOST = 200  # files that wait, and folders that are held open
FEW, AFTER_OWNERS = 2, 16  # so many files or folders are synced one by one: to find syncfs(2) costs half a millisecond
UNSYNCED = (22, 95)  # EINVAL, ENOTSUP: what has nothing to sync, such as a file system of the kernel's own


class Disk:
    """The file systems of one tree, as this process changes them. What cannot be done raises `CloudbootError`."""

    def __init__(self) -> None:
        self.waiting: Dict[Tuple[Folder, str], Tuple[str, str]] = {}
        self._open: Dict[Folder, int] = {}
        self._changed: Dict[Folder, None] = {}
        self._deep: Set[int] = set()
        self._gathering = False
        self._announced, self._its_device = -1, 0
        self._few = FEW
        self._failed: Dict[Tuple[Folder, str], CloudbootError] = {}

    @property
    def is_clean(self) -> bool:
        """Is all on the disk that was changed?"""
        return not self.waiting and not self._changed

    def together(self, work: Callable[[], None]) -> None:
        """Does work whose new files may wait for their names until it is over. One that got none is the work's failure,
        though it may have looked away when it was told."""
        before, self._gathering = self._gathering, True
        try:
            work()
        finally:
            self._gathering = before
            self.settle()
            failed, self._failed = self._failed, {}
        for problem in failed.values():
            raise problem

    def announce(self, fd: int, device: int) -> None:
        """What was written to this file is on the disk before anything else changes. ``device`` is its folder's: a file
        of an overlay shows another one."""
        self._announced, self._its_device = fd, device

    def announced(self) -> None:
        """It is."""
        self._announced = -1

    def lead(self) -> None:
        """Something is about to change: what was announced is on the disk when this returns."""
        if self._announced >= 0:
            _sync(self._announced)
            self.announced()

    def put_off(self, folder: int, fresh: str, name: str, path: str) -> bool:
        """May the file ``fresh`` take its name, and be synced, later?"""
        if not self._gathering:
            return False
        key = _identity(folder)
        if any(device != key[0] for (device, _), _ in self.waiting) or len(self.waiting) >= MOST:
            self.settle()
        self._hold(key, folder)
        self.waiting[key, name] = (fresh, path)
        return True

    def reveal(self, folder: int, name: str = "") -> None:
        """Somebody is to see this file, or the whole folder."""
        key = _identity(folder)
        if (key, name) in self.waiting if name else any(each == key for each, _ in self.waiting):
            self.settle()
        if (key, name) in self._failed:
            raise self._failed[key, name]

    def settle(self) -> None:
        """All that wait get their names. One that cannot keeps none of the others from it: who needs it is told, or a
        command that comes next, or else the end of `together`."""
        if not self.waiting:
            return
        device = next(iter(self.waiting))[0][0]
        unready: Optional[CloudbootError] = None
        try:
            self._sync([key for key in self._changed if key[0] != device])
        except CloudbootError as problem:  # another file system's trouble, which takes no name from these
            self._failed[next(iter(self.waiting))[0], ""] = problem
        try:
            self._write_out(device)
            self.lead()
        except CloudbootError as problem:
            unready = problem
        for (key, name), (fresh, path) in self.waiting.items():
            try:
                if unready is None:
                    self.take_name(self._open[key], fresh, name)
                    self._changed[key] = None
                else:
                    self._failed[key, name] = unready
                    os.unlink(fresh, dir_fd=self._open[key])
            except OSError as refused:
                self._failed.setdefault((key, name), said("change", path, refused))
        self.waiting = {}
        self._close()

    def take_name(self, folder: int, fresh: str, name: str) -> None:
        """Puts a new file in the place of an old one; into it where that is a mount point, as in a container."""
        try:
            os.replace(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as problem:
            try:
                if problem.errno == 16:  # EBUSY
                    _overwrite(folder, fresh, name)
                    return
            finally:
                os.unlink(fresh, dir_fd=folder)
            raise

    def change(self, folder: int) -> None:
        """What is in this folder is about to change, in the order in which it is done."""
        self.settle()
        self.lead()
        device = os.fstat(folder).st_dev
        self._sync([key for key in self._changed if key[0] != device])

    def changed(self, folder: int, deep: bool = False) -> None:
        """A name in this folder did; ``deep``: what is not in the folder itself, as the mode of a file."""
        key = _identity(folder)
        self._hold(key, folder)
        self._changed[key] = None
        if deep:
            self._deep.add(key[0])
        if len(self._changed) > MOST:
            self._sync(list(self._changed))

    def sync(self) -> None:
        """All that was changed is on the disk when this returns."""
        self.settle()
        for problem in self._failed.values():
            raise problem
        self._sync(list(self._changed))

    def barrier(self, owners: bool = False) -> None:
        """So is all that was announced: what comes next is nobody's to put in order, such as a command. After an
        ``owners`` there may be gigabytes of his in memory, and few files of ours are no reason to wait for those."""
        self.sync()
        self.lead()
        if owners:
            self._few = AFTER_OWNERS

    def _hold(self, key: Folder, folder: int) -> None:
        if key not in self._open:
            self._open[key] = os.dup(folder)

    def _write_out(self, device: int) -> None:
        """The bytes of the files that wait, all on one file system, and with several of them whatever else it owes."""
        folders = [key for key, _ in self.waiting]
        leads = self._announced >= 0 and self._its_device == device
        if len(folders) + leads > self._few and self._sync_all(self._open[folders[0]]):
            self._forget([key for key in self._changed if key[0] == device])
            if leads:
                self.announced()
            return
        for (key, _), (fresh, path) in self.waiting.items():
            try:
                fd = os.open(fresh, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._open[key])
            except OSError as problem:
                raise said("change", path, problem) from None
            try:
                _sync(fd, path)
            finally:
                os.close(fd)

    def _sync(self, folders: List[Folder]) -> None:
        problems: List[CloudbootError] = []
        for device in dict.fromkeys(device for device, _ in folders):
            here = [self._open[key] for key in folders if key[0] == device]
            if (len(here) > self._few or device in self._deep) and self._sync_all(here[0]):
                continue
            for fd in here:
                try:
                    _sync(fd)
                except CloudbootError as one:
                    problems.append(one)
        self._forget(folders)  # whatever came of it: what cannot be synced is told once, not to all who come later
        for problem in problems:
            raise problem

    def _sync_all(self, fd: int) -> bool:
        if self._few == FEW:
            self._few = 1  # it is found
        return sync_file_system(fd)

    def _forget(self, folders: Iterable[Folder]) -> None:
        for key in folders:
            self._changed.pop(key, None)
            self._deep.discard(key[0])
        self._close()

    def _close(self) -> None:
        needed = {key for key, _ in self.waiting} | set(self._changed)
        for key in [key for key in self._open if key not in needed]:
            os.close(self._open.pop(key))


def _overwrite(folder: int, fresh: str, name: str) -> None:
    with os.fdopen(os.open(fresh, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as new:
        content = new.read()
    with os.fdopen(os.open(name, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, dir_fd=folder), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_file_system(fd: int) -> bool:
    """Writes out the whole file system that this is on (syncfs(2)); false where that cannot be asked for."""
    try:
        from _ctypes import call_cdeclfunction, dlopen, dlsym  # what is around them costs ten times as much

        itself = dlopen(None, os.RTLD_NOW)  # type: ignore[arg-type]
        return bool(call_cdeclfunction(dlsym(itself, "syncfs"), (fd,)) == 0)
    except (ImportError, OSError):
        return False


def _sync(fd: int, path: str = "the disk") -> None:
    try:
        os.fsync(fd)
    except OSError as problem:
        if problem.errno not in UNSYNCED:
            raise said("write", path, problem) from None


def _identity(folder: int) -> Folder:
    found = os.fstat(folder)
    return found.st_dev, found.st_ino
