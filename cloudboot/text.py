"""Small readings of text that several floors need; values in, values out."""

from __future__ import annotations


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
