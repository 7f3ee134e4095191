"""Words to a Hyper-V host by key-value pairs: records of a file that the guest's KVP daemon hands over.

Pool 1 is the guest's. A record is a key of 512 bytes and a value of 2048, UTF-8, the rest zeros; the host takes 254 and
1022 bytes of them. Source: "Hyper-V KVP" in the datasources reference, after azure-init's doc/kvp.md.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterable, Tuple

    from cloudboot.system.door import System

FOLDER = "/var/lib/hyperv"
POOL = f"{FOLDER}/.kvp_pool_1"
KEY, VALUE = 512, 2048
MOST_KEY, MOST_VALUE = 254, 1022
MOST_RECORDS = 1024


def record(key: str, value: str) -> bytes:
    """One record; what the host would not take is cut off, between two characters."""
    return _field(key, MOST_KEY, KEY) + _field(value, MOST_VALUE, VALUE)


def pairs(pool: bytes) -> Tuple[Tuple[str, str], ...]:
    """The keys and values in a pool; half a record at its end is left out."""
    whole = range(0, len(pool) - len(pool) % (KEY + VALUE), KEY + VALUE)
    cut = ((pool[at : at + KEY], pool[at + KEY : at + KEY + VALUE]) for at in whole)
    return tuple((_text(key), _text(value)) for key, value in cut)


def tell(system: System, told: Iterable[Tuple[str, str]]) -> bool:
    """Adds pairs to the guest's pool, in place of older ones of the same keys; false where this machine has no daemon
    that would hand them over. A pool that has no room for them is begun anew."""
    if system.look(FOLDER) is None:
        return False
    new = dict(told)
    there = system.read(POOL) or b""
    old = pairs(there)
    kept = [(key, value) for key, value in old if key not in new]
    records = [record(key, value) for key, value in new.items()]
    if len(kept) + len(records) > MOST_RECORDS:
        kept = []
    if len(kept) * (KEY + VALUE) == len(there):
        system.append(POOL, b"".join(records), mode=0o600)
    else:
        system.write(POOL, b"".join([*(record(*pair) for pair in kept), *records]), mode=0o600)
    return True


def _field(text: str, most: int, size: int) -> bytes:
    return text.encode()[:most].decode("utf-8", "ignore").encode().ljust(size, b"\0")


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")
