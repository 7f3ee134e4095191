"""ISO 9660 (ECMA-119) with Rock Ridge (IEEE P1282 on SUSP) or Joliet names, whichever the disc has, in that order."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.media.volume import MOST_ENTRIES, MOST_FOLDER, Entry, exactly, number
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Optional, Sequence, Tuple

    from cloudboot.media.volume import ReadAt

SECTOR, FIRST, MOST_DESCRIPTORS = 2048, 16, 64
JOLIET = (b"%/@", b"%/C", b"%/E")
FOLDER, ASSOCIATED, MULTI = 0x02, 0x04, 0x80
MOST_CONTINUED = 32


def volume(read_at: ReadAt) -> Optional[Iso]:
    """The disc, None where this is none. Raises `Invalid` for a broken one."""
    primary = joliet = None
    for i in range(MOST_DESCRIPTORS):
        sector = read_at((FIRST + i) * SECTOR, SECTOR)
        if len(sector) < SECTOR or sector[1:6] != b"CD001" or sector[0] == 255:
            break
        if sector[0] == 1 and primary is None:
            primary = sector
        elif sector[0] == 2 and sector[88:91] in JOLIET:
            joliet = sector
    if primary is None:
        return None
    disc = Iso(read_at, primary, wide=False)
    if joliet is None or disc.rock is not None:
        return disc
    return Iso(read_at, joliet, wide=True)


class Iso:
    """A volume descriptor and what hangs on it. ``rock`` is how many bytes of each record's system area to skip, None
    where the names are not Rock Ridge's."""

    def __init__(self, read_at: ReadAt, descriptor: bytes, wide: bool) -> None:
        self._read_at, self._wide = read_at, wide
        self._block = number(descriptor, 128, 2)
        if self._block not in (512, 1024, 2048):
            raise Invalid("this disc has blocks of a size that ISO 9660 does not know")
        self._known: Dict[Tuple[int, int], Sequence[Entry]] = {}
        self.label = self._text(descriptor[40:72]).strip(" \0")
        self.rock: Optional[int] = None
        self.top = Entry("", number(descriptor, 158, 4), number(descriptor, 166, 4), folder=True)
        if not wide:
            self.rock = self._skip()

    def entries(self, folder: Entry) -> Sequence[Entry]:
        place = (folder.start, folder.size)
        if place not in self._known:
            found = (self._entry(record) for record in self._records(folder))
            self._known[place] = [e for e in found if e is not None]
        return self._known[place]

    def content(self, entry: Entry) -> bytes:
        return exactly(self._read_at, entry.start * self._block, entry.size)

    def _records(self, folder: Entry) -> Iterator[bytes]:
        """The folder's records, without those for itself and the one above. A record never crosses a block's end."""
        if folder.size > MOST_FOLDER:
            raise Invalid("a folder of this disc is larger than 4 MiB")
        data = exactly(self._read_at, folder.start * self._block, folder.size)
        at = count = 0
        while at < len(data):
            length = data[at]
            if length == 0:
                at += self._block - at % self._block
                continue
            record = data[at : at + length]
            if len(record) < 34 or 33 + record[32] > len(record):
                raise Invalid("a folder of this disc is broken")
            count += 1
            if count > MOST_ENTRIES:
                raise Invalid(f"a folder of this disc holds more than {MOST_ENTRIES} names")
            if record[33 : 33 + record[32]] not in (b"\0", b"\1"):
                yield record
            at += length

    def _entry(self, record: bytes) -> Optional[Entry]:
        flags = record[25]
        if flags & ASSOCIATED:
            return None
        if flags & MULTI or record[26]:
            raise Invalid("a file of this disc is in several pieces, which only files of gigabytes are")
        start, size = number(record, 2, 4) + record[1], number(record, 10, 4)
        name, target = "", ""
        if self.rock is not None:
            name, target = self._rock_ridge(_system_area(record)[self.rock :])
        if not name:
            name = self._text(record[33 : 33 + record[32]]).partition(";")[0].rstrip(".")
            name = name if self._wide else name.lower()
        return Entry(name, start, size, bool(flags & FOLDER), target)

    def _text(self, data: bytes) -> str:
        return data.decode("utf-16-be" if self._wide else "utf-8", "replace")

    def _skip(self) -> Optional[int]:
        """How much of each system area is not SUSP's, from the mark in the top folder; None without a mark."""
        head = self._read_at(self.top.start * self._block, 256)
        area = _system_area(head[: head[0]]) if head and 34 <= head[0] <= len(head) else b""
        return area[6] if area[:2] == b"SP" and area[4:6] == b"\xbe\xef" and len(area) > 6 else None

    def _rock_ridge(self, area: bytes) -> Tuple[str, str]:
        """The name and the link's target that a system area tells."""
        name, link = b"", _Link()
        for kind, body in self._fields(area):
            if kind == b"NM" and body and not body[0] & 0x06:
                name += body[1:]
            elif kind == b"SL":
                link.take(body[1:])
        text = name.decode("utf-8", "replace")
        return ("" if "/" in text or "\0" in text else text), link.target

    def _fields(self, area: bytes) -> Iterator[Tuple[bytes, bytes]]:
        """Kind and body of each SUSP field, through the areas that continue elsewhere."""
        for _ in range(MOST_CONTINUED):
            following = None
            while len(area) >= 4 and area[2] >= 4:
                kind, body, area = area[:2], area[4 : area[2]], area[area[2] :]
                if kind == b"ST":
                    break
                if kind == b"CE" and len(body) >= 24:
                    following = number(body, 0, 4) * self._block + number(body, 8, 4), number(body, 16, 4)
                else:
                    yield kind, body
            if following is None:
                return
            area = self._read_at(following[0], min(following[1], self._block))


class _Link:
    """A symbolic link's target, put together from the components of one or more SL fields."""

    def __init__(self) -> None:
        self._parts: List[bytes] = []
        self._open = False

    def take(self, data: bytes) -> None:
        while len(data) >= 2:
            flags, length = data[0], data[1]
            part = {0x02: b".", 0x04: b"..", 0x08: b"/"}.get(flags & 0x0E, data[2 : 2 + length])
            if self._open:
                self._parts[-1] += part
            else:
                self._parts.append(part)
            self._open = bool(flags & 0x01)
            data = data[2 + length :]

    @property
    def target(self) -> str:
        text = b"/".join(p for p in self._parts if p != b"/").decode("utf-8", "replace")
        return f"/{text}" if self._parts[:1] == [b"/"] else text


def _system_area(record: bytes) -> bytes:
    """What follows the name of a record, which is padded to an even place."""
    end = 33 + record[32]
    return record[end + end % 2 :]
