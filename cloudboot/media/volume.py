"""What the file systems of media have in common."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Callable, Protocol, Sequence

    ReadAt = Callable[[int, int], bytes]

    class Volume(Protocol):
        label: str
        top: Entry

        def entries(self, folder: Entry) -> Sequence[Entry]:
            """What a folder holds, in its order."""

        def content(self, entry: Entry) -> bytes:
            """All bytes of a file."""


MOST_FILE = 16 << 20
MOST_FOLDER = 4 << 20
MOST_ENTRIES = 10_000


class Entry(Noun):
    """A name in a folder: ``start`` is its first block or cluster, ``target`` where a symbolic link points."""

    name: str
    start: int
    size: int = 0
    folder: bool = False
    target: str = ""


def exactly(read_at: ReadAt, offset: int, length: int) -> bytes:
    """The bytes there. Raises `Invalid` where the medium ends before."""
    data = read_at(offset, length) if length else b""
    while 0 < len(data) < length:
        more = read_at(offset + len(data), length - len(data))
        if not more:
            break
        data += more
    if len(data) != length:
        raise Invalid("this medium ends in the middle of a file; it was not copied whole")
    return data


def number(data: bytes, at: int, length: int) -> int:
    """The little-endian number there."""
    return int.from_bytes(data[at : at + length], "little")
