"""Assignments of a shell script, read without a shell: ``KEY='value'``, whatever the value holds."""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, List, Tuple


def assignments(text: str) -> Dict[str, str]:
    """Names and values. A value is words in single quotes, double quotes or none, next to each other, over as many
    lines as they take. Raises `Invalid` with the line for anything else that a shell would do."""
    found: Dict[str, str] = {}
    at = 0
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at:line_end].strip()
        if not line or line.startswith("#"):
            at = line_end + 1
            continue
        start = at + len(text[at:line_end]) - len(text[at:line_end].lstrip())
        if text.startswith("export ", start):
            start += len("export ")
        name, equals, _ = text[start:line_end].partition("=")
        if not equals or not name.isidentifier() or not name.isascii():
            raise _wrong(text, at, "this is no assignment")
        found[name], at = _value(text, start + len(name) + 1)
    return found


def _value(text: str, at: int) -> Tuple[str, int]:
    """The value that begins here, and where the next line does."""
    pieces: List[str] = []
    while at < len(text) and text[at] not in "\n;":
        char = text[at]
        if char == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise _wrong(text, at, "a quote is never closed")
            pieces.append(text[at + 1 : end])
            at = end + 1
        elif char == '"':
            piece, at = _double(text, at + 1)
            pieces.append(piece)
        elif char == "\\" and at + 1 < len(text):
            pieces.append(text[at + 1] if text[at + 1] != "\n" else "")
            at += 2
        elif char in " \t\r":
            rest = text[at : text.find("\n", at) if "\n" in text[at:] else len(text)].strip()
            if rest and not rest.startswith("#"):
                raise _wrong(text, at, "something follows the value")
            at += text[at:].find("\n") if "\n" in text[at:] else len(text) - at
        elif char in "$`&|<>()":
            raise _wrong(text, at, "this is more than a value")
        else:
            pieces.append(char)
            at += 1
    return "".join(pieces), at + 1


def _double(text: str, at: int) -> Tuple[str, int]:
    """What is in double quotes from here, and what follows them."""
    pieces: List[str] = []
    start = at
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\", "$", "`"):
            at += 1
        elif text[at] in "$`":
            raise _wrong(text, at, "this is more than a value")
        pieces.append(text[at])
        at += 1
    if at >= len(text):
        raise _wrong(text, start, "a quote is never closed")
    return "".join(pieces), at + 1


def _wrong(text: str, at: int, reason: str) -> Invalid:
    line = text.count("\n", 0, at) + 1
    return Invalid(reason, "write each line as KEY='value'", Place(line=line, column=at - text.rfind("\n", 0, at)))
