"""File systems: what is on a device, how one is made and how it grows, for each kind that Linux has."""

from __future__ import annotations

from cloudboot.admin import devices
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Sequence, Tuple, Union

    from cloudboot.admin.mountinfo import Mount
    from cloudboot.system.door import System

NOTHING = 2  # blkid: it found nothing it knows
PROBE_SECONDS = 30.0
FORCE = {"ext2": "-F", "ext3": "-F", "ext4": "-F", "btrfs": "-f", "xfs": "-f", "f2fs": "-f", "reiserfs": "-ff",
         "swap": "-f", "ntfs": "-F", "bcachefs": "-f", "nilfs2": "-f"}  # fmt: skip
"""A decision has been made by then: the tool is not to ask again."""
LABEL = {"vfat": "-n", "fat": "-n", "msdos": "-n", "exfat": "-n", "f2fs": "-l"}
LONGEST = {"vfat": 11, "msdos": 11, "xfs": 12, "ext2": 16, "ext3": 16, "ext4": 16, "swap": 16}
READ_ONLY = {"ext2": ",noload", "ext3": ",noload", "ext4": ",noload", "xfs": ",norecovery,nouuid"}
"""Even a mount that only reads would write: it replays the journal."""
SHOW = 'mount -o "ro,nosuid,nodev,noexec$2" -t "$1" "$3" /mnt && exec ls -A /mnt'
HOUSEKEEPING = {"lost+found", "system volume information", "$recycle.bin", "dataloss_warning_readme.txt"}
"""What a vendor or a file system puts on an empty volume, in small letters."""


class Content(Noun):
    """What is on a device: a file system (or a member of a RAID, a volume group, ...) of ``type``, or a partition
    ``table``. A device with neither is blank."""

    type: str = ""
    label: str = ""
    table: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.type or self.table)

    def __str__(self) -> str:
        return self.type or f"a partition table ({self.table})" if not self.is_blank else "nothing"


def content(system: System, path: str) -> Content:
    """Probes a device itself, not what udev remembers. Raises `CloudbootError` where that cannot be done: silence is no
    proof that a device is blank."""
    done = system.query("blkid", "--probe", "--output", "export", path, timeout=PROBE_SECONDS)
    if done.code == NOTHING and not done.stderr:
        read = system.query("head", "-c", "4096", path, timeout=PROBE_SECONDS)
        if read.code == 0 and read.stdout:
            return Content()
    if done.code:
        raise CloudbootError(f"what is on {path} cannot be told (blkid exited {done.code})", "see whether it is there")
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    told = dict(line.partition("=")[::2] for line in lines)
    return Content(told.get("TYPE", ""), _plain(told.get("LABEL", "")), told.get("PTTYPE", ""))


def _plain(value: str) -> str:
    return "".join(c for i, c in enumerate(value) if c != "\\" or value[i - 1 : i] == "\\")


def is_empty(system: System, path: str, type: str) -> bool:
    """Whether a volume is known to hold no file of anybody's: it is mounted for reading, where only this one command
    sees it, and nothing is in it but what its vendor put there."""
    for driver in ("ntfs3", "ntfs") if type == "ntfs" else (type,):
        words = ("unshare", "--mount", "/bin/sh", "-c", SHOW, "sh", driver, READ_ONLY.get(type, ""), path)
        done = system.query(*words, timeout=PROBE_SECONDS)
        if done.code == 0:
            return {name.lower() for name in done.stdout.decode("utf-8", "replace").splitlines()} <= HOUSEKEEPING
    return False


def make_words(system: System, type: str, label: str, path: str, options: Sequence[str] = ()) -> Tuple[str, ...]:
    """The command that makes a file system. Raises `CloudbootError` where the tool is not installed."""
    tool = next((t for t in (f"mkfs.{type}", f"mk{type}") if system.which(t)), "")
    if not tool:
        raise CloudbootError(f"mkfs.{type} is not installed", "the image needs it: packages are installed later")
    if len(label.encode()) > LONGEST.get(type, 255):
        raise CloudbootError(f"a label of {type} has at most {LONGEST[type]} characters", "shorten it")
    force = (FORCE[type],) if type in FORCE else ()
    return (tool, *force, *((LABEL.get(type, "-L"), label) if label else ()), *options, path)


def own_words(command: Union[str, Sequence[str]], type: str, label: str, path: str) -> Tuple[str, ...]:
    """An owner's own command, text for the shell or a list of words, with ``%(label)s``, ``%(filesystem)s`` and
    ``%(device)s`` filled in. Raises `CloudbootError` for a ``%`` that stands for something else."""
    values = {"label": label, "filesystem": type, "device": path}
    try:
        if isinstance(command, str):
            return ("/bin/sh", "-c", command % values)
        return tuple(word % values for word in command)
    except (ValueError, KeyError, TypeError):
        raise CloudbootError("a command has a % that stands for nothing", "write %% for a percent sign") from None


def grow_words(system: System, mount: Mount, device: str) -> Tuple[str, ...]:
    """The command that makes a mounted file system as large as its device; nothing for a kind that does not grow."""
    if mount.type in ("ext2", "ext3", "ext4"):
        return ("resize2fs", device)
    if mount.type == "xfs":
        return ("xfs_growfs", mount.point)
    if mount.type == "btrfs":
        below = f"{mount.point.rstrip('/')}/.snapshots"
        point = below if "ro" in mount.options and system.exists(below) else mount.point
        return ("btrfs", "filesystem", "resize", *(("--enqueue",) if _can_wait(system) else ()), "max", point)
    if mount.type == "f2fs":
        return ("resize.f2fs", device)
    if mount.type == "bcachefs":
        return ("bcachefs", "device", "resize", device)
    if mount.type == "zfs":
        return ("zpool", "online", "-e", mount.source.partition("/")[0], device)
    return ()


def _can_wait(system: System) -> bool:
    """Whether btrfs can be told to wait for its turn, when a balance is running."""
    said = system.query("btrfs", "--version").stdout.decode("utf-8", "replace").partition(" v")[2]
    parts = [int("".join(c for c in part if c.isdigit()) or 0) for part in said.split(".")[:2]]
    return parts >= [5, 10]


def device_of(system: System, mount: Mount) -> str:
    """The path of the device that a mounted file system is on, empty where it is on none or on several."""
    if mount.type == "zfs":
        pool = mount.source.partition("/")[0]
        said = system.query("zpool", "list", "-v", "-H", "-P", "-L", pool).stdout.decode("utf-8", "replace")
        disks = [word for line in said.splitlines() for word in line.split()[:1] if word.startswith("/dev/")]
        return disks[0] if len(disks) == 1 else ""
    device = devices.under(system, mount)
    return device.path if device else ""
