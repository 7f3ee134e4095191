"""What must be known of a module to decide whether it is due: little enough to keep for all of them in one file."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Choice, Noun
from cloudboot.values import Host

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

STATE = "/var/lib/cloudboot"
RUN = "/run/cloudboot"


class Stage(Choice):
    LOCAL = "local"
    NETWORK = "network"
    CONFIG = "config"
    FINAL = "final"


class Every(Choice):
    """How often a module runs: at every boot, once for an instance, or once for as long as this disk lives."""

    BOOT = "always"
    INSTANCE = "instance"
    ONCE = "once"


class Work(Noun):
    """What gives a module something to do, where that can be told without it; with none of it, it is not imported.

    What its keys say always does. ``there`` are paths, one that ends in a slash being a folder that holds something,
    and ``{instance}`` the instance's own folder. ``contained=False``: in a container only what its keys say does.
    """

    there: Tuple[str, ...] = ()
    contained: bool = True


class Card(Noun):
    """A module's name, when it runs, and the top-level keys that ask for it (``unasked``: it needs none).
    ``listed``: the lists of modules in an image's configuration know of it. ``image``: it reads the image's
    configuration alone, and user-data has no say. ``work``: what gives it something to do; None where only it knows."""

    name: str
    stage: Stage
    every: Every
    keys: Tuple[str, ...] = ()
    unasked: bool = False
    after: Tuple[str, ...] = ()
    distros: Tuple[str, ...] = ()
    listed: bool = True
    image: bool = False
    work: Optional[Work] = None

    def asked(self, config: Mapping[str, Any]) -> bool:
        return self.unasked or any(key in config for key in self.keys)

    def suits(self, host: Host) -> bool:
        return not self.distros or host.os.id in self.distros or host.os.family in self.distros
