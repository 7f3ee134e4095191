"""Plain values as YAML, without the library: writing a netplan file must not cost a boot the import of a parser."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Iterator

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))


def yaml_text(value: Any) -> str:
    """A mapping of mappings, lists and scalars as a YAML document in block style; every other value as its text."""
    return "".join(f"{line}\n" for line in _lines(value, ""))


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", item, indent + "  ")
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            if isinstance(item, (dict, list, tuple)) and item:
                first, *rest = _lines(item, indent + "  ")
                yield f"{indent}- {first.lstrip(' ')}"
                yield from rest
            else:
                yield f"{indent}- {_scalar(item)}"
    else:
        yield indent + _scalar(value)


def _entry(start: str, item: Any, indent: str) -> Iterator[str]:
    if isinstance(item, (dict, list, tuple)) and item:
        yield start
        yield from _lines(item, indent)
    else:
        yield f"{start} {_scalar(item)}"


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    text = str(value)
    if text[:1].isascii() and text[:1].isalpha() and set(text) <= PLAIN and text.lower() not in WORDS:
        return text
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isascii() and char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
