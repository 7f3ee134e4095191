"""Discs and sticks read in user space, from a read-only descriptor.

Whoever can attach a medium can put anything on it. Here nothing of it reaches the kernel's file system code, no mount
has to be undone, and it works in a container. What is read is bounded: 16 MiB a file, 10 000 names a folder, 16 folders
deep, 8 links, 128 MiB in all.

    medium = open_media(os.open("/dev/sr0", os.O_RDONLY))
    medium.label                  # cidata
    medium.read("meta-data")      # b"instance-id: i-1\\n", or None where there is no such file
    medium.names("openstack")     # ("2018-08-27", "latest")
"""

from __future__ import annotations

from cloudboot.errors import Invalid, Unreachable
from cloudboot.media.volume import MOST_FILE
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Optional, Tuple

    from cloudboot.media.volume import Entry, ReadAt, Volume

MOST_DEPTH, MOST_LINKS, MOST_READ = 16, 8, 128 << 20


class Media:
    """The files of a volume, by path from its top. Names are matched exactly, else without regard to case."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        self.label = volume.label

    def read(self, path: str, most: int = MOST_FILE) -> Optional[bytes]:
        """A file's bytes, None where there is no such file. Raises `Invalid` for a file larger than ``most`` or a
        broken medium, `Unreachable` for one that cannot be read."""
        entry = self._find(path)
        if entry is None or entry.folder:
            return None
        if entry.size > most:
            raise Invalid(f"{path} on this medium is larger than {most >> 20} MiB", "make it smaller")
        return self._volume.content(entry)

    def names(self, path: str = "") -> Tuple[str, ...]:
        """What a folder holds, sorted; nothing where there is no such folder. Raises as `read` does."""
        entry = self._find(path)
        if entry is None or not entry.folder:
            return ()
        return tuple(sorted(e.name for e in self._volume.entries(entry)))

    def _find(self, path: str) -> Optional[Entry]:
        stack, todo, links = [self._volume.top], _steps(path), 0
        while todo:
            step = todo.pop()
            if step == "..":
                del stack[max(1, len(stack) - 1) :]
                continue
            entry = self._named(stack[-1], step)
            if entry is None:
                return None
            if entry.target:
                links += 1
                if links > MOST_LINKS:
                    raise Invalid("a path on this medium leads through too many links")
                if entry.target.startswith("/"):
                    del stack[1:]
                todo += _steps(entry.target)
            elif len(stack) > MOST_DEPTH:
                raise Invalid(f"the folders of this medium are more than {MOST_DEPTH} deep")
            else:
                stack.append(entry)
        return stack[-1]

    def _named(self, folder: Entry, name: str) -> Optional[Entry]:
        if not folder.folder:
            return None
        near = None
        for entry in self._volume.entries(folder):
            if entry.name == name:
                return entry
            if near is None and entry.name.lower() == name.lower():
                near = entry
        return near


def open_media(fd: int) -> Media:
    """The medium behind a descriptor of a block device or an image file, which stays the caller's.

    Raises `Invalid` where it is neither ISO 9660, UDF nor FAT, or is broken; `Unreachable` where it cannot be read.
    """
    import os

    def read_at(offset: int, length: int) -> bytes:
        try:
            return os.pread(fd, length, offset)
        except OSError as problem:
            raise Unreachable(f"the medium cannot be read: {problem.strerror}") from None

    return media(read_at)


def media(read_at: ReadAt) -> Media:
    """The medium that ``read_at(offset, length)`` gives the bytes of, as `open_media`."""
    from cloudboot.media import fat, iso9660, udf

    left = MOST_READ

    def sparingly(offset: int, length: int) -> bytes:
        nonlocal left
        left -= length
        if left < 0:
            raise Invalid("reading this medium takes too long; it is broken, or was made to do harm")
        return read_at(offset, length)

    volume = iso9660.volume(sparingly) or udf.volume(sparingly) or fat.volume(sparingly)
    if volume is None:
        raise Invalid("this medium is neither ISO 9660, UDF nor FAT", "make the seed with one of these file systems")
    return Media(volume)


def _steps(path: str) -> List[str]:
    return [p for p in reversed(path.split("/")) if p not in ("", ".")]
