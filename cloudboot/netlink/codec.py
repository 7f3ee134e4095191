"""The messages of rtnetlink(7): numbers in the machine's own byte order, attributes padded to four bytes."""

from __future__ import annotations

import struct

from cloudboot.netlink.values import Address, Link, Route
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, Iterator, Mapping, Tuple

ERROR, DONE = 2, 3
NEW_LINK, DEL_LINK, GET_LINK = 16, 17, 18
NEW_ADDRESS, DEL_ADDRESS, GET_ADDRESS = 20, 21, 22
NEW_ROUTE, DEL_ROUTE, GET_ROUTE = 24, 25, 26
REQUEST, ACKNOWLEDGE, DUMP, EXCLUSIVE, CREATE = 0x1, 0x4, 0x300, 0x200, 0x400
V4, V6 = 2, 10

HEAD = struct.Struct("=IHHII")
LINK, ADDRESS, ROUTE = struct.Struct("=BxHiII"), struct.Struct("=BBBBI"), struct.Struct("=BBBBBBBBI")
NUMBER = struct.Struct("=I")
# attributes of links, addresses and routes, by the kernel's numbers
MAC, NAME, MTU, MASTER, LINKINFO, CHANGES, LINK_KIND = 1, 3, 4, 10, 18, 35, 1
PEER, LOCAL, LIFE, ADDRESS_FLAGS = 1, 2, 6, 8
TARGET, OUT, GATEWAY, METRIC, SOURCE, METRICS, METRIC_MTU = 1, 4, 5, 6, 7, 8, 2
BARE = 0x200
MAIN_TABLE, BOOT_PROTOCOL, ON_LINK, UNICAST = 254, 3, 4, 1
WORLD_SCOPE, LINK_SCOPE = 0, 253


def message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    return HEAD.pack(HEAD.size + len(body), kind, flags | REQUEST, sequence, 0) + body


def messages(data: bytes) -> Iterator[Tuple[int, int, bytes]]:
    """Kind, sequence number and body of each message. Raises ValueError for one that is cut off."""
    at = 0
    while at + HEAD.size <= len(data):
        size, kind, _, sequence, _ = HEAD.unpack_from(data, at)
        if not HEAD.size <= size <= len(data) - at:
            raise ValueError("a message of the kernel is cut off")
        yield kind, sequence, data[at + HEAD.size : at + size]
        at += (size + 3) & ~3


def error(body: bytes) -> int:
    """The number of what went wrong, 0 for nothing."""
    return -int(struct.unpack_from("=i", body)[0])


def attributes(data: bytes) -> Dict[int, bytes]:
    found, at = {}, 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + size]
        at += (size + 3) & ~3
    return found


def pack(fields: Mapping[int, bytes]) -> bytes:
    return b"".join(
        struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4) for kind, data in fields.items()
    )


def binary(address: str) -> bytes:
    from socket import inet_pton

    return inet_pton(V6 if ":" in address else V4, address)


def text(address: bytes) -> str:
    from socket import inet_ntop

    return inet_ntop(V4 if len(address) == 4 else V6, address)


def link(body: bytes) -> Link:
    _, kind, index, flags, _ = LINK.unpack_from(body)
    said = attributes(body[LINK.size :])
    made_by = attributes(said.get(LINKINFO, b"")).get(LINK_KIND, b"")
    return Link(index, _name(said.get(NAME, b"")), said.get(MAC, b""), kind, flags, _number(said, MTU),
                _name(made_by), _number(said, MASTER), _number(said, CHANGES))  # fmt: skip


def link_body(index: int, flags: int = 0, change: int = 0) -> bytes:
    return LINK.pack(0, 0, index, flags, change)


def address(body: bytes) -> Address:
    _, prefix, flags, scope, index = ADDRESS.unpack_from(body)
    said = attributes(body[ADDRESS.size :])
    flags = _number(said, ADDRESS_FLAGS) if ADDRESS_FLAGS in said else flags
    life = said.get(LIFE, b"\xff" * 8)
    own = said.get(LOCAL) or said.get(PEER) or bytes(4)
    return Address(index, text(own), prefix, scope, NUMBER.unpack_from(life, 4)[0], bool(flags & BARE), flags)


def address_body(address: Address) -> bytes:
    own = binary(address.address)
    life = struct.pack("=IIII", address.seconds, address.seconds, 0, 0)
    more = {PEER: own, LIFE: life, **({ADDRESS_FLAGS: NUMBER.pack(BARE)} if address.bare else {})}
    family = V4 if len(own) == 4 else V6
    return ADDRESS.pack(family, address.prefix, 0, address.scope, address.index) + pack({LOCAL: own, **more})


def route(body: bytes) -> Tuple[int, int, Route]:
    """Its table, its type and the route."""
    family, prefix, _, _, table, _, _, kind, _ = ROUTE.unpack_from(body)
    said = attributes(body[ROUTE.size :])
    nowhere = bytes(4 if family == V4 else 16)
    way = Route(_number(said, OUT), text(said.get(TARGET, nowhere)), prefix,
                text(said[GATEWAY]) if GATEWAY in said else "", metric=_number(said, METRIC))  # fmt: skip
    return table, kind, way


def route_body(route: Route) -> bytes:
    target = binary(route.network)
    scope = WORLD_SCOPE if route.gateway or len(target) == 16 else LINK_SCOPE
    said = {TARGET: target} if route.prefix else {}
    said[OUT] = NUMBER.pack(route.index)
    for kind, where in ((GATEWAY, route.gateway), (SOURCE, route.source)):
        if where:
            said[kind] = binary(where)
    if route.metric:
        said[METRIC] = NUMBER.pack(route.metric)
    if route.mtu:
        said[METRICS] = pack({METRIC_MTU: NUMBER.pack(route.mtu)})
    flags = ON_LINK if route.gateway and len(target) == 4 else 0
    return ROUTE.pack(V4 if len(target) == 4 else V6, route.prefix, 0, 0, MAIN_TABLE, BOOT_PROTOCOL, scope, UNICAST,
                      flags) + pack(said)  # fmt: skip


def lookup_body(address: str) -> bytes:
    target = binary(address)
    family = V4 if len(target) == 4 else V6
    return ROUTE.pack(family, len(target) * 8, 0, 0, 0, 0, 0, 0, 0) + pack({TARGET: target})


def _number(said: Mapping[int, bytes], kind: int) -> int:
    data = said.get(kind, b"")
    return int(NUMBER.unpack(data)[0]) if len(data) == 4 else 0


def _name(data: bytes) -> str:
    return data.rstrip(b"\0").decode("utf-8", "surrogateescape")
