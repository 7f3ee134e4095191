"""The machine's name: which one it is to have, where its distribution keeps it, and how it takes it on."""

from __future__ import annotations

from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Bool, Text, option

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

    from cloudboot.system.door import System
    from cloudboot.values import Instance, Os

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")
LONGEST = 64  # what the kernel takes
PREVIOUS = "/var/lib/cloudboot/data/previous-hostname"
"""The name that was set last: where the machine has another one, somebody has chosen it."""


class Names(Noun):
    """A short name and a full one, each empty where nothing says it."""

    short: str = ""
    full: str = ""


class Wish(Noun):
    """What a document says of the name."""

    hostname: Optional[str] = option(Text, default=None, help="the name; with dots it is the full one too")
    fqdn: Optional[str] = option(Text, default=None, help="the full name, with the domain")
    preserve_hostname: bool = option(Bool, default=False, help="leave the name as it is")
    prefer_fqdn_over_hostname: Optional[bool] = option(
        Bool,
        default=None,
        help="the machine takes its full name; so it does on the Red Hat family where nothing is said",
    )
    create_hostname_file: bool = option(Bool, default=True, help="make the file of the name where there is none")


def names(config: Mapping[str, Any], instance: Instance) -> Names:
    """The names that a merged config asks for, or else those the cloud gives. Raises `CloudbootError` for what is
    none."""
    given = _of_cloud(_checked(instance.hostname or ""))
    hostname, fqdn = (_checked(str(config.get(key) or "")) for key in ("hostname", "fqdn"))
    if fqdn:
        return Names(hostname or fqdn.partition(".")[0], fqdn)
    if not hostname:
        return given
    short, dot, domain = hostname.partition(".")
    if short and dot:
        return Names(short, hostname)
    domain = given.full.partition(".")[2]
    return Names(hostname, f"{hostname}.{domain}" if domain else "")


def chosen(wish: Wish, os: Os, instance: Instance) -> str:
    """The one name the machine is to have, empty where it keeps its own. Raises as `names` does."""
    known = names({"hostname": wish.hostname, "fqdn": wish.fqdn}, instance)
    full = wish.prefer_fqdn_over_hostname
    if full is None:
        full = os.family == "redhat"
    name = (known.full if full else known.short) or known.short or known.full
    return known.short if len(name) > LONGEST else name


def current(system: System, os: Os) -> str:
    """The name in the machine's own file, empty where there is none."""
    path, key = _file(system, os)
    for line in (system.text(path) or "").splitlines():
        line = line.partition("#")[0].strip()
        if line and not key:
            return line
        if line.startswith(f"{key}="):
            return line[len(key) + 1 :].strip().strip("\"'")
    return ""


def keep(system: System, os: Os, name: str, create: bool = True) -> None:
    """Writes the name to the file it is read from at boot; a missing file is made only where ``create``."""
    path, key = _file(system, os)
    old = system.text(path)
    if old is None and not create:
        return
    if not key:
        system.write(path, f"{name}\n")
        return
    others = [line for line in (old or "").splitlines() if not line.startswith(f"{key}=")]
    line = f'{key}="{name}"' if key == "hostname" else f"{key}={name}"
    system.write(path, "".join(f"{text}\n" for text in (*others, line)))


def take_on(system: System, name: str, root: str) -> None:
    """Makes the running machine have the name. An image being built is not running, and the machine that builds it
    keeps its own."""
    if root != "/" or (system.text("/proc/sys/kernel/hostname") or "").strip() == name:
        return
    done = system.take_name(
        name
    )  # not hostnamectl: it asks a service of D-Bus, which is not there before the network is
    if done.code:  # a container may not be allowed to
        system.warn(f"the name could not be set ({done.stderr.decode()}); it is taken on at the next boot")


def remember(system: System, name: str) -> None:
    system.write(PREVIOUS, f"{name}\n")


def remembered(system: System) -> str:
    return (system.text(PREVIOUS) or "").strip()


def _of_cloud(name: str) -> Names:
    if name.replace(".", "").isdigit() and name.count(".") == 3:  # an address is no name, so it becomes one
        return Names(f"ip-{name.replace('.', '-')}")
    short, dot, _ = name.partition(".")
    return Names(short, name if dot and short else "")


def _checked(name: str) -> str:
    name = name.strip()
    if not LETTERS.issuperset(name) or len(name.partition(".")[0]) > LONGEST or name[:1] in ("-", "."):
        raise CloudbootError("the host name is none", f"use at most {LONGEST} letters, digits, hyphens and dots")
    return name


def _file(system: System, os: Os) -> Tuple[str, str]:
    """The file that holds the name, and the word before it, empty where the file is the name and nothing else."""
    systemd = any(system.exists(p) for p in ("/run/systemd/system", "/usr/lib/systemd/systemd", "/lib/systemd/systemd"))
    if os.family == "suse" and not systemd:
        return "/etc/HOSTNAME", ""
    if os.family == "gentoo" and not systemd:
        return "/etc/conf.d/hostname", "hostname"
    if os.family == "redhat" and not systemd and system.exists("/etc/sysconfig/network"):
        return "/etc/sysconfig/network", "HOSTNAME"
    return "/etc/hostname", ""
