"""A password as /etc/shadow has it: SHA-crypt with SHA-512 (U. Drepper, "Unix crypt using SHA-256 and SHA-512")."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List

ROUNDS = 5000
ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def sha512_crypt(password: str, salt: str) -> str:
    """``$6$SALT$...``; of a salt the first 16 characters count."""
    from hashlib import sha512

    key, seed = password.encode(), salt.encode()[:16]
    other = sha512(key + seed + key).digest()
    first = key + seed + _stretched(other, len(key))
    size = len(key)
    while size:
        first += other if size & 1 else key
        size >>= 1
    digest = sha512(first).digest()
    p = _stretched(sha512(key * len(key)).digest(), len(key))
    s = _stretched(sha512(seed * (16 + digest[0])).digest(), len(seed))
    for i in range(ROUNDS):
        data = p if i & 1 else digest
        data += s if i % 3 else b""
        data += p if i % 7 else b""
        digest = sha512(data + (digest if i & 1 else p)).digest()
    return f"$6${seed.decode()}${_encoded(digest)}"


def _stretched(data: bytes, length: int) -> bytes:
    return (data * (length // len(data) + 1))[:length]


def _encoded(digest: bytes) -> str:
    """Six bits a character, of bytes in the order that the scheme lays down."""
    out: List[str] = []
    a, b, c = 0, 21, 42
    for _ in range(21):
        value, count = digest[a] << 16 | digest[b] << 8 | digest[c], 4
        for _ in range(count):
            out.append(ALPHABET[value & 63])
            value >>= 6
        a, b, c = b + 1, c + 1, a + 1
    out += [ALPHABET[digest[63] & 63], ALPHABET[digest[63] >> 6]]
    return "".join(out)
