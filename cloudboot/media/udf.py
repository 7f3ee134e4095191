"""UDF (ECMA-167, as OSTA's UDF 1.02 to 2.01 narrow it): what Azure's provisioning discs are.

One partition, whose blocks are where the disc says: no sparing, no virtual or metadata partition, which are for media
that are written bit by bit.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.media.volume import MOST_ENTRIES, MOST_FILE, MOST_FOLDER, Entry, exactly, number
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, Iterator, Optional, Sequence, Tuple

    from cloudboot.media.volume import ReadAt

BLOCK, FIRST, ANCHOR = 2048, 16, 256
MOST_DESCRIPTORS, MOST_PIECES = 64, 4096
PARTITION, LOGICAL, TERMINATOR, FILE_SET, NAME, FILE, LONG_FILE = 5, 6, 8, 256, 257, 261, 266
FOLDER_TYPE = 4
DELETED, PARENT = 0x04, 0x08


def volume(read_at: ReadAt) -> Optional[Udf]:
    """The file system, None where this is none. Raises `Invalid` for a broken one."""
    head = read_at(FIRST * BLOCK, FIRST * BLOCK)
    if not any(head[at + 1 : at + 6] in (b"NSR02", b"NSR03") for at in range(0, len(head), BLOCK)):
        return None
    anchor = exactly(read_at, ANCHOR * BLOCK, BLOCK)
    if number(anchor, 0, 2) != 2:
        return None
    start, length = number(anchor, 20, 4), number(anchor, 16, 4)
    found: Dict[int, bytes] = {}
    for i in range(min(length // BLOCK, MOST_DESCRIPTORS)):
        descriptor = exactly(read_at, (start + i) * BLOCK, BLOCK)
        kind = number(descriptor, 0, 2)
        if kind == TERMINATOR:
            break
        found[kind] = descriptor
    if PARTITION not in found or LOGICAL not in found:
        raise Invalid("this UDF disc has no partition")
    logical = found[LOGICAL]
    if number(logical, 212, 4) != BLOCK or number(logical, 268, 4) != 1 or logical[440] != 1:
        raise Invalid("this UDF disc is of a kind that is written bit by bit, which is not read here")
    return Udf(read_at, number(found[PARTITION], 188, 4), logical)


class Udf:
    """The partition that begins at block ``first``, and the folder at the top of its files."""

    def __init__(self, read_at: ReadAt, first: int, logical: bytes) -> None:
        self._read_at, self._first = read_at, first
        self._known: Dict[int, Sequence[Entry]] = {}
        self.label = _text(logical[84 : 84 + min(logical[211], 127)])
        files = self._block(number(logical, 252, 4))
        if number(files, 0, 2) != FILE_SET:
            raise Invalid("this UDF disc has no files")
        self.top = Entry("", number(files, 404, 4), folder=True)

    def entries(self, folder: Entry) -> Sequence[Entry]:
        if folder.start not in self._known:
            self._known[folder.start] = list(self._names(self._data(folder.start, MOST_FOLDER)))
        return self._known[folder.start]

    def content(self, entry: Entry) -> bytes:
        return self._data(entry.start, MOST_FILE)

    def _block(self, block: int) -> bytes:
        return exactly(self._read_at, (self._first + block) * BLOCK, BLOCK)

    def _names(self, data: bytes) -> Iterator[Entry]:
        at = count = 0
        while at + 38 <= len(data):
            length, more = data[at + 19], number(data, at + 36, 2)
            name = data[at + 38 + more : at + 38 + more + length]
            count += 1
            if number(data, at, 2) != NAME or len(name) != length or count > MOST_ENTRIES:
                raise Invalid("a folder of this UDF disc is broken")
            if not data[at + 18] & (DELETED | PARENT):
                start = number(data, at + 24, 4)
                size, folder = self._about(start)
                yield Entry(_text(name), start, size, folder)
            at += (38 + more + length + 3) // 4 * 4

    def _about(self, block: int) -> Tuple[int, bool]:
        """How long a file is, and whether it is a folder."""
        about = self._block(block)
        if number(about, 0, 2) not in (FILE, LONG_FILE):
            raise Invalid("a name on this UDF disc stands for no file")
        return number(about, 56, 8), about[27] == FOLDER_TYPE

    def _data(self, block: int, most: int) -> bytes:
        size = self._about(block)[0]
        if size > most:
            raise Invalid(f"a file of this UDF disc is larger than {most >> 20} MiB")
        about = self._block(block)
        at = 216 if number(about, 0, 2) == LONG_FILE else 176
        attributes, length = number(about, at - 8, 4), number(about, at - 4, 4)
        table = about[at + attributes : at + attributes + length]
        kind = number(about, 34, 2) & 7
        if len(table) != length or kind not in (0, 1, 3):
            raise Invalid("a file of this UDF disc is broken")
        if kind == 3:
            data = table
        else:
            pieces = list(self._pieces(table, 8 if kind == 0 else 16, size))
            data = b"".join(exactly(self._read_at, place, count) for place, count in pieces)
        if len(data) < size:
            raise Invalid("a file of this UDF disc is shorter than it should be")
        return data[:size]

    def _pieces(self, table: bytes, step: int, size: int) -> Iterator[Tuple[int, int]]:
        """Place and length of each piece of a file, as far as it goes."""
        for i in range(0, min(len(table) - step + 1, MOST_PIECES * step), step):
            told = number(table, i, 4)
            length, recorded = told & 0x3FFFFFFF, told >> 30 == 0
            if not length or size <= 0:
                return
            if not recorded:
                raise Invalid("a file of this UDF disc has a hole")
            yield (self._first + number(table, i + 4, 4)) * BLOCK, min(length, size)
            size -= length


def _text(data: bytes) -> str:
    """OSTA compressed Unicode: the first byte says whether characters have one byte or two."""
    return data[1:].decode("utf-16-be" if data[:1] == b"\x10" else "latin-1", "replace").rstrip("\0")
