"""byobu: start the terminal multiplexer byobu at login, or stop doing so.

    byobu_by_default: enable-system

``enable-system`` (or enable, system) is for everybody, ``enable-user`` (or user) for the default user as well;
``disable-system`` and ``disable-user`` take each back, and ``disable`` both. byobu is installed if it has to be.
"""

from __future__ import annotations

from cloudboot.admin import debconf, packages, people
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Choice
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional

WORDS = ("enable-system", "enable-user", "disable-system", "disable-user", "enable", "disable", "user", "system")


class Options(Noun):
    byobu_by_default: Optional[str] = option(Choice(*WORDS), default=None, help="for whom byobu starts, or stops")


def apply(system: System, options: Options, boot: Boot) -> None:
    word = options.byobu_by_default
    if not word:
        return
    on = not word.startswith("disable")
    if not system.which("byobu"):
        packages.ensure(system, boot.host.os, "byobu")
    if word == "disable" or word.endswith("user"):
        user = people.roster(boot.config).default
        if user:
            system.run(f"byobu-launcher-{'install' if on else 'uninstall'}", user=user)
        else:
            system.warn("byobu_by_default speaks of the default user, and there is none")
    if on or word != "disable-user":
        debconf.answer(system, f"byobu byobu/launch-by-default boolean {str(on).lower()}")
        system.run("dpkg-reconfigure", "--frontend=noninteractive", "byobu")


MODULE = Module("byobu", Stage.CONFIG, Every.INSTANCE, Options, apply, distros=("debian",), after=("runcmd",))
