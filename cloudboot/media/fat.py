"""FAT12, FAT16 and FAT32 with long names, as Microsoft's FAT specification (fatgen103) describes them."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.media.volume import MOST_ENTRIES, MOST_FOLDER, Entry, exactly, number
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Optional, Sequence, Tuple

    from cloudboot.media.volume import ReadAt

PAGE = 4096
LABEL, FOLDER, LONG = 0x08, 0x10, 0x0F
LOWER_NAME, LOWER_END = 0x08, 0x10
FREE, LAST_LONG, MOST_LONG = 0xE5, 0x40, 20
LONG_PLACES = ((1, 11), (14, 26), (28, 32))
NO_LABEL = "NO NAME"


def volume(read_at: ReadAt) -> Optional[Fat]:
    """The file system, None where this is none. Raises `Invalid` for a broken one."""
    boot = read_at(0, 512)
    if len(boot) < 512 or boot[510:512] != b"\x55\xaa":
        return None
    sector, cluster = number(boot, 11, 2), boot[13]
    if sector not in (512, 1024, 2048, 4096) or not cluster or cluster & (cluster - 1) or not 1 <= boot[16] <= 2:
        return None
    if not number(boot, 14, 2) or not (number(boot, 22, 2) or number(boot, 36, 4)):
        return None
    return Fat(read_at, boot)


class Fat:
    """A FAT volume: where its table, its top folder and its clusters are."""

    def __init__(self, read_at: ReadAt, boot: bytes) -> None:
        self._read_at = read_at
        sector = number(boot, 11, 2)
        self._cluster = sector * boot[13]
        self._table = number(boot, 14, 2) * sector
        table_sectors = number(boot, 22, 2) or number(boot, 36, 4)
        self._top_at = self._table + boot[16] * table_sectors * sector
        self._top_size = number(boot, 17, 2) * 32
        self._data = self._top_at + -(-self._top_size // sector) * sector
        sectors = number(boot, 19, 2) or number(boot, 32, 4)
        self._clusters = (sectors * sector - self._data) // self._cluster
        if self._clusters < 1:
            raise Invalid("this FAT file system has no room for files")
        self._bits = 32 if not number(boot, 22, 2) else 12 if self._clusters < 4085 else 16
        self._pages: Dict[int, bytes] = {}
        self._known: Dict[int, Sequence[Entry]] = {}
        self.top = Entry("", number(boot, 44, 4) if self._bits == 32 else 0, folder=True)
        self.label = self._label(boot)

    def entries(self, folder: Entry) -> Sequence[Entry]:
        if folder.start not in self._known:
            self._known[folder.start] = [e for _, e in self._records(folder) if e is not None]
        return self._known[folder.start]

    def content(self, entry: Entry) -> bytes:
        if not entry.size:
            return b""
        chain = self._chain(entry.start, -(-entry.size // self._cluster))
        data = b"".join(exactly(self._read_at, at, length) for at, length in chain)
        if len(data) < entry.size:
            raise Invalid("a file of this FAT file system is shorter than it should be")
        return data[: entry.size]

    def _label(self, boot: bytes) -> str:
        """The label in the top folder, else the one in the boot sector."""
        place = 66 if self._bits == 32 else 38
        boot_label = _name(boot[place + 5 : place + 16]) if boot[place] == 0x29 else ""
        for label, _ in self._records(self.top):
            if label:
                return label
        return "" if boot_label == NO_LABEL else boot_label

    def _records(self, folder: Entry) -> Iterator[Tuple[str, Optional[Entry]]]:
        """The volume label, or an entry, for each record of a folder that has either."""
        pieces: List[bytes] = []
        for record in self._raw(folder):
            if record[0] == FREE:
                pieces = []
            elif record[11] & 0x3F == LONG:
                pieces = [*([] if record[0] & LAST_LONG else pieces), record]
            elif record[11] & LABEL:
                pieces = []
                yield _name(record[:11]), None
            else:
                entry = self._entry(record, pieces)
                pieces = []
                if entry.name not in (".", ".."):
                    yield "", entry

    def _entry(self, record: bytes, pieces: List[bytes]) -> Entry:
        name = _long(record, pieces) or _short(record)
        high = number(record, 20, 2) << 16 if self._bits == 32 else 0
        return Entry(name, high | number(record, 26, 2), number(record, 28, 4), bool(record[11] & FOLDER))

    def _raw(self, folder: Entry) -> Iterator[bytes]:
        """A folder's records of 32 bytes, up to its end mark."""
        if folder.start == 0:  # the top folder of FAT12 and FAT16, which also ".." of the folders in it means
            places = iter([(self._top_at, self._top_size)])
        else:
            places = self._chain(folder.start, MOST_FOLDER // self._cluster + 1)
        count = 0
        for at, length in places:
            data = exactly(self._read_at, at, length)
            for i in range(0, len(data) - 31, 32):
                if data[i] == 0:
                    return
                count += 1
                if count > MOST_ENTRIES * 4:
                    raise Invalid(f"a folder of this FAT file system holds more than {MOST_ENTRIES} names")
                yield data[i : i + 32]

    def _chain(self, cluster: int, most: int) -> Iterator[Tuple[int, int]]:
        """Place and length of at most ``most`` clusters, neighbours in one; a chain that runs in a circle ends so."""
        end = {12: 0xFF8, 16: 0xFFF8, 32: 0x0FFFFFF8}[self._bits]
        start, count = cluster, 0
        while most > 0:
            if not 2 <= cluster < self._clusters + 2:
                raise Invalid("a chain of clusters of this FAT file system leads nowhere")
            count += 1
            most -= 1
            following = self._next(cluster)
            if following != cluster + 1 or not most or count * self._cluster >= 1 << 20:
                yield self._data + (start - 2) * self._cluster, count * self._cluster
                start, count = following, 0
            if following >= end:
                return
            cluster = following

    def _next(self, cluster: int) -> int:
        """What the table says follows a cluster."""
        at = cluster * self._bits // 8
        width = 4 if self._bits == 32 else 2
        value = number(self._table_bytes(at, width), 0, width)
        if self._bits == 12:
            return value >> 4 if cluster & 1 else value & 0xFFF
        return value & 0x0FFFFFFF if self._bits == 32 else value

    def _table_bytes(self, at: int, length: int) -> bytes:
        data = b""
        for page in range(at // PAGE, (at + length - 1) // PAGE + 1):
            if page not in self._pages:
                self._pages[page] = self._read_at(self._table + page * PAGE, PAGE)
            data += self._pages[page]
        return data[at % PAGE : at % PAGE + length]


def _short(record: bytes) -> str:
    """The 8.3 name; either half is written small where the record says so."""
    name, end = _name(b"\xe5" + record[1:8] if record[0] == 0x05 else record[:8]), _name(record[8:11])
    name = name.lower() if record[12] & LOWER_NAME else name
    return f"{name}.{end.lower() if record[12] & LOWER_END else end}" if end else name


def _name(data: bytes) -> str:
    return data.decode("cp437", "replace").rstrip(" \0")


def _long(record: bytes, pieces: List[bytes]) -> str:
    """The name that the records before this one hold; empty where they are not whole, or another's."""
    if not pieces or len(pieces) > MOST_LONG or pieces[0][0] & 0x3F != len(pieces):
        return ""
    total = 0
    for byte in record[:11]:
        total = ((total & 1) << 7) + (total >> 1) + byte & 0xFF
    units = b""
    for i, piece in enumerate(reversed(pieces)):
        if piece[0] & 0x3F != i + 1 or piece[13] != total:
            return ""
        units += b"".join(piece[a:b] for a, b in LONG_PLACES)
    text = units.decode("utf-16-le", "replace").partition("\0")[0]
    return "" if "/" in text else text
