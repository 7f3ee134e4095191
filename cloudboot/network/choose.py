"""Which program manages the network of this system, and which brings it up now.

Facts: netconfig reference, section 6, and section 5.4 of the behaviour reference.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Sequence

    from cloudboot.system.door import System
    from cloudboot.values import Os

ORDER = ("eni", "sysconfig", "netplan", "network-manager", "networkd")
PREFERRED = {
    "ubuntu": ("netplan", "eni", "sysconfig"),
    "debian": ("netplan", "eni", "networkd"),
    "fedora": ("netplan", "network-manager", "networkd", "sysconfig", "eni"),
    "redhat": ("eni", "netplan", "network-manager", "sysconfig", "networkd"),
    "alpine": ("eni",),
    "photon": ("networkd",),
    "mariner": ("networkd",),
    "azurelinux": ("netplan", "networkd", "network-manager"),
    "raspberry-pi-os": ("netplan", "network-manager"),
    "openmandriva": ("network-manager", "networkd"),
}
ACTIVATORS = ("eni", "netplan", "network-manager", "networkd")
ACTIVATORS_DEBIAN = ("netplan", "eni", "network-manager", "networkd")


def choose_renderer(system: System, os: Os, asked: Sequence[str] = ()) -> str:
    """The first renderer that this system has, of those that its configuration asks for (``renderers``) or that its
    distribution prefers; empty where it has none. Raises `Invalid` for a name that is none."""
    for name in asked:
        if name not in (*ORDER, "freebsd", "netbsd", "openbsd"):
            raise Invalid("no such renderer in system_info.network.renderers", f"there are {', '.join(ORDER)}")
    wanted = asked or PREFERRED.get(os.id) or PREFERRED.get(os.family) or ORDER
    return next((name for name in (*wanted, *(() if asked else ORDER)) if has_renderer(system, name, os)), "")


def choose_activator(system: System, os: Os, renderer: str, asked: Sequence[str] = ()) -> str:
    """The program that brings up what was written: that of the renderer where it can, else the first there is."""
    for name in asked:
        if name not in (*ACTIVATORS, "ifconfig"):
            raise Invalid("no such activator in system_info.network.activators", f"there are {', '.join(ACTIVATORS)}")
    order = tuple(asked) or (ACTIVATORS_DEBIAN if os.family == "debian" else ACTIVATORS)
    if not asked and renderer in order:
        order = (renderer, *order)
    return next((name for name in order if has_activator(system, name)), "")


def has_renderer(system: System, name: str, os: Os) -> bool:
    """Does this system read what the renderer writes?"""
    if name == "eni":
        file = system.look("/etc/network/interfaces")
        return _has(system, "ifquery", "ifup", "ifdown") and file is not None and file.kind in ("file", "link")
    if name == "netplan":
        return _has(system, "netplan")
    if name == "networkd":
        return _has(system, "ip", "systemctl")
    if name == "network-manager":
        return _has(system, "nmcli") and (not system.exists("/run/systemd/system") or _enabled(system))
    return name == "sysconfig" and os.family in ("redhat", "suse") and _has_scripts(system)


def has_activator(system: System, name: str) -> bool:
    programs = {"eni": ("ifquery", "ifup", "ifdown"), "netplan": ("netplan",), "network-manager": ("nmcli",),
                "networkd": ("ip", "systemctl")}  # fmt: skip
    return name in programs and _has(system, *programs[name])


def _has(system: System, *programs: str) -> bool:
    return all(system.which(p) for p in programs)


def _enabled(system: System) -> bool:
    return system.query("systemctl", "is-enabled", "NetworkManager.service").code == 0


def _has_scripts(system: System) -> bool:
    if _has(system, "ifup", "ifdown") and any(
        system.exists(f"/etc/sysconfig/{path}")
        for path in ("network-scripts/network-functions", "network/functions", "config", "network/config")
    ):
        return True
    for folder in ("/usr/lib64/NetworkManager", "/usr/lib/NetworkManager"):
        for version in system.names(folder):
            if system.exists(f"{folder}/{version}/libnm-settings-plugin-ifcfg-rh.so"):
                return True
    return False
