"""What can be wrong with a value, and how it is said."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Optional, Sequence, Tuple, Union

    Path = Tuple[Union[str, int], ...]


class Problem(Noun):
    """What is wrong with the value at ``path``; ``level`` is error, dropped, wrong or deprecated."""

    path: Path
    reason: str
    remedy: str = ""
    level: str = "error"

    def __str__(self) -> str:
        text = f"{dotted(self.path)}: {self.reason}" if self.path else self.reason
        return f"{text}; {self.remedy}" if self.remedy else text


def dotted(path: Path) -> str:
    """``("users", 0, "name")`` as ``users[0].name``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def kind(value: object) -> str:
    """What a person calls a value of this type; never the value itself, which may be a secret."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    for types, name in (
        ((int, float), "a number"),
        ((str,), "text"),
        ((list, tuple), "a list"),
        ((dict,), "a mapping"),
    ):
        if isinstance(value, types):
            return name
    return type(value).__name__


def unknown(key: Any, path: Path, known: Mapping[str, Any]) -> Problem:
    """The problem of a key that nobody knows, with the nearest one that somebody does."""
    near = nearest(str(key), list(known))
    remedy = f"did you mean {near}?" if near else f"known here: {', '.join(sorted(known))}" if len(known) < 9 else ""
    return Problem((*path, key), "no such option", remedy, "wrong")


def old(path: Path, since: str, instead: str) -> Problem:
    return Problem(path, f"deprecated since {since}", f"use {instead} instead" if instead else "", "deprecated")


def matches(pattern: str, text: str, fits: Optional[Callable[[str], bool]] = None) -> bool:
    """Is the regular expression found in the text? ``fits`` says the same of a text without one: to compile a first
    expression costs a boot 6 ms, and what many documents have need not."""
    if fits is not None:
        return fits(text)
    import re

    return re.search(pattern, text) is not None


def is_line(text: str) -> bool:
    """What ``^.+$`` matches: one line that is not empty, with its end or without."""
    line = text.removesuffix("\n")
    return line != "" and "\n" not in line


def nearest(word: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word.replace("-", "_"), names, 1, 0.75)
    return close[0] if close else ""
