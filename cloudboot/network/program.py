"""The program that manages the network of this system: which it is, which one brings links up now, and how it is had to
take what was written for it where it runs already.

Facts: netconfig reference, section 6; section 5.4 of the behaviour reference.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Sequence, Set

    from cloudboot.network.model import Network
    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System
    from cloudboot.values import FileSpec, Os

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
IFSTATE = "/run/network/ifstate"
SECONDS = 120.0
BOOTED = "/run/systemd/system"
"""There where systemd runs the machine (sd_booted(3))."""
STARTED = "/run/systemd/units"
"""A link named ``invocation:UNIT`` for each unit that was started and has not ended (systemd since 235)."""
NETWORKD = ("systemd-networkd.service", "systemd-networkd-wait-online.service")
REFUSED = 1
"""The status with which netplan ends where the fault is in the description."""


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


def prepare(system: System, renderer: str, nics: Sequence[str], cmdline: str, changed: bool) -> None:
    """What has to happen before the manager starts: netplan makes its own files from ours, and udev gives the
    interfaces what the new .link files say. Raises `Invalid` where netplan refuses the description."""
    if not changed:
        return
    if renderer == "netplan":
        done = system.run("netplan", "generate", check=False, timeout=SECONDS)
        if done.code == REFUSED:
            raise Invalid(f"netplan does not take it: {_said(done)}")
        if done.code:
            system.warn(f"netplan generate failed: {_said(done)}")
    if renderer == "netplan" and system.which("udevadm") and "net.ifnames=0" not in cmdline.split():
        for name in nics:
            if name != "lo":
                tried(system, "udevadm", "test-builtin", "net_setup_link", f"/sys/class/net/{name}", quietly=True)
    start_manager(system, renderer)


def start_manager(system: System, renderer: str) -> None:
    """Has networkd start in this boot where it would not by itself: an image whose network nobody has described yet may
    have it switched off, and netplan's generator, which switches it on, ran before there was anything to read."""
    wanted = renderer == "networkd" or (
        renderer == "netplan" and any("netplan" in name for name in system.names("/run/systemd/network"))
    )
    if not wanted or not system.exists(BOOTED) or is_enabled(system, NETWORKD[0]):
        return
    state = system.query("systemctl", "is-enabled", NETWORKD[0]).stdout.decode("utf-8", "replace").strip()
    if state.startswith("masked"):
        system.warn(f"{NETWORKD[0]} is to bring the network up, and is masked")
    elif state == "disabled":
        if renderer == "networkd":
            tried(system, "systemctl", "enable", *NETWORKD)
        tried(system, "systemctl", "--no-block", "start", *NETWORKD)


def is_enabled(system: System, unit: str) -> bool:
    """Is it plain that the unit starts with the machine? False where systemd is to be asked."""
    folder = "/etc/systemd/system"
    return system.exists(f"{folder}/multi-user.target.wants/{unit}") and not system.exists(f"{folder}/{unit}")


def activate(system: System, activator: str, network: Network, files: Sequence[FileSpec]) -> None:
    """Brings the links up as described. Before the manager has started there is nothing to do."""
    if not activator:
        system.warn("nothing here can bring links up; the network starts as described at the next boot")
    elif activator == "netplan":
        if is_active(system, "systemd-networkd.service") or is_active(system, "NetworkManager.service"):
            tried(system, "netplan", "apply")
    elif activator == "eni":
        _ifupdown(system, network)
    elif activator == "network-manager":
        _network_manager(system, files)
    elif activator == "networkd" and is_active(system, "systemd-networkd.service"):
        tried(system, "systemctl", "try-restart", "systemd-networkd.service", "systemd-resolved.service")


def _ifupdown(system: System, network: Network) -> None:
    """What ifupdown has up goes down and up again; before it has started, it does it all itself."""
    up = ifstate(system)
    if not up and not is_active(system, "networking.service"):
        return
    for device in network.devices:
        if device.name == "lo" or not (device.subnets or device.kind == "bond"):
            continue
        if device.name in up:
            tried(system, "ifdown", device.name)
        tried(system, "ifup", device.name)


def ifstate(system: System) -> Set[str]:
    """What ifupdown has up, besides lo."""
    state = (system.text(IFSTATE) or "").splitlines()
    return {line.partition("=")[0] for line in state if line} - {"lo"}


def _network_manager(system: System, files: Sequence[FileSpec]) -> None:
    if not is_active(system, "NetworkManager.service"):
        return
    profiles = [spec.path for spec in files if spec.path.endswith(".nmconnection")]
    for path in profiles:
        tried(system, "nmcli", "connection", "load", path)
    for path in profiles:
        tried(system, "nmcli", "connection", "up", "filename", path)


def is_active(system: System, unit: str) -> bool:
    """Does systemd say that this unit runs? It keeps a link of one that does, so that early in a boot, when it has
    enough to do, it need not be asked."""
    if not system.exists(BOOTED) or (system.exists(STARTED) and not system.exists(f"{STARTED}/invocation:{unit}")):
        return False
    return system.query("systemctl", "is-active", "--quiet", unit).code == 0


def tried(system: System, *argv: str, quietly: bool = False) -> None:
    """Runs a command whose failure is worth a warning and no more, and where ``quietly`` not even that."""
    done = system.run(*argv, check=False, timeout=SECONDS)
    if done.code and not quietly:
        system.warn(f"{' '.join(argv)} failed: {_said(done)}")


def _said(done: Outcome) -> str:
    """The last words of a command, or its status where it had none."""
    words = (done.stderr or done.stdout).decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
    return words or f"status {done.code}"
