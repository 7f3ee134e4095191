"""The metadata tree that EC2 began and many clouds copied: a path that ends in a slash lists what is below it."""

from __future__ import annotations

import json

from cloudboot.errors import Missing, Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict

    Get = Callable[[str], bytes]

DEEPEST, MOST_ITEMS = 12, 2000
PRIVATE = ("iam/", "identity-credentials/", "security-credentials/", "managed-ssh-keys/")
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:=+@,")


def walk(get: Get, path: str) -> Dict[str, Any]:
    """The tree below a path that ends in a slash: folders as mappings; a leaf as a text, as a list where it has
    several lines, as what it means where it is a JSON object.

    An item ``0=name`` of public-keys stands for a key. Credentials are left alone. An item that is listed and then is
    not there is left out. Raises as ``get`` does.
    """
    return _Walk(get).folder(path, 0)


class _Walk:
    def __init__(self, get: Get) -> None:
        self._get = get
        self._left = MOST_ITEMS

    def folder(self, path: str, depth: int) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        if depth > DEEPEST:
            raise Unreachable("the metadata tree has no end")
        names = [name.strip() for name in self._get(path).decode("utf-8", "replace").splitlines()]
        for name in names:
            if not name.strip("./") or "/" in name[:-1] or name in PRIVATE or f"{name}/" in (*PRIVATE, *names):
                continue
            self._left -= 1
            if self._left < 0:
                raise Unreachable(f"the metadata tree has more than {MOST_ITEMS} items")
            number, equals, key = name.partition("=")
            try:
                if name.endswith("/"):
                    found[name[:-1]] = self.folder(path + quoted(name[:-1]) + "/", depth + 1)
                elif equals and number.isdigit() and path.endswith("/public-keys/"):
                    found[key] = leaf(self._get(f"{path}{number}/openssh-key"))
                else:
                    found[name] = leaf(self._get(path + quoted(name)))
            except Missing:
                continue
        return found


def leaf(raw: bytes) -> Any:
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if text.startswith("{") and text.endswith("}"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return [line.rstrip("\r") for line in text.split("\n")] if "\n" in text else text


def quoted(name: str) -> str:
    """A name as it stands in a path: a tag's may hold anything."""
    return "".join(chr(b) if chr(b) in PLAIN else f"%{b:02X}" for b in name.encode("utf-8", "replace"))
