"""Fan networks: each host of an underlay has a slice of an overlay, found by arithmetic from its own address.

    # overlay     underlay    options
    241.0.0.0/8   eth0/16     dhcp
    242.0.0.0/8   172.16.3.4/16

The host 172.16.3.4 has 242.3.4.0/24: what its underlay leaves for hosts stands behind what the overlay fixes. Facts:
netconfig reference, section 12; fanctl(8).
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.network.addresses import dotted_of, number_of, split
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Iterator, Tuple

LONGEST = 30
"""The prefix of the smallest slice: one address for the bridge, one for a guest."""
HIGHEST = 15
"""The most signs of an interface's name."""


class Fan(Noun):
    """A line of /etc/network/fan. ``overlay`` and ``underlay`` as they stand there; ``slice`` is what this host has of
    the overlay, empty where the underlay names an interface or a network; ``options`` are those of fanctl(8)."""

    overlay: str
    underlay: str
    options: Tuple[str, ...] = ()
    slice: str = ""

    @property
    def bridge(self) -> str:
        """The name that fanctl gives to the bridge."""
        return f"fan-{self.overlay.partition('.')[0]}"

    @property
    def is_automatic(self) -> bool:
        return "off" not in self.options

    def command(self, verb: str) -> Tuple[str, ...]:
        """The words after ``fanctl`` that make it (up) or take it away (down)."""
        more = ("--dhcp",) if verb == "up" and "dhcp" in self.options else ()
        return (verb, "-u", self.underlay, "-o", self.overlay, *more)


def fans(text: str) -> Tuple[Fan, ...]:
    """The fans that the text of the file describes. Raises `Invalid` with the line of what none can be made of."""
    return tuple(_fans(text))


def _fans(text: str) -> Iterator[Fan]:
    for number, said in enumerate(text.splitlines(), 1):
        words = said.partition("#")[0].split()
        if not words:
            continue
        try:
            if len(words) < 2:
                raise ValueError("a fan has an overlay and an underlay")
            yield _fan(words[0], words[1], tuple(words[2:]))
        except ValueError as problem:
            raise Invalid(f"fan.config, line {number}: {problem}", "such as 241.0.0.0/8 eth0/16 dhcp") from None


def _fan(overlay: str, underlay: str, options: Tuple[str, ...]) -> Fan:
    network, length = _cidr(overlay, "overlay")
    if network & ~_mask(length):
        raise ValueError("the overlay has bits behind its prefix")
    for word in options:
        if not word.isprintable() or set(word) & set("\"'\\$`;&|<>%"):
            raise ValueError("an option of signs that no option has")
    name, prefix = split(underlay)
    if not name[:1].isdigit() or "." not in name:
        if not name or len(name) > HIGHEST or not set(name) <= _NAME or name in (".", ".."):
            raise ValueError("the underlay is neither an address nor the name of an interface")
        _fits(length, _length(prefix, "underlay"))
        return Fan(overlay, underlay, options)
    address, under = _cidr(underlay, "underlay")
    _fits(length, under)
    if (address ^ network) & _mask(min(length, under)) == 0:
        raise ValueError("overlay and underlay have addresses in common")
    return Fan(overlay, underlay, options, slice_of(network, length, address, under) if address & ~_mask(under) else "")


def slice_of(overlay: int, overlay_length: int, address: int, underlay_length: int) -> str:
    """What the host with this address has of the overlay."""
    length = overlay_length + 32 - underlay_length
    return f"{dotted_of(overlay | (address & ~_mask(underlay_length)) << (32 - length))}/{length}"


def _fits(overlay_length: int, underlay_length: int) -> None:
    length = overlay_length + 32 - underlay_length
    if length > LONGEST:
        raise ValueError(f"a host would have a slice of {length} bits, and {LONGEST} are the most; "
                         "take a larger overlay or a smaller underlay")  # fmt: skip


def _cidr(text: str, what: str) -> Tuple[int, int]:
    address, prefix = split(text)
    try:
        return number_of(address), _length(prefix, what)
    except ValueError:
        raise ValueError(f"the {what} is no IPv4 address with a prefix") from None


def _length(prefix: str, what: str) -> int:
    if not (prefix.isdecimal() and prefix.isascii() and len(prefix) < 3 and 0 < int(prefix) <= 32):
        raise ValueError(f"the {what} has no prefix of 1 to 32")
    return int(prefix)


def _mask(length: int) -> int:
    return 0xFFFFFFFF >> (32 - length) << (32 - length)


_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@:")
