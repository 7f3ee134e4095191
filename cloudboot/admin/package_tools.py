"""The package tools of the distributions, as data: how each is told to do its work without asking anybody."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Mapping, Tuple

    from cloudboot.system.door import System
    from cloudboot.values import Os


class Tool(Noun):
    """One package tool.

    ``program`` and the words that follow it for each task; ``pinned`` joins a name and a version. ``locks`` are files
    that whoever is at work holds locked, ``busy`` is what the tool says when it finds one so. ``interrupted`` is what
    it says after a power cut, and ``mend`` the command that helps. ``unknown`` is a pattern whose groups are packages
    that it has not found. ``fine`` are exit statuses that mean success. ``singly``: one package a command.
    """

    name: str
    program: Tuple[str, ...]
    refresh: Tuple[str, ...]
    upgrade: Tuple[str, ...]
    install: Tuple[str, ...]
    pinned: str = "{name}={version}"
    env: Mapping[str, str] = {}
    locks: Tuple[str, ...] = ()
    busy: str = ""
    interrupted: str = ""
    mend: Tuple[str, ...] = ()
    unknown: str = ""
    fine: Tuple[int, ...] = (0,)
    singly: bool = False

    def spelled(self, name: str, version: str) -> Tuple[str, ...]:
        """The words that ask for this package."""
        return tuple(self.pinned.format(name=name, version=version).split()) if version else (name,)


QUIET = {"DEBIAN_FRONTEND": "noninteractive", "APT_LISTCHANGES_FRONTEND": "none", "UCF_FORCE_CONFFOLD": "1"}
LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock")
APT = Tool(
    "apt-get",
    (
        "apt-get",
        "--option=Dpkg::Options::=--force-confold",
        "--option=DPkg::Lock::Timeout=600",
        "--assume-yes",
        "--quiet",
    ),
    ("update",),
    ("dist-upgrade",),
    ("install",),
    env=QUIET,
    locks=LOCKS,
    busy="Could not get lock",
    interrupted="dpkg was interrupted",
    mend=("dpkg", "--force-confold", "--configure", "-a"),
    unknown=r"Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate|"
    r"Version '[^']*' for '([^']+)' was not found|Couldn't find any package by \S+ '([^']+)'",
)
DNF = Tool(
    "dnf",
    ("dnf", "-y"),
    ("makecache",),
    ("upgrade",),
    ("install",),
    "{name}-{version}",
    unknown=r"(?:No match for argument|Unable to find a match): (\S+)",
)
YUM = DNF.but(name="yum", program=("yum", "-t", "-y"), unknown=r"No package (\S+) available")
TDNF = DNF.but(name="tdnf", program=("tdnf", "-y"), unknown=r"(\S+) package not found")
ZYPPER = Tool(
    "zypper",
    ("zypper", "--non-interactive"),
    ("--gpg-auto-import-keys", "refresh"),
    ("update", "--auto-agree-with-licenses"),
    ("install", "--auto-agree-with-licenses"),
    env={"ZYPP_LOCK_TIMEOUT": "600"},
    unknown=r"No provider of '([^'= ]+)",
    fine=(0, 102, 103, 106),  # done; and a reboot, a restart of zypper, or a repository left out
)
TRANSACTIONAL = Tool("transactional-update", ("transactional-update", "--non-interactive", "--drop-if-no-change"), (),
                     ("up",), ("pkg", "install", "--auto-agree-with-licenses"))  # fmt: skip
APK = Tool("apk", ("apk", "--no-interactive", "--wait", "600"), ("update",), ("upgrade",), ("add",),
           unknown=r"(\S+) \(no such package\)")  # fmt: skip
PACMAN = Tool("pacman", ("pacman", "--noconfirm"), ("-Sy",), ("-Syu",), ("-S", "--needed"),
              unknown=r"target not found: (\S+)")  # fmt: skip
EMERGE = Tool("emerge", ("emerge", "--ask=n", "--quiet"), ("--sync",), ("--update", "--deep", "--newuse", "@world"),
              ("--noreplace",), "={name}-{version}", unknown=r"no ebuilds to satisfy \"?([^\s\"]+)")  # fmt: skip
SNAP = Tool("snap", ("snap",), (), ("refresh",), ("install",), "{name} {version}", singly=True,
            unknown=r'snap "([^"]+)" not found')  # fmt: skip

FAMILIES = {
    "debian": (APT,),
    "redhat": (DNF, TDNF, YUM),
    "suse": (ZYPPER,),
    "alpine": (APK,),
    "arch": (PACMAN,),
    "gentoo": (EMERGE,),
}
ALL = (APT, DNF, TDNF, YUM, ZYPPER, APK, PACMAN, EMERGE)


def fitting(system: System, os: Os) -> Tool:
    """The tool of this machine: that of its family which is installed, else any that is, else the family's first."""
    own = FAMILIES.get(os.family, ())
    for tool in (*own, *ALL):
        if system.which(tool.program[0]):
            return TRANSACTIONAL if tool is ZYPPER and _readonly(system) else tool
    return own[0] if own else APT


def _readonly(system: System) -> bool:
    """Whether the root file system takes changes only as a new snapshot."""
    mounts = [line.split() for line in (system.text("/proc/mounts") or "").splitlines()]
    return any(m[1] == "/" and m[2] == "btrfs" and "ro" in m[3].split(",") for m in mounts if len(m) > 3)
