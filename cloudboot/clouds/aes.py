"""AES with a key of 128 bits, to read what was sealed with it: no program is asked, so that the key is in no command
line. Source: FIPS 197 and NIST SP 800-38A (CBC)."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Tuple

BLOCK, ROUNDS = 16, 10


def open_cbc(key: bytes, start: bytes, sealed: bytes) -> bytes:
    """What is sealed, without its padding (PKCS#7). Raises ValueError where it is not whole, or not of this key."""
    if len(key) != BLOCK or not sealed or len(sealed) % BLOCK:
        raise ValueError("no whole blocks")
    keys, inverse = _round_keys(key), _inverse()
    out, before = b"", start
    for at in range(0, len(sealed), BLOCK):
        block = sealed[at : at + BLOCK]
        out += bytes(a ^ b for a, b in zip(_opened(block, keys, inverse), before))
        before = block
    pad = out[-1]
    if not 0 < pad <= BLOCK or out[-pad:] != bytes([pad]) * pad:
        raise ValueError("the padding is wrong")
    return out[:-pad]


def _times(a: int, b: int) -> int:
    """The product in the field of the cipher, whose polynomial is 0x11B."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _boxes() -> Tuple[List[int], List[int]]:
    """The substitution of a byte: its inverse in the field, turned and added to itself; and the way back."""
    forth, back, p, q = [0x63] * 256, [0] * 256, 1, 1
    while True:
        p = _times(p, 3)
        q = _times(q, 0xF6)  # the inverse of three
        value = 0x63
        for turn in range(5):
            value ^= (q << turn | q >> (8 - turn)) & 0xFF
        forth[p] = value
        if p == 1:
            break
    for byte, value in enumerate(forth):
        back[value] = byte
    return forth, back


def _round_keys(key: bytes) -> List[bytes]:
    box, words, round = _boxes()[0], [key[i : i + 4] for i in range(0, BLOCK, 4)], 1
    while len(words) < 4 * (ROUNDS + 1):
        word = words[-1]
        if len(words) % 4 == 0:
            word = bytes(box[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ round]) + word[1:]
            round = _times(round, 2)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word)))
    return [b"".join(words[i : i + 4]) for i in range(0, len(words), 4)]


def _inverse() -> Tuple[List[int], List[List[int]]]:
    """The way back through the box, and the products that unmixing a column needs."""
    return _boxes()[1], [[_times(byte, factor) for byte in range(256)] for factor in (14, 11, 13, 9)]


def _opened(block: bytes, keys: List[bytes], inverse: Tuple[List[int], List[List[int]]]) -> bytes:
    back, products = inverse
    state = bytes(a ^ b for a, b in zip(block, keys[ROUNDS]))
    for number in range(ROUNDS - 1, -1, -1):
        moved = bytes(state[(i - 4 * (i % 4)) % BLOCK] for i in range(BLOCK))
        state = bytes(back[b] ^ k for b, k in zip(moved, keys[number]))
        if number:
            state = b"".join(_unmixed(state[i : i + 4], products) for i in range(0, BLOCK, 4))
    return state


def _unmixed(column: bytes, products: List[List[int]]) -> bytes:
    return bytes(
        products[0][column[i]] ^ products[1][column[(i + 1) % 4]]
        ^ products[2][column[(i + 2) % 4]] ^ products[3][column[(i + 3) % 4]]
        for i in range(4)
    )  # fmt: skip
