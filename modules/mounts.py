"""mounts: what is mounted where, and a file to swap to.

    mounts:
      - [/dev/vdb, /srv/data files, ext4, "defaults,noatime", "0", "2"]
      - [ephemeral0, /mnt, auto, "defaults,noexec"]
      - [LABEL=home, /home]
      - ["server:/export", /net/export, nfs]
    mount_default_fields: [null, null, auto, "defaults,nofail", "0", "2"]
    swap:
      filename: /swap.img
      size: auto
      maxsize: 2G

An entry is a line of fstab(5); what it leaves out is taken from mount_default_fields. A device is a path, a name below
/dev, an alias, a tag, or the cloud's name for it: ephemeral0 goes to /mnt and swap is swapped to where the cloud has
them and the document does not say otherwise. A disk with partitions stands for its first. An entry without a mount
point, or with null for it, takes back the earlier ones for that device. Lines of ours bear ``comment=cloudconfig`` and
are replaced at every run; a device that the image's own lines name is left to them.

Whatever cannot be mounted is a warning. Orders about the units of cloud-init are understood as orders about ours. A
mount over homes hides the keys that let their owners in: they are put in place again at once. ``swap.size`` is a number
of bytes, a text such as 2G, or auto; a file that is there stays as it is.
"""

from __future__ import annotations

from cloudboot.admin import devices, fstab, homes, mountinfo, swapfile
from cloudboot.admin.fstab import Entry
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, ListOf, Null, Problem, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Union

    from cloudboot.admin.devices import Names
    from cloudboot.schema.problem import Path

SHORT = r"^(x?[shv]d[a-z]+\d*|sr\d+|nvme\d+n\d+(p\d+)?|mmcblk\d+(p\d+)?)$"
AFTER_US = "defaults,nofail,x-systemd.after=cloudboot-network.service,_netdev"
OURS = ("/var/lib/cloudboot", "/var/log")
"""What the agent waits for: to have it mounted after the agent would be a circle."""
SECONDS = 300.0


class Field(Text):
    """A field of an entry; null is not in the schema, and takes a mount back all the same."""

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if value is None:
            found.append(Problem(path, "expected text, got nothing", 'write "none", or end the entry here', "wrong"))
            return None
        return super().parse(value, path, found)


class Swap(Noun):
    filename: str = option(Text, default="/swap.img", help="the file")
    size: Union[int, str] = option(swapfile.Size(auto=True), default=0, help="bytes, a text such as 2G, or auto")
    maxsize: Optional[int] = option(swapfile.Size(), default=None, help="the most that auto may come to")


class Options(Noun):
    mounts: Tuple[Tuple[Optional[str], ...], ...] = option(
        ListOf(ListOf(Field(), least=1, most=6), least=1, apart=True), default=(), help="lines of fstab, as lists"
    )
    mount_default_fields: Tuple[Optional[str], ...] = option(
        ListOf(AnyOf(Text, Null), least=6, most=6),
        default=(),
        apart=True,
        help="what the fields are that an entry leaves out",
    )
    swap: Swap = option(Swap, default=Swap(), help="a file to swap to")


def apply(system: System, options: Options, boot: Boot) -> None:
    text = system.text(fstab.PATH) or ""
    others = {entry.source for entry in fstab.entries(fstab.without_ours(text))}
    known = devices.names(boot.config, boot.instance)
    mine = [e for e in _entries(system, options, known) if e.source not in others]
    if _swap_file(system, options.swap, boot.host.kernel):
        mine += [Entry(options.swap.filename, "none", "swap", "sw")] if options.swap.filename not in others else []
    wanted = fstab.joined(text, mine)
    if not mine and wanted == text:
        return
    points = [entry.point for entry in mine if entry.point.startswith("/")]
    note = f"{boot.folder}/keys-below-mounts"
    homes.remember(system, note, points)
    for point in points:
        if not system.exists(point):
            system.mkdir(point)
    changed = system.write(fstab.PATH, wanted)
    mounted = {mount.point for mount in mountinfo.mounts(system)}
    if changed or any(point not in mounted for point in points):
        _mount(system, mine)
    homes.restore(system, note)


