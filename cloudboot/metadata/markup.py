"""XML documents of clouds: bounded, without document types and the entities that these could define."""

from __future__ import annotations

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterator, Optional
    from xml.etree.ElementTree import Element

MOST = 4 << 20


def document(raw: bytes, where: str) -> Element:
    """The root of an XML document. Raises `Unreachable` for anything else."""
    from xml.etree.ElementTree import ParseError, fromstring

    text = raw.decode("utf-8-sig", "replace").strip()
    if len(raw) > MOST or "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise Unreachable(f"{where}: it is larger than it can be, or defines what XML means")
    declared, mark, rest = text.partition("?>")
    try:
        return fromstring(rest if mark and declared.startswith("<?xml") else text)
    except (ParseError, ValueError):
        raise Unreachable(f"{where}: it is not XML") from None


def children(element: Element, space: str, name: str) -> Iterator[Element]:
    """The direct children of this name, whatever its case, in this namespace (empty: in none)."""
    wanted = (f"{{{space}}}{name}" if space else name).lower()
    for child in element:
        if isinstance(child.tag, str) and child.tag.lower() == wanted:
            yield child


def child(element: Optional[Element], space: str, name: str, where: str) -> Optional[Element]:
    """The one child of this name, None where there is none. Raises `Unreachable` where there are several."""
    found = list(children(element, space, name)) if element is not None else []
    if len(found) > 1:
        raise Unreachable(f"{where}: there are several {name}")
    return found[0] if found else None


def text(element: Optional[Element], space: str, name: str, where: str) -> Optional[str]:
    """What the one child of this name holds, None for nothing."""
    found = child(element, space, name, where)
    return (found.text or "").strip() or None if found is not None else None
