"""The network interfaces, as sysfs shows them now."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Nic

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.values import FileView, Host

FOLDER = "/sys/class/net"
UP, LOOPBACK = 0x1, 0x8


def nics(host: Host) -> Tuple[Nic, ...]:
    files = host.files
    found = (n for n in files.names(FOLDER) if files.has(f"{FOLDER}/{n}/address"))
    return tuple(_nic(files, name) for name in found)


def _nic(files: FileView, name: str) -> Nic:
    top = f"{FOLDER}/{name}"
    flags = _number(files.line(f"{top}/flags"))
    return Nic(
        name=name,
        mac=files.line(f"{top}/address").lower(),
        driver=files.link(f"{top}/device/driver").rpartition("/")[2],
        up=bool(flags & UP),
        carrier=files.line(f"{top}/carrier") == "1",
        kind="loopback" if flags & LOOPBACK else _kind(files, top),
    )


def _kind(files: FileView, top: str) -> str:
    """physical, or what made it: bridge, bond, vlan, wlan, tun, ... virtual where nobody says."""
    for line in (files.read(f"{top}/uevent") or b"").decode("ascii", "replace").splitlines():
        if line.startswith("DEVTYPE="):
            return line[8:]
    for mark, kind in (("bridge", "bridge"), ("bonding", "bond"), ("tun_flags", "tun"), ("device", "physical")):
        if files.has(f"{top}/{mark}"):
            return kind
    return "virtual"


def _number(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 0
