"""The system that runs here: its distribution, from os-release(5), its kernel, and the kernel's command line."""

from __future__ import annotations

from os import uname

from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Os

if TYPE_CHECKING:
    from typing import Dict

    from cloudboot.values import Host

FAMILIES = {
    "debian": "debian ubuntu raspbian raspberry-pi-os devuan kali linuxmint pardus deepin",
    "redhat": "rhel fedora centos almalinux amzn azurelinux cloudlinux eurolinux mariner miraclelinux ol openeuler "
    "openmandriva opencloudos photon rocky scientific tencentos virtuozzo",
    "suse": "sles sled sle_hpc sle-micro suse opensuse opensuse-leap opensuse-tumbleweed opensuse-microos",
    "alpine": "alpine",
    "arch": "arch archarm manjaro",
    "gentoo": "gentoo flatcar cos",
}
FAMILY = {id: family for family, ids in FAMILIES.items() for id in ids.split()}


def os(host: Host) -> Os:
    text = host.files.read("/etc/os-release") or host.files.read("/usr/lib/os-release") or b""
    told = assignments(text.decode("utf-8", "replace"))
    id = told.get("ID", "linux").lower()
    if host.files.has("/etc/rpi-issue"):  # its os-release calls it debian
        id = "raspberry-pi-os"
    near = (FAMILY.get(name) for name in (id, *told.get("ID_LIKE", "").lower().split()))
    return Os(
        id=id,
        family=next(filter(None, near), "linux"),
        version=told.get("VERSION_ID", ""),
        codename=told.get("VERSION_CODENAME", ""),
        name=told.get("PRETTY_NAME", ""),
    )


def assignments(text: str) -> Dict[str, str]:
    """NAME=value lines as a shell reads them; what stands in quotes loses them and its backslashes."""
    found = {}
    for line in text.splitlines():
        name, mark, value = line.strip().partition("=")
        if mark and not name.startswith("#"):
            if value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1:
                quote, value = value[0], value[1:-1]
                if quote == '"':
                    value = _unescaped(value)
            else:
                value = _unescaped(value)
            found[name] = value
    return found


def _unescaped(value: str) -> str:
    out, taken = [], False
    for char in value:
        if char == "\\" and not taken:
            taken = True
            continue
        out.append(char)
        taken = False
    return "".join(out)


def kernel(host: Host) -> str:
    return uname().release


def arch(host: Host) -> str:
    """As the kernel names it: x86_64, aarch64, s390x, ..."""
    return uname().machine


def cmdline(host: Host) -> str:
    """A container sees that of its host, so its own is how its first process was started."""
    data = host.files.read("/proc/1/cmdline" if host.container else "/proc/cmdline") or b""
    return data.replace(b"\0", b" ").decode("utf-8", "replace").strip()
