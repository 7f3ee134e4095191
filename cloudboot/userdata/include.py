"""Lists of addresses: ``#include`` and ``#include-once``."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Tuple

ONCE, ALWAYS = "#include-once", "#include"


def addresses(text: str, once: bool = False) -> Tuple[Tuple[str, bool], ...]:
    """(address, fetch it only once) for every line that has one.

    A directive may stand on any line, alone or before an address, and holds for the lines after it. Other lines that
    begin with # are comments.
    """
    found: List[Tuple[str, bool]] = []
    for line in text.lstrip("\ufeff").splitlines():
        line = line.strip()
        for directive in (ONCE, ALWAYS):
            if line.lower().startswith(directive):
                once = directive == ONCE
                line = line[len(directive) :].strip()
                break
        if line and not line.startswith("#"):
            found.append((line, once))
    return tuple(found)
