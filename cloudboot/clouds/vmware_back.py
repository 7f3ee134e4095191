"""What a VMware host gets back from its guest: addresses, secrets taken away, and how a customization ended.

Facts: "VMware" in the datasources reference: ``info-set`` of guestinfo variables, which cannot be deleted but only be
made blank, and ``deployPkg.update.state`` with a state, a code and the path of a log.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Mapping, Tuple

    from cloudboot.system.door import System
    from cloudboot.values import Instance

TOOLS: Tuple[Tuple[str, ...], ...] = (("vmware-rpctool",), ("vmtoolsd", "--cmd"))
REDACTED, BLANK = "---", " "
DATA = ("metadata", "userdata", "vendordata")
PLACES = (("local-ipv4", "192.0.2.1"), ("local-ipv6", "2001:db8::1"))
"""The variable of each family, and an address that nobody has, to which the way out leads."""
DONE, LOG = "deployPkg.update.state 5 0", "/var/log/cloudboot.log"
SECONDS = 10.0


def publish(system: System, instance: Instance) -> None:
    """The addresses by which this machine goes out, and blanks where the owner wants no data left."""
    for name in redacted(instance.metadata):
        _say(system, f"info-set guestinfo.{name} {REDACTED}")
        _say(system, f"info-set guestinfo.{name}.encoding {BLANK}")
    for name, elsewhere in PLACES:
        address = own_address(elsewhere)
        if address:
            _say(system, f"info-set guestinfo.{name} {address}")


def redacted(metadata: Mapping[str, Any]) -> Tuple[str, ...]:
    """The variables that the owner wants blank once they are read."""
    told = metadata.get("redact") or metadata.get("cleanup-guestinfo") or ()
    listed = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return tuple(name for name in DATA if name in listed)


def customized(system: System, folder: str) -> None:
    """The host is told that its specification was carried out, which is then gone, with the password in it."""
    _say(system, f"{DONE} {LOG}")
    system.remove(folder, tree=True)


def own_address(elsewhere: str) -> str:
    """The address that a packet to there would carry; empty where there is no way. None is sent."""
    import socket

    family = socket.AF_INET6 if ":" in elsewhere else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((elsewhere, 9))
            return str(sock.getsockname()[0])
    except OSError:
        return ""


def _say(system: System, words: str) -> None:
    for tool in TOOLS:
        if system.which(tool[0]) and not system.run(*tool, words, timeout=SECONDS, check=False, machine=True).code:
            return
