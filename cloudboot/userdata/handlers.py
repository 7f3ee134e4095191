"""Part-handlers: user-data that is Python, for parts of kinds of its own. What they are given, and how they are run.

A handler never runs in this process: `handler_driver` runs it in one of its own, with `order` on its standard input,
and prints what `answer` reads. Which kinds it takes is read off its source, so that a plan can tell.
"""

from __future__ import annotations

import os

from cloudboot.errors import CommandFailed
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Optional, Tuple

    from cloudboot.userdata.parts import Part

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "handler_driver.py")
"""The script to run with the Python of this process; ``order`` goes to its standard input."""


class Handler(Noun):
    """A part-handler and the parts after it that it may take.

    ``kinds`` is None where the source does not tell them plainly; it is then offered every part that nobody else takes.
    """

    name: str
    source: bytes
    origin: str
    kinds: Optional[Tuple[str, ...]] = None
    parts: Tuple[Part, ...] = ()


class Handled(Noun):
    """What a handler did: the kinds it takes, how many parts it was given, and the errors it raised, by name."""

    kinds: Tuple[str, ...]
    parts: int = 0
    errors: Tuple[str, ...] = ()


def declared_kinds(source: bytes) -> Optional[Tuple[str, ...]]:
    """The list that ``list_types`` of a handler returns, where it is written out; None where it is worked out."""
    import ast

    try:
        tree = ast.parse(source)
        defined = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "list_types"]
        returned = [n.value for n in ast.walk(defined[-1]) if isinstance(n, ast.Return) and n.value]
        listed = ast.literal_eval(returned[0])
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None
    if len(returned) != 1 or not isinstance(listed, (list, tuple, set)):
        return None
    return tuple(sorted(str(kind).lower() for kind in listed))


def order(handler: Handler, first: bool, folder: str = "") -> bytes:
    """What the driver reads: the handler and its parts. ``first`` is true in the first boot of an instance.

    ``folder`` is where the handler finds modules of its own.
    """
    from binascii import b2a_base64

    from cloudboot import json

    def packed(data: bytes) -> str:
        return b2a_base64(data, newline=False).decode()

    parts = [
        {"kind": p.kind, "name": p.name, "content": packed(p.content), "headers": dict(p.headers)}
        for p in handler.parts
    ]
    asked = {"name": handler.name, "source": packed(handler.source), "first": first, "folder": folder, "parts": parts}
    return json.dumps(asked).encode()


def answer(output: bytes) -> Handled:
    """What the driver printed. Raises `CommandFailed` when that is no answer."""
    from cloudboot import json

    try:
        said = json.loads(output)
        return Handled(tuple(said["kinds"]), int(said["parts"]), tuple(said["errors"]))
    except (ValueError, KeyError, TypeError):
        raise CommandFailed(
            "a part-handler ended without an answer", "run it by hand: python3 -m pdb on its source"
        ) from None
