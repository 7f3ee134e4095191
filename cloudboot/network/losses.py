"""What is not written for a target, said: nothing of a network is left out in silence."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Collection, Iterator, Mapping

    from cloudboot.network.model import Device

FIELDS = {"mac": "macaddress", "mtu": "mtu", "rules": "routing-policy", "accept_ra": "accept-ra",
          "critical": "critical", "wakeonlan": "wakeonlan", "ipv6_mtu": "ipv6-mtu", "link_local": "link-local",
          "vrf": "interfaces of a vrf", "optional": "optional"}  # fmt: skip
ROUTES = {"table": "table", "mtu": "mtu", "on_link": "on-link", "source": "from", "type": "type", "scope": "scope",
          "metric": "metric", "congestion_window": "congestion-window", "receive_window": "advertised-receive-window",
          "segment_size": "advertised-mss"}  # fmt: skip
SUBNETS = {"broadcast": "broadcast", "peer": "pointopoint", "scope": "scope", "label": "label", "lifetime": "lifetime",
           "control": "control"}  # fmt: skip
ASIDE = {"use-dns": True, "use-ntp": True, "use-hostname": True, "send-hostname": True, "use-mtu": True,
         "use-routes": True, "use-domains": False}  # fmt: skip


def losses(device: Device, target: str, holds: Collection[str]) -> Iterator[str]:
    """A warning for everything said of a device that is not among ``holds``: the names of the model's fields,
    ``routes.*``, ``subnets.*``, ``dhcp4.*``, ``dhcp6.*`` with the name of what is below, and settings by their v2
    keys. An override that says what is done anyway is no loss, and neither is starting on one's own."""

    def loss(what: str) -> str:
        return f"{device.id or device.name}: {what}: not written for {target}"

    for field, key in FIELDS.items():
        value = getattr(device, field)
        if field not in holds and value is not None and value != () and value is not False and value != "":
            yield loss(key)
    for name, overrides in (("dhcp4", device.dhcp4_overrides), ("dhcp6", device.dhcp6_overrides)):
        for key, value in overrides.items():
            if f"{name}.{key}" not in holds and value != ASIDE.get(key):
                yield loss(f"{name}-overrides.{key}")
    for table, start, nouns in ((ROUTES, "routes", device.all_routes), (SUBNETS, "subnets", device.subnets)):
        for field, key in table.items():
            said = (
                getattr(noun, field)
                for noun in nouns
                if f"{start}.{field}" not in holds and not _goes_without_saying(field, noun)
            )
            if any(value and value not in ("auto", "hotplug") for value in said):
                yield loss(f"{start}.{key}")
    for key in device.settings:
        if key not in holds:
            yield loss(key)


def _goes_without_saying(field: str, noun: Any) -> bool:
    """A route that leads through nobody is one of the link, as the kernel sees it."""
    return field == "scope" and noun.scope == "link" and not getattr(noun, "via", "no route")


def unfit(device: Device, target: str) -> str:
    """The warning about a device of a kind that the target does not know."""
    return f"{device.id or device.name}: {target} knows no {device.kind} devices; it is left out"


def patterned(device: Device) -> bool:
    """Is this an entry for whatever fits, and not for one interface with an address or a name of its own?"""
    found = device.match
    return device.kind == "physical" and bool(found) and not (found.mac or found.exact_name or device.renamed)


def globbed(device: Device, target: str) -> Iterator[str]:
    """The warning about a match that only a pattern could hold."""
    if patterned(device):
        what = "match.name" if device.match.name else "match.driver"
        yield f"{device.id}: {what}: what is written for {target} names one device; {device.name} is taken for the name"


def unmatched(parameters: Mapping[str, Any], held: Collection[str], device: Device, target: str) -> Iterator[str]:
    """Bond and bridge options, by the model's names, that are not held."""
    for name in parameters:
        if name not in held:
            yield f"{device.id or device.name}: {name}: not written for {target}"
