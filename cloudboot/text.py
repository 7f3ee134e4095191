"""Small readings of text that several floors need; values in, values out."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

SPELLED = {None: "null", True: "true", False: "false"}


def safe_url(url: str) -> str:
    """The URL without the user, password and query that may be secrets, for logs and errors."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url.partition("?")[0]
    host, slash, path = rest.partition("/")
    path, query, _ = path.partition("?")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{'?...' if query else ''}"


def clipped(data: bytes, most: int) -> bytes:
    """The last ``most`` bytes, from the start of a line where there is one."""
    if len(data) <= most:
        return data
    tail = data[-most:]
    cut = tail.find(b"\n")
    return tail[cut + 1 :] if 0 <= cut < most - 1 else tail


def fits(name: str, pattern: str) -> bool:
    """Is this a name that a shell's pattern means? One without ``*``, ``?`` and ``[`` means itself."""
    if not any(mark in pattern for mark in "*?["):
        return name == pattern
    if pattern[-1] == "*" and not any(mark in pattern[:-1] for mark in "*?["):
        return name.startswith(pattern[:-1])
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)


def with_text_keys(value: Any) -> Any:
    """A document in which every key is text, as JSON wants it: YAML also has numbers, null and bytes as keys, and a
    mapping that mixes them cannot be sorted."""
    if isinstance(value, dict):
        return {_key(key): with_text_keys(item) for key, item in value.items()}
    return [with_text_keys(item) for item in value] if isinstance(value, (list, tuple)) else value


def _key(key: Any) -> str:
    if isinstance(key, bytes):
        return key.decode("utf-8", "backslashreplace")
    return SPELLED[key] if key is None or isinstance(key, bool) else str(key)
