"""Values that were worked out before, kept as JSON: configs and documents, whose bytes (``!!binary``) stay bytes."""

from __future__ import annotations

from cloudboot import __version__, json
from cloudboot.noun import TYPE_CHECKING
from cloudboot.text import with_text_keys

if TYPE_CHECKING:
    from typing import Any, Dict

BINARY = "!!binary"
LONGEST, MOST = 1 << 16, 16


def packed(value: Any) -> bytes:
    """The value as JSON; what is bytes in it stays so for `unpacked`."""

    def bytes_as_base64(inner: Any) -> Any:
        from binascii import b2a_base64

        return {BINARY: b2a_base64(inner, newline=False).decode()} if isinstance(inner, bytes) else str(inner)

    return json.dumps(with_text_keys(value), default=bytes_as_base64).encode()


def unpacked(raw: bytes) -> Any:
    """The value that `packed` wrote. Raises ValueError."""

    def base64_as_bytes(inner: Dict[str, Any]) -> Any:
        from binascii import a2b_base64

        return a2b_base64(inner[BINARY]) if set(inner) == {BINARY} else inner

    return json.loads(raw, object_hook=base64_as_bytes)


def digest(*parts: Any) -> str:
    """What tells these texts and bytes, read by this release, from all others."""
    from cloudboot.digests import sha256

    return sha256(repr((__version__, parts)).encode()).hexdigest()


class Documents:
    """YAML documents that this machine has read before, by their digests: a seed says the same at every boot. Those
    that nobody asks for in a boot are forgotten."""

    def __init__(self) -> None:
        self._before: Dict[str, str] = {}
        self._now: Dict[str, str] = {}

    def recall(self, raw: bytes) -> None:
        """What `kept` gave at an earlier boot; anything else counts as nothing."""
        try:
            found = json.loads(raw) if raw else {}
        except ValueError:
            found = {}
        self._before, self._now = found if isinstance(found, dict) else {}, {}

    def kept(self) -> bytes:
        """All that was read in this boot, for `recall`; empty where that is nothing new."""
        return json.dumps(self._now).encode() if self._now.keys() - self._before.keys() else b""

    def load(self, text: bytes, name: str = "") -> Any:
        """What `userdata.document.load` makes of the text. Raises what that raises."""
        mark = digest(text)
        known = self._now.get(mark) or self._before.get(mark)
        if known is not None:
            self._now[mark] = known
            return unpacked(known.encode())
        from cloudboot.userdata.document import load

        value = load(text, name)
        if len(text) <= LONGEST and len(self._now) < MOST:
            whole = packed(value)
            if same(unpacked(whole), value):
                self._now[mark] = whole.decode()
        return value


documents = Documents()
"""Those of this process."""


def same(one: Any, other: Any) -> bool:
    """Are these equal, in the types of all that is in them, too?"""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(same(a, b) and same(one[a], other[b]) for a, b in zip(one, other))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
