"""cloud-config-archive: a YAML list of parts."""

from __future__ import annotations

from cloudboot.errors import BadPart, Place
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.userdata import document, kinds

if TYPE_CHECKING:
    from typing import Any, List, Mapping, Tuple

OWN = {"content", "filename", "type", "launch-index", "content-disposition", "number-attachments", "content-type"}


class Entry(Noun):
    """One of its parts. ``headers`` have lower-case names."""

    content: bytes
    kind: str
    filename: str = ""
    headers: Mapping[str, str] = {}


def entries(content: bytes, name: str) -> Tuple[Tuple[Entry, ...], Tuple[BadPart, ...]]:
    """The parts of an archive, and what is wrong with the others. Raises `Invalid` when it is no YAML list."""
    listed = document.load(content, name)
    if not isinstance(listed, list):
        raise BadPart("an archive is a list", "write each part as an item that begins with -", Place(name))
    found: List[Entry] = []
    problems: List[BadPart] = []
    for number, item in enumerate(listed):
        given = {"content": item} if isinstance(item, (str, bytes)) else item
        if isinstance(given, dict) and isinstance(given.get("content", ""), (str, bytes)):
            found.append(_entry(given))
        else:
            reason = "its content is no text" if isinstance(given, dict) else "it is neither a text nor a mapping"
            remedy = "write an item as a text, or as a mapping with content:"
            problems.append(BadPart(reason, remedy, Place(name, path=f"[{number}]")))
    return tuple(found), tuple(problems)


def _entry(given: Mapping[Any, Any]) -> Entry:
    content = given.get("content", "")
    default = kinds.CONFIG
    if isinstance(content, bytes):
        default = "application/octet-stream"
    else:
        content = content.encode("utf-8", "replace")
    headers = {str(k).lower(): str(v) for k, v in given.items() if str(k).lower() not in OWN}
    if "launch-index" in given:
        headers["launch-index"] = str(given["launch-index"])
    kind = str(given.get("type") or "").strip().lower() or kinds.kind_of(content) or default
    return Entry(content, kind, str(given.get("filename") or ""), headers)