def _entries(system: System, options: Options, known: Names) -> Iterator[Entry]:
    """The lines that the document and the cloud ask for."""
    asked: Dict[Tuple[str, str], Tuple[Optional[str], ...]] = {}
    given: List[Tuple[Optional[str], ...]] = [fields for fields in options.mounts if fields and fields[0]]
    named = {str(fields[0]) for fields in given}
    for usual in (("ephemeral0", "/mnt"), ("swap", "none", "swap", "sw", "0", "0")):
        if not named & {usual[0], usual[0].rstrip("0")} and devices.locate(system, usual[0], known)[0]:
            given.append(usual)
    for fields in given:
        source, point = str(fields[0]), fields[1] if len(fields) > 1 else _default(system, options, 1, "")
        if point in (None, "None", ""):
            asked = {key: value for key, value in asked.items() if key[0] != source}
        else:
            asked[source, str(point)] = fields
    for (name, point), fields in asked.items():
        source = _source(system, name, known)
        if not source:
            system.warn(f"mounts: nobody says which device {name} is, and it is left out")
            continue
        more = (*fields, *[None] * 6)[2:6]
        said = [field or _default(system, options, n, point) for n, field in enumerate(more, 2)]
        yield Entry(source, point, *map(str, said))


def _default(system: System, options: Options, number: int, point: str) -> Optional[str]:
    if options.mount_default_fields:
        said = (*options.mount_default_fields, *[None] * 6)[number]
        if said is not None or number < 2:
            return said
    systemd = system.exists("/run/systemd/system") or system.exists("/usr/lib/systemd/systemd")
    ours = any(f"{path}/".startswith(f"{point.rstrip('/')}/") for path in OURS)
    usual = AFTER_US if systemd and not ours else "defaults,nofail"
    return (None, None, "auto", usual, "0", "2")[number]


def _source(system: System, name: str, known: Names) -> str:
    """What stands in fstab for a name; empty for one that nobody explains."""
    import re

    start = name.partition(".")[0]
    if not (name in known.aliases or start in known.aliases or name.startswith(("/dev/", "ephemeral"))
            or name == "swap" or re.match(SHORT, start)):  # fmt: skip
        return name
    path, part = devices.locate(system, name, known)
    if not path:
        return ""
    if part.isdigit() and part != "0":
        return devices.partition_path(path, int(part))
    device, first = devices.find(system, path), devices.partition_path(path, 1)
    return first if device and not device.number and system.exists(first) else path


def _swap_file(system: System, swap: Swap, kernel: str) -> bool:
    """Whether there is a file to swap to. One that cannot be made is no reason to mount nothing."""
    try:
        size = swapfile.size_of(system, swap.filename, swap.size, swap.maxsize) if swap.filename else 0
        if size < swapfile.MIB:
            return False
        swapfile.make(system, swap.filename, size, kernel)
    except CloudbootError as problem:
        system.warn(f"swap: {problem}")
        return False
    return True


def _mount(system: System, mine: Sequence[Entry]) -> None:
    orders: List[Tuple[str, ...]] = []
    if system.exists("/run/systemd/system"):  # it would undo what its old units do not know
        orders.append(("systemctl", "daemon-reload"))
    if any(entry.type == "swap" for entry in mine):
        orders.append(("swapon", "-a"))
    if any(entry.point.startswith("/") for entry in mine):
        orders.append(("mount", "-a"))
    for words in orders:
        done = system.run(*words, timeout=SECONDS, check=False, machine=True)
        if done.code:
            said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
            system.warn(f"{' '.join(words)} {'ran out of time' if done.late else f'exited {done.code}'}: {said}")


MODULE = Module("mounts", Stage.NETWORK, Every.INSTANCE, Options, apply, unasked=True, also=("device_aliases",),
                after=("disk_setup",),
                work=Work(brought=("block-device-mapping",), holding={fstab.PATH: fstab.MARK}))  # fmt: skip
