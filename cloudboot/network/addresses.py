"""Arithmetic of addresses and masks on text; `ipaddress` is imported for IPv6 alone, which most boots never ask."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Optional, Tuple


def is_v6(text: str) -> bool:
    return ":" in text


def is_address(text: str) -> bool:
    """Is this an address as the kernel reads one? An IPv6 address may name its zone."""
    if not is_v6(text):
        parts = text.split(".")
        return len(parts) == 4 and all(_is_octet(part) for part in parts)
    from _socket import AF_INET6, inet_pton  # what is around it costs more than the question

    try:
        inet_pton(AF_INET6, text.partition("%")[0])
    except OSError:
        return False
    return True


def _is_octet(text: str) -> bool:
    digits = text.isascii() and text.isdecimal() and len(text) < 4
    return digits and int(text) < 256 and (text == "0" or text[0] != "0")


def split(text: str) -> Tuple[str, str]:
    """``192.0.2.1/24`` as address and what stands behind the slash, empty where there is none."""
    address, _, prefix = text.partition("/")
    return address, prefix


def prefix_of(mask: str, v6: bool) -> int:
    """The length of a mask: ``24``, ``255.255.255.0`` or ``ffff:ffff::``. Raises ValueError."""
    width = 128 if v6 else 32
    if mask.isdigit():
        length = int(mask)
        if length <= width:
            return length
        raise ValueError("too long")
    bits = _v6_number(mask) if v6 else number_of(mask)
    length = bin(bits).count("1")
    if bits != ((1 << length) - 1) << (width - length):
        raise ValueError("holes in the mask")
    return length


def mask_of(prefix: int) -> str:
    """The dotted mask of an IPv4 prefix."""
    return dotted_of(((1 << prefix) - 1) << (32 - prefix))


def dotted_of(number: int) -> str:
    """A number of 32 bits as an IPv4 address."""
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def network_length(network: str) -> int:
    """The prefix of a network that was given without one: 24 or 64 as for addresses, but 32 where a network of 24
    bits does not have this address, which the kernel would refuse."""
    if is_v6(network):
        return 64
    return 24 if network.endswith(".0") else 32


def reaches(address: str, prefix: int, other: str) -> Optional[bool]:
    """Is ``other`` in the network of ``address``/``prefix``? None where either is no address."""
    if is_v6(address) != is_v6(other):
        return False
    numbers = network_of(address, prefix), network_of(other, prefix)
    return None if None in numbers else numbers[0] == numbers[1]


def network_of(address: str, prefix: int) -> Optional[int]:
    """The first ``prefix`` bits of an address as a number; None where it is no address."""
    try:
        return _v6_number(address) >> (128 - prefix) if is_v6(address) else number_of(address) >> (32 - prefix)
    except ValueError:
        return None


def number_of(text: str) -> int:
    """An IPv4 address as a number of 32 bits. Raises ValueError."""
    parts = text.split(".")
    if len(parts) != 4 or not all(p.isdecimal() and p.isascii() and int(p) < 256 for p in parts):
        raise ValueError("no IPv4 address")
    return int.from_bytes(bytes(int(p) for p in parts), "big")


def _v6_number(text: str) -> int:
    from ipaddress import IPv6Address

    return int(IPv6Address(text.partition("%")[0]))
