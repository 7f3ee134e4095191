"""When the description of the network is read anew: as the owner says (``updates: {network: {when: [...]}}``), else as
the datasource does. Facts: section 5.6 of the behaviour reference."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Choice as OneOf
from cloudboot.schema import ListOf

if TYPE_CHECKING:
    from typing import FrozenSet, Optional, Tuple

    from cloudboot.values import Instance

AT_BOOT = frozenset(("boot", "boot-legacy"))
"""The events that come with every boot."""
HOTPLUG = "hotplug"
"""The event of an interface that comes or goes while the machine is up."""


class When(Noun):
    when: Optional[Tuple[str, ...]] = option(
        ListOf(OneOf("boot-new-instance", "boot", "boot-legacy", HOTPLUG)),
        required=True,
        default=None,
        help="the events at which it is written anew",
    )


class Updates(Noun):
    network: When = option(When, default=When(), help="of the network")


def events(updates: Updates, instance: Instance) -> FrozenSet[str]:
    """The events at which the network of this instance is described anew."""
    when = updates.network.when
    return frozenset(instance.updates if when is None else when)
