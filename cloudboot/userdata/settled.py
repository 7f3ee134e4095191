"""What all that was sent comes to; apart from what works it out, since most boots only recall it."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Mapping, Tuple

    from cloudboot.errors import BadPart
    from cloudboot.userdata.fold import Script
    from cloudboot.userdata.handlers import Handler


class Settled(Noun):
    """All that an instance is asked to be.

    ``config`` is the merged cloud-config. ``problems`` are the parts that could not be understood, with their places;
    ``notes`` are things that were done but hardly meant.
    """

    config: Mapping[str, Any]
    scripts: Tuple[Script, ...] = ()
    boothooks: Tuple[Script, ...] = ()
    handlers: Tuple[Handler, ...] = ()
    problems: Tuple[BadPart, ...] = ()
    notes: Tuple[BadPart, ...] = ()
