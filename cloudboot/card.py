"""What must be known of a module to decide whether it is due: little enough to keep for all of them in one file."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Choice, Noun
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Optional, Sequence, Tuple

STATE = "/var/lib/cloudboot"
RUN = "/run/cloudboot"
INTERRUPTED = f"{RUN}/ephemeral.json"
"""What an agent that was killed in the middle of a question had made of a network for it; see `early`."""


class Stage(Choice):
    LOCAL = "local"
    NETWORK = "network"
    CONFIG = "config"
    FINAL = "final"


ACCESS = ("users_groups", "ssh")
"""What lets the owner in: it comes before anything that can fail or wait."""
LISTS = {
    Stage.NETWORK: "cloud_init_modules",
    Stage.CONFIG: "cloud_config_modules",
    Stage.FINAL: "cloud_final_modules",
}
"""Where an owner says which modules run in a stage; see `schedule`."""


class Every(Choice):
    """How often a module runs: at every boot, once for an instance, or once for as long as this disk lives."""

    BOOT = "always"
    INSTANCE = "instance"
    ONCE = "once"


class Work(Noun):
    """What gives a module something to do, where that can be told without it; with none of it, it is not imported.

    What its keys say does, unless they are only ``tuning``, which say how. Where there are ``words``, not the keys do
    but one of these, as a name anywhere in the config. ``there`` are paths, one that ends in a slash being a folder
    that holds something, and ``{instance}`` the instance's own folder; ``holding`` files with a word each must hold.
    ``brought`` is what the cloud may have brought: fields of the instance or names in its metadata, ``updates=hotplug``
    where a field must be or hold this. ``redone``: it does again what this module does, and nothing where that one has
    just done it without a word. ``contained=False``: in a container only what its keys say does.
    """

    there: Tuple[str, ...] = ()
    holding: Mapping[str, str] = {}
    brought: Tuple[str, ...] = ()
    words: Tuple[str, ...] = ()
    tuning: Tuple[str, ...] = ()
    redone: str = ""
    contained: bool = True

    def is_said(self, config: Mapping[str, Any], keys: Iterable[str]) -> bool:
        """Do these keys of the config ask for it?"""
        if self.words:
            return _mentions(config, self.words)
        return any(key in config and key not in self.tuning for key in keys)

    def is_brought(self, instance: Instance) -> bool:
        """Did the cloud bring any of it?"""
        for name, mark, word in (what.partition("=") for what in self.brought):
            value = getattr(instance, name, None) or instance.metadata.get(name)
            if value and (not mark or value == word or (isinstance(value, tuple) and word in value)):
                return True
        return False


def _mentions(value: Any, words: Sequence[str]) -> bool:
    """Is one of these words a key of any mapping in a value?"""
    if isinstance(value, dict):
        return any(key in words or _mentions(inner, words) for key, inner in value.items())
    return isinstance(value, (list, tuple)) and any(_mentions(inner, words) for inner in value)


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
