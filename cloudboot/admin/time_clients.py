"""Programs that keep the clock right, as data: where each is configured on which distribution, and in what words."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Callable, Dict, Iterator, Mapping, Tuple

    from cloudboot.system.door import System
    from cloudboot.values import Os


class Sources(Noun):
    """Whom to ask for the time: ``servers`` are one machine each, ``pools`` names of many; ``peers`` are asked and
    answered; ``allow`` are the networks that may ask this machine."""

    servers: Tuple[str, ...] = ()
    pools: Tuple[str, ...] = ()
    peers: Tuple[str, ...] = ()
    allow: Tuple[str, ...] = ()


class Client(Noun):
    """One such program. ``check_exe`` is there when it is installed; ``write`` says its configuration."""

    name: str
    check_exe: str
    confpath: str
    packages: Tuple[str, ...]
    service_name: str
    write: Callable[[Sources], Iterator[str]]


def chrony(sources: Sources) -> Iterator[str]:
    for word, names in (("server", sources.servers), ("pool", sources.pools), ("peer", sources.peers)):
        for name in names:
            yield f"{word} {name} iburst"
    for network in sources.allow:
        yield f"allow {network}"
    yield "driftfile /var/lib/chrony/drift"
    yield "makestep 1.0 3"
    yield "rtcsync"
    yield "leapsectz right/UTC"


def ntpd(sources: Sources) -> Iterator[str]:
    yield "driftfile /var/lib/ntp/ntp.drift"
    for word, names in (("server", sources.servers), ("pool", sources.pools), ("peer", sources.peers)):
        for name in names:
            yield f"{word} {name} iburst"
    yield "restrict -4 default kod notrap nomodify nopeer noquery limited"
    yield "restrict -6 default kod notrap nomodify nopeer noquery limited"
    yield "restrict source notrap nomodify noquery"
    yield "restrict 127.0.0.1"
    yield "restrict ::1"
    for network in sources.allow:
        yield f"restrict {network} nomodify notrap"


def busybox(sources: Sources) -> Iterator[str]:
    for name in (*sources.servers, *sources.pools, *sources.peers):
        yield f"server {name}"


def openntpd(sources: Sources) -> Iterator[str]:
    for name in sources.servers:
        yield f"server {name}"
    for name in (*sources.pools, *sources.peers):
        yield f"servers {name}"


def timesyncd(sources: Sources) -> Iterator[str]:
    yield "[Time]"
    yield f"NTP={' '.join((*sources.servers, *sources.pools, *sources.peers))}"


CHRONY = Client("chrony", "chronyd", "/etc/chrony.conf", ("chrony",), "chronyd", chrony)
NTP = Client("ntp", "ntpd", "/etc/ntp.conf", ("ntp",), "ntpd", ntpd)
NTPDATE = Client("ntpdate", "ntpdate", "/etc/ntp.conf", ("ntpdate",), "ntpdate", ntpd)
OPENNTPD = Client("openntpd", "ntpd", "/etc/ntpd.conf", ("openntpd",), "openntpd", openntpd)
TIMESYNCD = Client(
    "systemd-timesyncd",
    "/usr/lib/systemd/systemd-timesyncd",
    "/etc/systemd/timesyncd.conf.d/50-cloudboot.conf",
    ("systemd-timesyncd",),
    "systemd-timesyncd",
    timesyncd,
)
ALL = (CHRONY, TIMESYNCD, NTP, NTPDATE, OPENNTPD)
ELSEWHERE: Mapping[Tuple[str, str], Mapping[str, object]] = {
    ("debian", "chrony"): {"confpath": "/etc/chrony/chrony.conf", "service_name": "chrony"},
    ("debian", "ntp"): {"service_name": "ntp"},
    ("debian", "openntpd"): {"confpath": "/etc/openntpd/ntpd.conf"},
    ("alpine", "chrony"): {"confpath": "/etc/chrony/chrony.conf"},
    ("alpine", "ntp"): {"packages": (), "write": busybox},
    ("redhat", "systemd-timesyncd"): {"packages": ("systemd-timesyncd",)},
    ("suse", "systemd-timesyncd"): {"packages": ("systemd-timesyncd",)},
}
"""What is different on a family."""
POOLS: Dict[str, str] = {
    "opensuse-leap": "opensuse",
    "opensuse-tumbleweed": "opensuse",
    "opensuse-microos": "opensuse",
    "sles": "opensuse",
}
NAMED = ("debian", "ubuntu", "fedora", "centos", "rhel", "rocky", "almalinux", "opensuse", "alpine", "arch", "gentoo",
         "amazon")  # fmt: skip


def client(name: str, os: Os) -> Client:
    """The client of this name as this distribution has it. Raises KeyError for one that there is not."""
    known = {c.name: c for c in ALL}[name]
    return known.but(**ELSEWHERE.get((os.family, name), {}))


def fitting(system: System, os: Os) -> Client:
    """The client that is installed, in the order of preference, else the first of them."""
    clients = [client(c.name, os) for c in ALL if c is not OPENNTPD]
    return next((c for c in clients if is_there(system, c)), clients[0])


def is_there(system: System, wanted: Client) -> bool:
    exe = wanted.check_exe
    return system.exists(exe) if exe.startswith("/") else bool(system.which(exe))


def default_pools(os: Os) -> Tuple[str, ...]:
    """The public pools in the name of this distribution, where it has one."""
    name = POOLS.get(os.id, os.id)
    return tuple(f"{n}.{name + '.' if name in NAMED else ''}pool.ntp.org" for n in range(4))
