"""fstab(5): lines of ours among those of others, whatever blanks and signs are in a name."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Iterator, Sequence, Tuple

    from cloudboot.system.door import System

PATH = "/etc/fstab"
MARK = "comment=cloudconfig"
"""The option that tells a line of a cloud's configuration from all others, as prepared images have it too."""
UNITS = {
    "cloud-init-main.service": "cloudboot.service",
    "cloud-init-local.service": "cloudboot-local.service",
    "cloud-init.service": "cloudboot-network.service",
    "cloud-init-network.service": "cloudboot-network.service",
    "cloud-config.service": "cloudboot-config.service",
    "cloud-final.service": "cloudboot-final.service",
}


class Entry(Noun):
    """One line, its fields as they are meant."""

    source: str
    point: str
    type: str = "auto"
    options: str = "defaults"
    dump: str = "0"
    check: str = "0"

    def __str__(self) -> str:
        return "\t".join(escaped(field) for field in self.items().values())


def escaped(field: str) -> str:
    """A field as it stands in the file: blanks, control characters, backslashes and what would begin a comment are
    written in octal."""
    text = "".join(f"\\{ord(c):03o}" if c <= " " or c in "\\\x7f" else c for c in field)
    return f"\\043{text[1:]}" if text.startswith("#") else text


def unescaped(field: str) -> str:
    r"""A field of mountinfo, swaps or fstab as it was meant: ``\040`` is a blank, and so on."""
    first, *pieces = field.split("\\")
    for piece in pieces:
        octal = len(piece) > 2 and set(piece[:3]) <= set("01234567")
        first += chr(int(piece[:3], 8)) + piece[3:] if octal else "\\" + piece
    return first


def entries(text: str) -> Iterator[Entry]:
    for line in text.split("\n"):
        entry = _entry(line)
        if entry:
            yield entry


def _entry(line: str) -> Entry | None:
    fields = [field for field in line.replace("\t", " ").split(" ") if field]
    if len(fields) < 3 or fields[0].startswith("#"):
        return None
    return Entry(*(unescaped(field) for field in fields[:6]))


def unmounted(system: System) -> Tuple[str, ...]:
    """Where fstab has something mounted at boot that is not mounted yet."""
    points = [e.point for e in entries(system.text(PATH) or "") if "noauto" not in e.options.split(",")]
    wanted = [point for point in points if point.startswith("/") and point != "/"]
    if not wanted:
        return ()
    from cloudboot.admin import mountinfo

    mounted = {mount.point for mount in mountinfo.mounts(system)}
    return tuple(point for point in wanted if point not in mounted)


def without_ours(text: str) -> str:
    """The file as others wrote it."""
    lines = text.split("\n")
    return "".join(f"{line}\n" for line in (lines if lines[-1] else lines[:-1]) if not _is_ours(line))


def _is_ours(line: str) -> bool:
    entry = _entry(line)
    return entry is not None and MARK in entry.options.split(",")


def marked(entry: Entry) -> Entry:
    """The line as one of ours. What it says of the units of cloud-init is said of ours: a mount that requires a unit
    that there is not is never made."""
    options: Tuple[str, ...] = tuple(_translated(word) for word in entry.options.split(",") if word)
    return entry.but(options=",".join(dict.fromkeys((*options, MARK))))


def _translated(option: str) -> str:
    name, mark, unit = option.partition("=")
    return f"{name}={UNITS.get(unit, unit)}" if mark and name.startswith("x-systemd.") else option


def joined(text: str, mine: Sequence[Entry]) -> str:
    """The file with these lines in place of those of ours that it had."""
    return without_ours(text) + "".join(f"{marked(entry)}\n" for entry in mine)
