"""The contract of a file in datasources/: how a machine is recognised, how it is asked who it is, and with what."""

from __future__ import annotations

from cloudboot.card import Every, Stage
from cloudboot.noun import TYPE_CHECKING, Choice, Noun
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Optional, Tuple

    from cloudboot.dhcp.lease import Lease
    from cloudboot.errors import CloudbootError
    from cloudboot.system.door import System

__all__ = ["Datasource", "Every", "Evidence", "Needs", "Probe", "Signal", "Stage"]


class Needs(Choice):
    """What must be up before a datasource can be asked."""

    NOTHING = 0
    LINK_LOCAL = 1
    NETWORK = 2


class Evidence(Noun):
    """Why a machine is, or may be, this datasource's: ``sure`` is false for a candidate that must be asked."""

    why: str
    sure: bool = True


class Probe(Noun):
    """The machine as a datasource may read it.

    ``host`` is the machine as found; ``settings`` the image's mapping for this datasource; ``stage`` local or network;
    ``read(path)`` a file below the root, None where there is none; ``names(path)`` what a folder holds;
    ``open_device(path)`` a read-only descriptor of a block device or image; ``url(address)`` what a URL that an
    operator wrote holds (http, https, ftp, ftps, file), raising `Unreachable`, or `Missing` where there is nothing.

    ``waiting(what, since)`` hears what is being waited for, since when (seconds since the epoch).
    ``still_waiting(what)`` has to hear, once a minute or more often, of a wait that is right to have no end: the boot
    waits for as long as it does. ``warn(text)`` hears what is wrong and does not matter enough to fail; ``patience`` is
    how many seconds the asking may take in all, None for as long as the datasource thinks right; ``user`` is the name
    of the image's default user, for clouds that tell whose a key is; ``lease`` is what a DHCP server said, where the
    network is up for this question only.
    ``known`` is who the machine was at its last boot. ``remember(name, text)`` keeps a word for this datasource over
    power cuts and boots, an empty one for none; ``notes`` are those that were kept before.
    ``planning``: nobody is to be told anything, and what may take for ever is not waited for.
    """

    host: Host
    settings: Mapping[str, Any]
    stage: str
    read: Callable[[str], Optional[bytes]]
    names: Callable[[str], Tuple[str, ...]]
    open_device: Callable[[str], int]
    url: Callable[[str], bytes]
    waiting: Callable[[str, float], None] = lambda what, since: None
    still_waiting: Callable[[str], None] = lambda what: None
    warn: Callable[[str], None] = lambda text: None
    patience: Optional[float] = None
    user: str = ""
    lease: Optional[Lease] = None
    known: Optional[Instance] = None
    notes: Mapping[str, str] = {}
    planning: bool = False
    remember: Callable[[str, str], None] = lambda name, text: None


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
