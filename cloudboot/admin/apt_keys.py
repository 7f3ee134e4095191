"""The keys that vouch for a repository: from the document or from a key server, proved to be the ones asked for, and
put where apt reads them, in the binary form that every apt takes. No gnupg is needed for any of it."""

from __future__ import annotations

from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterator, Optional, Tuple

    from cloudboot.system.door import System

KEYSERVER = "keyserver.ubuntu.com"
TRUSTED = "/etc/apt/trusted.gpg.d"
"""Keys here are good for every repository."""
KEYRINGS = "/etc/apt/keyrings"
"""Keys here are good for the repositories that name them."""
BEGIN, END = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
HKP_PORT = 11371
KEY, SUBKEY = 6, 14


def place(system: System, path: str, key: Optional[str], keyid: Optional[str], keyserver: Optional[str]) -> None:
    """Writes the key, else the one that the key server has for ``keyid``, at ``path``. Raises `CloudbootError` for
    what is no key and `Unreachable` for a server that does not answer."""
    if key:
        system.write(path, dearmoured(key))
        return
    if not keyid:
        return
    wanted = fingerprint(keyid)
    url = f"{server_url(keyserver or KEYSERVER)}/pks/lookup?op=get&options=mr&search=0x{wanted}"
    done = system.fetch(url)
    if done.left:
        return
    content = b"" if done.planned else dearmoured(done.stdout.decode("ascii", "replace"))
    if not done.planned and not any(known.endswith(wanted) for known in fingerprints(content)):
        raise CloudbootError("the key server sent another key than the one asked for", "write the key itself as key")
    system.write(path, content, origin=f"the key server, key {wanted}")


def fingerprint(keyid: str) -> str:
    """The digits of a key's id. The last 8 or 16 of a fingerprint are enough to find a key, but others can make one
    that ends so too; all 40 cannot be forged."""
    digits = "".join(keyid.split()).upper()
    digits = digits[2:] if digits.startswith("0X") else digits
    if len(digits) not in (8, 16, 32, 40, 64) or set(digits) - set("0123456789ABCDEF"):
        raise CloudbootError("keyid is no key's id", "write the 40 hexadecimal digits of its fingerprint")
    return digits


def server_url(server: str) -> str:
    """Where a key server is asked by HTTP, from the address that gpg takes: hkp://, hkps:// or the name alone."""
    scheme, mark, host = server.rstrip("/").rpartition("://")
    if not mark or scheme == "hkps":
        return f"https://{host}"
    if scheme == "hkp":
        return f"http://{host}" if ":" in host.rpartition("]")[2] else f"http://{host}:{HKP_PORT}"
    return f"{scheme}://{host}"


def dearmoured(text: str) -> bytes:
    """The keys of all the ASCII-armoured blocks in a text, in binary."""
    import binascii

    found = b""
    for block in text.split(BEGIN)[1:]:
        lines = [line.strip() for line in block.partition(END)[0].splitlines()]
        body = [line for line in lines if line and ":" not in line and line[0] != "="]
        try:
            found += binascii.a2b_base64("".join(body))
        except binascii.Error:
            raise CloudbootError("the key is damaged: what is in its block is no base64", "copy it again") from None
    if not found:
        raise CloudbootError("this is no PGP public key block", f"a key begins with {BEGIN}")
    return found


def fingerprints(data: bytes) -> Tuple[str, ...]:
    """Those of the keys and subkeys in a binary keyring (RFC 9580, section 5.5.4), in upper case."""
    from hashlib import new

    found = []
    for tag, body in _packets(data):
        if tag in (KEY, SUBKEY) and body[:1] == b"\x04":
            sha1 = new("sha1", b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False)
            found.append(sha1.hexdigest().upper())
        elif tag in (KEY, SUBKEY) and body[:1] == b"\x06":
            found.append(new("sha256", b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper())
    return tuple(found)


def _packets(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """Tag and body of each packet, up to the first that is not one."""
    at = 0
    while at + 2 <= len(data) and data[at] & 0x80:
        if data[at] & 0x40:
            tag, first = data[at] & 0x3F, data[at + 1]
            if first < 192:
                head, size = 2, first
            elif first < 224:
                head, size = 3, ((first - 192) << 8) + int.from_bytes(data[at + 2 : at + 3], "big") + 192
            elif first == 255:
                head, size = 6, int.from_bytes(data[at + 2 : at + 6], "big")
            else:  # of unknown length: never a key
                return
        else:
            tag, width = data[at] >> 2 & 0xF, 1 << (data[at] & 3)
            if width == 8:
                return
            head, size = 1 + width, int.from_bytes(data[at + 1 : at + 1 + width], "big")
        yield tag, data[at + head : at + head + size]
        at += head + size
