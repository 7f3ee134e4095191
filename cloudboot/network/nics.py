"""The network interfaces of the machine, as a module may look at them: through the door. It is remembered under which
description none of them was to be renamed: a later boot that finds the same need not understand the description again.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Nic

if TYPE_CHECKING:
    from typing import Dict, Iterable, Tuple

    from cloudboot.network.source import Source
    from cloudboot.system.door import System

SEEN = "/run/cloudboot/nics"
"""The hardware addresses that were there at the last look, one a line."""
SYS = "/sys/class/net"
SETTLES_SLOW, SETTLE_SECONDS = 10, 3
"""How often udev is waited for on a slow machine, and how long each time."""
NO_UDEV = 127
LOOKS = 5
NAMED = "network-names"
ENUMERATED = ("", "1")
"""How the kernel tells (by name_assign_type) that a name is only a number that it gave out."""


def settle(system: System) -> int:
    """Lets udev end what it is doing with devices: 0 when it is through with all, `NO_UDEV` where there is none."""
    return system.query("udevadm", "settle", f"--timeout={SETTLE_SECONDS}", timeout=SETTLE_SECONDS + 5).code


def named_nics(system: System, cmdline: str) -> Tuple[Nic, ...]:
    """Every interface, each by the name that it will keep: udev is let name them first where it is to do so."""
    nics = nics_of(system)
    for _ in range(SETTLES_SLOW):
        named = not any(_line(system, f"{SYS}/{n.name}/name_assign_type") in ENUMERATED for n in nics if n.name != "lo")
        if "net.ifnames=0" in cmdline.split() or (named and any(n.mac.strip("0:") for n in nics)):
            break
        through = settle(system)
        nics = nics_of(system)
        if through in (0, NO_UDEV):
            break
    return nics


def nics_of(system: System) -> Tuple[Nic, ...]:
    """Every interface of the machine as it is now, the address of a bond's member being its own. While udev renames
    one it may be seen under two names or none: then all are looked at again."""
    nics: Tuple[Nic, ...] = ()
    for _ in range(LOOKS):
        names = system.names(SYS)
        nics = tuple(nic for nic in (_nic(system, name) for name in names) if nic.mac or nic.kind)
        if system.names(SYS) == names:
            break
    return nics


def _nic(system: System, name: str) -> Nic:
    """One of them; what is no interface (bonding_masters and the like) has neither address nor kind."""
    folder = f"{SYS}/{name}"
    mac = _line(system, f"{folder}/bonding_slave/perm_hwaddr") or _line(system, f"{folder}/address")
    driver = system.look(f"{folder}/device/driver")
    flags = _line(system, f"{folder}/flags") or "0"
    uevent = (system.text(f"{folder}/uevent") or "").splitlines()
    kind = next((u[8:] for u in uevent if u.startswith("DEVTYPE=")), "physical" if mac or uevent else "")
    return Nic(
        name,
        mac.lower(),
        driver.target.rpartition("/")[2] if driver else "",
        bool(int(flags, 16) & 1),
        _line(system, f"{folder}/carrier") == "1",
        kind,
    )


def _line(system: System, path: str) -> str:
    return (system.text(path) or "").strip()


def seen(nics: Iterable[Nic]) -> bytes:
    """What stands in `SEEN` when these are there."""
    return "".join(f"{mac}\n" for mac in sorted(hardware(nics))).encode()


def hardware(nics: Iterable[Nic]) -> Dict[str, Nic]:
    """The interfaces that somebody plugged in, by their addresses: what software makes has no driver in sysfs."""
    return {nic.mac: nic for nic in nics if nic.driver and nic.mac.strip("0:")}


def names_are_noted(system: System, source: Source, folder: str) -> bool:
    """Are the interfaces and their names what `note_names` saw, under this description?"""
    return system.text(f"{folder}/{NAMED}") == _names_mark(system, source)


def note_names(system: System, source: Source, folder: str) -> None:
    """Writes them down, where all that are described are there and have their names. ``folder`` is the instance's."""
    from cloudboot.network import parse
    from cloudboot.network.rename import commands, renames

    nics = nics_of(system)
    network = parse(source.document, nics)
    wanted, warnings = renames(network, nics)
    todo, more = commands(wanted, nics, lambda name: False)
    there = {nic.mac for nic in nics}
    missing = [d for d in network.devices if d.match.mac and d.match.mac not in there]
    if not (warnings or todo or more or missing):
        system.write(f"{folder}/{NAMED}", _names_mark(system, source), mode=0o600)


def _names_mark(system: System, source: Source) -> str:
    from cloudboot.digests import sha256

    seen = [(nic.name, nic.mac, nic.driver, nic.kind) for nic in nics_of(system)]
    return sha256(repr((source.document, seen)).encode()).hexdigest() + "\n"
