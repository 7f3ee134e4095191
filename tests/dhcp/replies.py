"""What a server says, right or wrong, made by hand."""

import struct

from cloudboot.dhcp.frame import checksum

MAC = bytes.fromhex("020000000001")
SERVER, YOURS = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 10))
OFFER, ACK, NAK = b"\2", b"\5", b"\6"
USUAL = {1: b"\xff\xff\xff\0", 3: SERVER, 51: struct.pack("!I", 600)}


def reply(kind, asked=b"", *, xid=None, mac=MAC, yours=YOURS, server=SERVER, op=2, sname=b"", file=b"", tail=b"\xff",
          **options):  # fmt: skip
    """The payload of an answer to the packet ``asked``; ``options`` by number, as ``o3=...``."""
    xid = asked[28 + 4 : 28 + 8] if xid is None else xid
    head = struct.pack("!BBBB4sHH4s4s4s4s16s64s128s", op, 1, 6, 0, xid, 0, 0, b"", yours, server, b"", mac, sname, file)
    said = {53: kind, **({54: server} if server else {}), **USUAL, **{int(k[1:]): v for k, v in options.items()}}
    body = b"".join(bytes((code, len(data))) + data for code, data in said.items() if data is not None)
    return head + b"\x63\x82\x53\x63" + body + tail


def packet(payload, *, source=67, target=68, protocol=17, fragment=0, right=True):
    """The IPv4 packet that brings it."""
    length = 8 + len(payload)
    addresses = SERVER + b"\xff\xff\xff\xff"
    udp = struct.pack("!HHHH", source, target, length, 0) + payload
    sum_ = checksum(addresses + struct.pack("!HH", 17, length) + udp) or 0xFFFF
    udp = udp[:6] + struct.pack("!H", sum_ if right else sum_ ^ 1) + udp[8:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, fragment, 64, protocol, 0) + addresses
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def kind_of(sent):
    """The kind of message in a packet that a client sent."""
    return options_of(sent)[53][0]


def options_of(sent):
    found, area = {}, sent[28 + 240 :]
    while area and area[0] != 255:
        if area[0]:
            found[area[0]] = area[2 : 2 + area[1]]
            area = area[2 + area[1] :]
        else:
            area = area[1:]
    return found
