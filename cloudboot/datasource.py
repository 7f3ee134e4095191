"""The contract of a file in datasources/: how a machine is recognised, and how it is asked who it is."""

from __future__ import annotations

from cloudboot.card import Every, Stage
from cloudboot.noun import TYPE_CHECKING, Choice, Noun
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Optional, Tuple

    from cloudboot.errors import CloudbootError
    from cloudboot.probe import Probe
    from cloudboot.system.door import System

__all__ = ["Datasource", "Every", "Evidence", "Needs", "Signal", "Stage"]


class Needs(Choice):
    """What must be up before a datasource can be asked."""

    NOTHING = 0
    LINK_LOCAL = 1
    NETWORK = 2


class Evidence(Noun):
    """Why a machine is, or may be, this datasource's: ``sure`` is false for a candidate that must be asked."""

    why: str
    sure: bool = True


class Signal(Noun):
    """What a cloud wants to hear from its machine once it has come so far.

    ``say(system, probe, instance)`` speaks through the door at the end of ``stage``: at every boot, or once for an
    instance. What could not be said is an error, and is said at the next boot. It may raise `NotYet` where a later
    signal of the same ``name`` has another try in this boot: then it is a warning. ``due(instance)`` tells whether
    there is anything to say, as far as the instance alone decides that.
    """

    name: str
    stage: Stage
    every: Every
    say: Callable[[System, Probe, Instance], None]
    due: Callable[[Instance], bool] = lambda instance: True


class Datasource(Noun):
    """One file's promise.

    ``detect(host, settings)`` is pure: it looks at nothing but its arguments. ``settings`` is the image's own mapping
    for this datasource (``datasource: {NoCloud: {...}}``). ``fetch(probe)`` reads, and returns the instance, or raises
    `NotYet` (ask in a later stage), `Absent` (not mine after all) or `Unreachable`. ``same(host, instance)`` tells from
    the machine alone whether the stored instance is still this one: True, False, or None where it cannot say.
    ``updates`` are the events at which this cloud may tell of another network: boot-new-instance, boot, boot-legacy,
    hotplug. ``signs`` names in one phrase what ``detect`` looks for, for a person who wonders why it found nothing;
    ``clues`` say the same as data (`cloudboot.clues`): where none of them is seen, ``detect`` is not asked.
    ``signals`` is what its cloud is told; ``failed(system, probe, problem)`` tells it of a machine that could not find
    out who it is.
    ``settings`` documents the keys that ``detect`` and ``fetch`` read, but for those that `reach` does.
    """

    name: str
    title: str
    needs: Needs
    detect: Callable[[Host, Mapping[str, Any]], Optional[Evidence]]
    fetch: Callable[[Probe], Instance]
    same: Optional[Callable[[Host, Instance], Optional[bool]]] = None
    aliases: Tuple[str, ...] = ()
    updates: Tuple[str, ...] = ("boot-new-instance",)
    signs: str = ""
    clues: Mapping[str, Tuple[str, ...]] = {}
    signals: Tuple[Signal, ...] = ()
    failed: Optional[Callable[[System, Probe, CloudbootError], None]] = None
    settings: Mapping[str, Setting] = {}
