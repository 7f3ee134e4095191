"""Files of ``NAME=value`` lines, as /etc/default/* and /etc/locale.conf are. Text in, text out."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.actions import quoted

if TYPE_CHECKING:
    from typing import List, Mapping


def assigned(text: str, values: Mapping[str, str], before: str = "") -> str:
    """The text with these values: in place where a name stands already, else at the end. All else stays as it is.
    ``before`` are words in front of each name (``export ``)."""
    left = dict(values)
    lines: List[str] = []
    for line in text.splitlines():
        name = line.strip()[len(before) if line.strip().startswith(before) else 0 :].partition("=")[0].strip()
        if name in left:
            line = f"{before}{name}={quoted(left.pop(name))}"
        elif name in values:  # a second line would win over the first
            continue
        lines.append(line)
    lines.extend(f"{before}{name}={quoted(value)}" for name, value in left.items())
    return "".join(line + "\n" for line in lines)


def value_of(text: str, name: str) -> str:
    """What a name stands for, empty where it is not set; the last line wins."""
    found = ""
    for line in text.splitlines():
        key, is_set, value = line.strip().partition("=")
        if is_set and key.rpartition(" ")[2] == name and not key.startswith("#"):
            found = value.strip().strip("\"'")
    return found
