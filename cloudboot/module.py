"""The contract of a file in modules/: what it is called, when it runs, what it reads, what it does."""

from __future__ import annotations

from cloudboot.card import STATE, Card, Every, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import keys_of, parse, read
from cloudboot.schema.problem import old
from cloudboot.system.door import System
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Callable, List, Mapping, Optional, Tuple, Type

    from cloudboot.schema import Problem

__all__ = ["Boot", "Every", "Module", "Stage", "Work"]


class Boot(Noun):
    """Everything known when modules start; nothing in it changes.

    ``config`` is the merged cloud-config of owner, vendor and image. ``first`` is true in the boot that made this
    instance. ``event`` is what made the module run: boot, or hotplug where a network interface came or went while the
    machine was up.
    """

    stage: Stage
    host: Host
    instance: Instance
    config: Mapping[str, Any] = {}
    first: bool = True
    event: str = "boot"

    @property
    def folder(self) -> str:
        """This instance's own folder in the state."""
        return f"{STATE}/instances/{self.instance.id.replace('/', '_')}"

    @property
    def env(self) -> Mapping[str, str]:
        """What an owner's own command finds in its environment."""
        return {"INSTANCE_ID": self.instance.id, "CLOUDBOOT_STAGE": self.stage.value}


class Module(Noun):
    """One file's promise.

    ``key`` is the top-level key whose value the options are; with none, the options' own names are top-level keys.
    ``unasked``: it runs on its defaults when the config says nothing. ``after``: modules of the same stage that come
    first. ``distros``: families or ids it is for, all where empty. ``also``: further top-level keys that ask for it.
    ``aliases``: older names of the key, with the release that deprecated each. ``bare``: the key alone, with no value,
    asks for all the defaults. ``listed=False``: the lists of modules that images have do not know it, so that it runs
    though they do not name it. ``work`` says what gives it something to do, where that can be told without it.
    ``image``: it reads the image's own configuration, and user-data has no say.

    What is of the local stage runs there where all that user-data says is known by then, else first in the network
    stage.
    """

    name: str
    stage: Stage
    every: Every
    options: Type[Noun]
    apply: Callable[[System, Any, Boot], None]
    key: str = ""
    unasked: bool = False
    after: Tuple[str, ...] = ()
    distros: Tuple[str, ...] = ()
    also: Tuple[str, ...] = ()
    aliases: Mapping[str, str] = {}
    bare: bool = False
    listed: bool = True
    image: bool = False
    work: Optional[Work] = None

    @property
    def keys(self) -> Tuple[str, ...]:
        """The top-level keys that this module reads."""
        return (self.key, *self.aliases) if self.key else tuple(keys_of(self.options))

    @property
    def card(self) -> Card:
        """What decides whether it is due."""
        keys = (*self.keys, *self.also)
        return Card(self.name, self.stage, self.every, keys, self.unasked, self.after, self.distros, self.listed,
                    self.image, self.work)  # fmt: skip

    @property
    def summary(self) -> str:
        """What it does, in the first line of its file's docstring."""
        import sys

        first = (sys.modules[self.apply.__module__].__doc__ or "").strip().partition("\n")[0]
        return first.partition(": ")[2] or first

    def read(self, config: Mapping[str, Any]) -> Tuple[Any, Tuple[Problem, ...]]:
        """The options that the config asks for, and what was wrong but understood. Raises `Invalid`."""
        if not self.key:
            return read(self.options, {k: config[k] for k in self.keys if k in config})
        name = next((k for k in self.keys if k in config), self.key)
        value = config.get(name)
        return read(self.options, {} if value is None else value, (name,))

    def check(self, config: Mapping[str, Any]) -> Tuple[Problem, ...]:
        """Everything that is wrong with what the config asks of this module; nothing is raised."""
        if not self.key:
            return parse(self.options, {k: config[k] for k in self.keys if k in config})[1]
        found: List[Problem] = []
        for key in self.keys:
            if key in config and not (self.bare and config[key] is None):
                found += parse(self.options, config[key], (key,))[1]
            if key in config and key in self.aliases:
                found.append(old((key,), self.aliases[key], self.key))
        return tuple(found)
