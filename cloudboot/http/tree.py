"""The metadata tree that EC2 began and many clouds copied: a path that ends in a slash lists what is below it."""

from __future__ import annotations

from cloudboot import json
from cloudboot.errors import Missing, Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

    FindAll = Callable[[Sequence[str]], List[Optional[bytes]]]

DEEPEST, MOST_ITEMS = 12, 2000
PRIVATE = ("identity-credentials/", "security-credentials/")
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:=+@,")


def walk(find_all: FindAll, path: str, known: Optional[Mapping[str, Optional[bytes]]] = None) -> Dict[str, Any]:
    """The tree below a path that ends in a slash: folders as mappings; a leaf as a text, as a list where it has
    several lines, as what it means where it is a JSON object.

    All that is known to be there is asked for at the same time: the tree costs as many round trips as it has levels.
    ``known`` is what was asked for before. An item ``0=name`` of public-keys stands for a key. Credentials are left
    alone. An item that is listed and then is not there is left out. Raises `Missing` where there is no tree, else as
    ``find_all`` does.
    """
    have = dict(known or {})
    top: Dict[str, Any] = {}
    # what is below a folder that is known already is asked for before its own place in the tree is reached
    wanted = [_Item(top, "", path), *(_Item({}, "", at) for at in have if at.endswith("/") and at != path)]
    for _ in range(DEEPEST + 1):
        new = list(dict.fromkeys(item.path for item in wanted if item.path not in have))
        if len(have) + len(new) > MOST_ITEMS:
            raise Unreachable(f"the metadata tree has more than {MOST_ITEMS} items")
        have.update(zip(new, find_all(new) if new else ()))
        below: List[_Item] = []
        for item in wanted:
            raw = have.get(item.path)
            if raw is not None and item.path.endswith("/"):
                below += item.listed(raw)
            elif raw is not None:
                item.folder[item.key] = leaf(raw)
        if "" not in top:
            raise Missing(f"nothing is listed at {path}")
        if not below:
            found: Dict[str, Any] = top[""]
            return found
        wanted = below
    raise Unreachable("the metadata tree has no end")


class _Item:
    """What will be ``key`` of ``folder`` when it is known what is at ``path``."""

    def __init__(self, folder: Dict[str, Any], key: str, path: str) -> None:
        self.folder, self.key, self.path = folder, key, path

    def listed(self, raw: bytes) -> List[_Item]:
        """What a folder's listing names."""
        inside: Dict[str, Any] = {}
        self.folder[self.key] = inside
        names = [name.strip() for name in raw.decode("utf-8", "replace").splitlines()]
        found = []
        for name in dict.fromkeys(names):
            if not name.strip("./") or "/" in name[:-1] or name in PRIVATE or f"{name}/" in (*PRIVATE, *names):
                continue
            number, equals, key = name.partition("=")
            if name.endswith("/"):
                found.append(_Item(inside, name[:-1], self.path + quoted(name[:-1]) + "/"))
            elif equals and number.isdigit() and self.path.endswith("/public-keys/"):
                found.append(_Item(inside, key, f"{self.path}{number}/openssh-key"))
            else:
                found.append(_Item(inside, name, self.path + quoted(name)))
        return found


def leaf(raw: bytes) -> Any:
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if text.startswith("{") and text.endswith("}"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [line.rstrip("\r") for line in text.split("\n")] if "\n" in text else text


def quoted(name: str) -> str:
    """A name as it stands in a path: a tag's may hold anything."""
    return "".join(chr(b) if chr(b) in PLAIN else f"%{b:02X}" for b in name.encode("utf-8", "replace"))
