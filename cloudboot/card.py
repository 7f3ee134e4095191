"""What must be known of a module to decide whether it is due: little enough to keep for all of them in one file."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Choice, Noun
from cloudboot.values import Host

if TYPE_CHECKING:
    from typing import Any, Mapping, Tuple

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


class Card(Noun):
    """A module's name, when it runs, and the top-level keys that ask for it (``unasked``: it needs none).
    ``listed``: the lists of modules in an image's configuration know of it. ``contained``: it has something to do in a
    container, too. ``there``: without its keys it has something to do only where one of these paths is there; one that
    ends in a slash is a folder that holds something, ``{instance}`` the instance's own folder. ``image``: it reads the
    image's configuration alone, and user-data has no say."""

    name: str
    stage: Stage
    every: Every
    keys: Tuple[str, ...] = ()
    unasked: bool = False
    after: Tuple[str, ...] = ()
    distros: Tuple[str, ...] = ()
    listed: bool = True
    contained: bool = True
    there: Tuple[str, ...] = ()
    image: bool = False

    def asked(self, config: Mapping[str, Any]) -> bool:
        return self.unasked or any(key in config for key in self.keys)

    def suits(self, host: Host) -> bool:
        return not self.distros or host.os.id in self.distros or host.os.family in self.distros
