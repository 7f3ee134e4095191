"""Bytes as text: UTF-8 within a bound, and the place of a character in it."""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Union

MAX_BYTES = 16 << 20
"""The longest document, and the most that all of user-data may become, in bytes."""


def decoded(text: Union[bytes, str], name: str = "") -> str:
    """The text, without a byte order mark. Raises `Invalid` with the place of what is no text."""
    if len(text) > MAX_BYTES:
        raise Invalid(f"longer than {MAX_BYTES >> 20} MiB", place=Place(name))
    try:
        if isinstance(text, str):
            text.encode()  # a lone surrogate is no text
            return text[1:] if text[:1] == "\ufeff" else text
        whole = text.decode()
        return whole[1:] if whole[:1] == "\ufeff" else whole
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        place = counted(before, len(before), name)
    except UnicodeEncodeError as error:
        place = counted(error.object, error.start, name)
    raise Invalid("not text in UTF-8", "save it as UTF-8", place)


def counted(text: str, offset: int, name: str = "") -> Place:
    """The place of the character at ``offset``."""
    start = text.rfind("\n", 0, offset) + 1
    return Place(name, text.count("\n", 0, offset) + 1, offset - start + 1)
