"""The options of a message (RFC 2132): bytes that somebody on the network chose.

Each reading gives plain values, or nothing for what is not well-formed; no text of theirs has a character that a shell,
a file or a terminal could take for anything but a name.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Mapping, Optional, Tuple

    Way = Tuple[str, int, str]

PAD, END = 0, 255
MASK, ROUTERS, DNS, HOSTNAME, DOMAIN, MTU, STATIC_ROUTES = 1, 3, 6, 12, 15, 26, 33
ASKED_ADDRESS, SECONDS, OVERLOAD, KIND, SERVER, ASKED_OPTIONS, MESSAGE, LARGEST = 50, 51, 52, 53, 54, 55, 56, 57
SEARCH, CLASSLESS_ROUTES, WIRESERVER, MS_CLASSLESS_ROUTES = 119, 121, 245, 249
MOST_NAMES, MOST_NAME = 32, 253
LEAST_MTU = 576
NAME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def pack(options: Mapping[int, bytes]) -> bytes:
    """These options, in this order, and the end mark."""
    return b"".join(bytes((code, len(data))) + data for code, data in options.items()) + bytes((END,))


def unpack(area: bytes, found: Dict[int, bytes]) -> None:
    """Adds the options of one area to those ``found``; the pieces of one that comes in several are joined (RFC 3396).
    Raises ValueError for one that is cut off."""
    at = 0
    while at < len(area):
        code = area[at]
        at += 1
        if code == PAD:
            continue
        if code == END:
            return
        if at == len(area) or at + 1 + area[at] > len(area):
            raise ValueError(f"option {code} is cut off")
        found[code] = found.get(code, b"") + area[at + 1 : at + 1 + area[at]]
        at += 1 + area[at]


def dotted(data: bytes) -> str:
    return ".".join(str(byte) for byte in data)


def number(data: Optional[bytes], width: int) -> Optional[int]:
    """A number of exactly this many bytes."""
    return int.from_bytes(data, "big") if data is not None and len(data) == width else None


def is_host(address: bytes) -> bool:
    """Could these four bytes be the address of one machine that is not this one?"""
    return 0 < address[0] < 224 and address[0] != 127


def hosts(data: Optional[bytes]) -> Tuple[str, ...]:
    """A list of machines' addresses; those that can be none are left out."""
    return tuple(dotted(address) for address in _fours(data or b"") if is_host(address))


def prefix(mask: Optional[bytes]) -> Optional[int]:
    """The length of a mask; None for one with holes."""
    bits = number(mask, 4)
    if bits is None:
        return None
    length = bin(bits).count("1")
    return length if bits == (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF else None


def natural_prefix(address: bytes) -> int:
    """The length of an address's mask where nobody gives one: by its class."""
    return 8 if address[0] < 128 else 16 if address[0] < 192 else 24


def mtu(data: Optional[bytes]) -> int:
    """The largest packet of the link; 0 where it is not said, or cannot be."""
    size = number(data, 2) or 0
    return size if size >= LEAST_MTU else 0


def name(data: Optional[bytes]) -> str:
    """A host's or domain's name, empty for what is none."""
    text = (data or b"").rstrip(b"\0").rstrip(b".")
    labels = text.split(b".")
    if len(text) > MOST_NAME or not all(_is_label(label) for label in labels):
        return ""
    return text.decode("ascii")


def classless_routes(data: Optional[bytes]) -> Tuple[Way, ...]:
    """Network, prefix and gateway (``0.0.0.0``: on the link itself) of each route of RFC 3442; none at all where one
    is malformed, since the rest cannot be told from it."""
    data, at = data or b"", 0
    found: List[Way] = []
    while at < len(data):
        length = data[at]
        size = (length + 7) // 8
        if length > 32 or at + 5 + size > len(data):
            return ()
        network, gateway = data[at + 1 : at + 1 + size].ljust(4, b"\0"), data[at + 1 + size : at + 5 + size]
        at += 5 + size
        bits = int.from_bytes(network, "big") & ~(0xFFFFFFFF >> length)
        network = bits.to_bytes(4, "big")
        if (gateway == b"\0\0\0\0" or is_host(gateway)) and (not length or is_host(network)):
            found.append((dotted(network), length, dotted(gateway)))
    return tuple(found)


def static_routes(data: Optional[bytes]) -> Tuple[Way, ...]:
    """The old form: pairs of a destination, a host or a network of its class, and a gateway."""
    found: List[Way] = []
    fours = list(_fours(data or b""))
    for target, gateway in zip(fours[::2], fours[1::2]):
        if is_host(target) and is_host(gateway):
            classful = natural_prefix(target)
            whole = not any(target[classful // 8 :])
            found.append((dotted(target), classful if whole else 32, dotted(gateway)))
    return tuple(found)


def search(data: Optional[bytes]) -> Tuple[str, ...]:
    """The domains of RFC 3397, their names compressed as in DNS; those before the first that is malformed."""
    data, at = data or b"", 0
    found: List[str] = []
    while at < len(data) and len(found) < MOST_NAMES:
        labels, at = _labels(data, at)
        if labels is None:
            break
        text = b".".join(labels)
        if 0 < len(text) <= MOST_NAME:
            found.append(text.decode("ascii"))
    return tuple(found)


def _labels(data: bytes, at: int) -> Tuple[Optional[List[bytes]], int]:
    """The labels of a name and where the next one begins; None for what is malformed. A pointer leads back to before
    everything that has been read of its name, so that none can go in circles."""
    labels: List[bytes] = []
    after, earliest = 0, at
    while at < len(data):
        size = data[at]
        if size == 0:
            return labels, after or at + 1
        if size >= 0xC0:
            target = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
            if at + 2 > len(data) or target >= earliest:
                break
            after, at, earliest = after or at + 2, target, target
            continue
        label = data[at + 1 : at + 1 + size]
        if len(label) < size or not _is_label(label) or len(labels) > MOST_NAME // 2:
            break
        labels.append(label)
        at += 1 + size
    return None, at


def _is_label(label: bytes) -> bool:
    return 0 < len(label) < 64 and NAME.issuperset(label) and label[:1] != b"-"


def _fours(data: bytes) -> Iterator[bytes]:
    """Addresses, four bytes each; what is left over at the end is none."""
    return (data[at : at + 4] for at in range(0, len(data) - 3, 4))
