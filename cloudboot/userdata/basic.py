"""The small template language: ``$name`` and ``${a.b}``, in addresses, messages and files of sources."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Mapping

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with every name replaced by its value. Raises `Invalid` for a name that has none."""
    first, *pieces = text.split("$")
    out = [first]
    for piece in pieces:
        inside, brace, after = piece[1:].partition("}") if piece[:1] == "{" else ("", "", "")
        if brace and _names(inside) == len(inside) > 0:
            out.append(_value(inside, values) + after)
            continue
        end = _names(piece) if piece[:1] != "." else 0
        name = piece[:end].rstrip(".")
        out.append(_value(name, values) + piece[len(name) :] if end else f"${piece}")
    return "".join(out)


def _value(name: str, values: Mapping[str, Any]) -> str:
    here: Any = values
    for step in name.split("."):
        if not isinstance(here, dict) or step not in here:
            raise Invalid(f"${name} stands for nothing here", f"there are {', '.join(sorted(values))}")
        here = here[step]
    return str(here)


def _names(text: str) -> int:
    """How many characters at the start may be in a name."""
    return len(text) - len(text.lstrip(LETTERS))
