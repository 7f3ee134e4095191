"""The IPv4 and UDP headers around a message: a machine without an address makes its own."""

from __future__ import annotations

import struct

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Optional

UDP = 17
SERVER_PORT, CLIENT_PORT = 67, 68
NOBODY, EVERYBODY = b"\0\0\0\0", b"\xff\xff\xff\xff"
TTL = 64


def wrap(payload: bytes) -> bytes:
    """The packet that carries this from a client without an address to all servers."""
    length = 8 + len(payload)
    ports = struct.pack("!HHH", CLIENT_PORT, SERVER_PORT, length)
    pseudo = NOBODY + EVERYBODY + struct.pack("!HH", UDP, length)
    udp = ports + struct.pack("!H", checksum(pseudo + ports + b"\0\0" + payload) or 0xFFFF) + payload
    head = struct.pack("!BBHHHBB", 0x45, 0x10, 20 + length, 0, 0, TTL, UDP)
    addresses = NOBODY + EVERYBODY
    return head + struct.pack("!H", checksum(head + b"\0\0" + addresses)) + addresses + udp


def unwrap(packet: bytes, unfinished: bool = False) -> Optional[bytes]:
    """What a packet brings to a DHCP client; None for anything that is not whole, right and for it.

    ``unfinished``: the checksum is the network card's to make, which a packet from the same machine never met.
    """
    if len(packet) < 28 or packet[0] >> 4 != 4:
        return None
    head = (packet[0] & 15) * 4
    total, _, fragment = struct.unpack_from("!HHH", packet, 2)
    if head < 20 or not head + 8 <= total <= len(packet) or packet[9] != UDP or fragment & 0x3FFF:
        return None
    if checksum(packet[:head]):
        return None
    source, target, length, said = struct.unpack_from("!HHHH", packet, head)
    if source != SERVER_PORT or target != CLIENT_PORT or not 8 <= length <= total - head:
        return None
    udp = packet[head : head + length]
    if said and not unfinished and checksum(packet[12:20] + struct.pack("!HH", UDP, length) + udp):
        return None
    return udp[8:]


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071): 0 over data that includes a right one."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
