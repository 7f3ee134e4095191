"""timezone: the zone that this machine's clock is read in.

    timezone: Europe/Madrid

A name below /usr/share/zoneinfo. /etc/localtime becomes a link to it, and /etc/timezone names it where the
distribution keeps one (Debian, Alpine, Arch, Gentoo). A zone that the machine does not know is an error; a machine
without any zones (tzdata is not installed) is set all the same, with a warning.
"""

from __future__ import annotations

from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional

ZONES = "/usr/share/zoneinfo"
NAMED = ("debian", "alpine", "arch", "gentoo")


class Options(Noun):
    timezone: Optional[str] = option(Text, help="a zone by its name, such as Europe/Madrid")


def apply(system: System, options: Options, boot: Boot) -> None:
    zone = (options.timezone or "").strip("/")
    if not zone:
        return
    if ".." in zone.split("/") or (system.exists(ZONES) and not system.exists(f"{ZONES}/{zone}")):
        raise CloudbootError("there is no such timezone here", f"see what {ZONES} holds")
    if not system.exists(ZONES):
        system.warn(f"no zones are installed, so the timezone has no effect before {ZONES} is there")
    system.link("/etc/localtime", f"{ZONES}/{zone}")
    if boot.host.os.family in NAMED:
        system.write("/etc/timezone", f"{zone}\n")


MODULE = Module("timezone", Stage.CONFIG, Every.INSTANCE, Options, apply, after=("ntp",))
