"""A message of DHCP: what a client says, and the little of what it hears that it may believe."""

from __future__ import annotations

import struct

from cloudboot.dhcp import options as says
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, Mapping

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = 1, 2, 3, 4, 5, 6
CALL, REPLY = 1, 2
ETHERNET = 1
MAGIC = b"\x63\x82\x53\x63"
HEAD = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
LEAST = 300
"""What relays and servers of old want a message to be long at least (RFC 1542)."""
MOST = 1500
WANTED = (says.MASK, says.CLASSLESS_ROUTES, says.ROUTERS, says.STATIC_ROUTES, says.DNS, says.HOSTNAME, says.DOMAIN,
          says.MTU, says.SEARCH, says.WIRESERVER, says.MS_CLASSLESS_ROUTES)  # fmt: skip


class Message(Noun):
    """``xid`` the conversation it belongs to, ``mac`` whose it is, ``address`` what the server gives, ``options`` by
    number."""

    kind: int
    xid: bytes
    mac: bytes
    address: bytes = b"\0\0\0\0"
    options: Mapping[int, bytes] = {}

    @property
    def server(self) -> bytes:
        """The server's name for itself, empty where it has none."""
        return self.options.get(says.SERVER, b"")


def discover(xid: bytes, mac: bytes, seconds: int) -> bytes:
    """Asks who has an address to give."""
    return _call(xid, mac, seconds, DISCOVER, {})


def request(xid: bytes, mac: bytes, seconds: int, offer: Message) -> bytes:
    """Asks for the address of one offer, and tells the other servers that theirs was not taken."""
    return _call(xid, mac, seconds, REQUEST, {says.ASKED_ADDRESS: offer.address, says.SERVER: offer.server})


def _call(xid: bytes, mac: bytes, seconds: int, kind: int, more: Mapping[int, bytes]) -> bytes:
    none = b"\0\0\0\0"
    head = HEAD.pack(CALL, ETHERNET, len(mac), 0, int.from_bytes(xid, "big"), min(seconds, 0xFFFF), 0, none, none, none,
                     none, mac, b"", b"", MAGIC)  # fmt: skip
    said = {says.KIND: bytes((kind,)), **more, says.LARGEST: struct.pack("!H", MOST), says.ASKED_OPTIONS: bytes(WANTED)}
    return (head + says.pack(said)).ljust(LEAST, b"\0")


def understood(data: bytes) -> Message:
    """A server's message. Raises ValueError, with what is wrong, for anything that is not one in every part."""
    if len(data) < HEAD.size:
        raise ValueError("it is too short")
    (op, hardware, length, _, xid, _, _, _, address, _, _, mac, sname, file, magic) = HEAD.unpack_from(data)
    if op != REPLY or hardware != ETHERNET or length != 6 or magic != MAGIC:
        raise ValueError("it is no reply of a DHCP server to an Ethernet card")
    found: Dict[int, bytes] = {}
    says.unpack(data[HEAD.size :], found)
    overload = found.get(says.OVERLOAD, b"\0")
    if overload not in (b"\0", b"\1", b"\2", b"\3"):
        raise ValueError("its option overload means nothing")
    if overload[0] & 1:
        says.unpack(file, found)
    if overload[0] & 2:
        says.unpack(sname, found)
    kind = found.get(says.KIND, b"")
    if kind not in (bytes((OFFER,)), bytes((ACK,)), bytes((NAK,))):
        raise ValueError("it is no offer, acknowledgement or refusal")
    if len(found.get(says.SERVER, b"")) not in ((0, 4) if kind[0] == NAK else (4,)):
        raise ValueError("it does not say which server it is from")
    if kind[0] != NAK and not says.is_host(address):
        raise ValueError("it gives no address that a machine can have")
    return Message(kind[0], xid.to_bytes(4, "big"), mac[:6], address, found)
