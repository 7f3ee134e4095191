"""Encryption to the owner of an RSA key (RFC 8017, section 7.2: RSAES-PKCS1-v1_5).

It is the scheme that clouds which hand out a machine's password chose; nothing here is ever decrypted.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List

SMALLEST = 1024


def encrypted(blob: str, message: bytes) -> bytes:
    """The message for the holder of a key; ``blob`` is the second word of an ``ssh-rsa`` line.

    Raises `Invalid` for a key that is none of RSA's, or too small for the message.
    """
    kind, exponent, modulus = _numbers(blob)
    size = (modulus.bit_length() + 7) // 8
    room = size - len(message) - 3
    if kind != b"ssh-rsa" or modulus.bit_length() < SMALLEST or room < 8:
        raise Invalid("an RSA key is needed, and one that is large enough", "give the machine a key of type ssh-rsa")
    padded = b"\0\2" + _without_zeros(room) + b"\0" + message
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(size, "big")


def _numbers(blob: str) -> tuple[bytes, int, int]:
    from binascii import Error, a2b_base64

    fields: List[bytes] = []
    try:
        rest = a2b_base64(blob)
    except Error:
        rest = b""
    while len(rest) >= 4 and len(fields) < 3:
        end = 4 + int.from_bytes(rest[:4], "big")
        fields.append(rest[4:end])
        rest = rest[end:]
    if len(fields) < 3:
        return b"", 0, 0
    return fields[0], int.from_bytes(fields[1], "big"), int.from_bytes(fields[2], "big")


def _without_zeros(size: int) -> bytes:
    from os import urandom

    found = b""
    while len(found) < size:
        found += urandom(size).replace(b"\0", b"")
    return found[:size]
