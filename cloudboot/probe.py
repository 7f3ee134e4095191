"""What a datasource may use: it can read the world and change nothing."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Optional, Tuple

    from cloudboot.dhcp.lease import Lease


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
