"""gzip, within a bound."""

from __future__ import annotations

from cloudboot.errors import BadPart

REMEDY = "put large files where a script can fetch them"


def inflate(data: bytes, most: int) -> bytes:
    """The content of gzip data, of all its members. Raises `BadPart` when it is damaged or longer than ``most``."""
    import zlib

    out = bytearray()
    while data[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        try:
            out += member.decompress(data, most - len(out) + 1)
        except zlib.error:
            raise BadPart("its gzip is damaged", "pack it again") from None
        if len(out) > most:
            raise BadPart("it unpacks to more than user-data may hold", REMEDY)
        if not member.eof:
            raise BadPart("its gzip ends too early", "look whether the platform cut it off at its size limit")
        data = member.unused_data
    return bytes(out)
