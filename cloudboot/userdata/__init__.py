"""User-data: from the bytes that a cloud hands over to what the instance is asked to be.

    parts.unpack ──► config.settle ──► Settled(config, scripts, boothooks, handlers, problems, notes)
    parts.unpack ──► config.trace  ──► for every path of the same config, where it came from

Pure: bytes and values in, values out; addresses are fetched by a function that the caller gives. User-data is written
by people and by those who can reach the cloud's interface, and it is read as root. So everything has a bound, and what
is beyond it, or cannot be understood, is a `BadPart` with the part's name, line and column; the other parts count.

The bounds stand in docs/limits.md.
"""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Mapping, Tuple, Union

    from cloudboot.errors import BadPart
    from cloudboot.userdata.fold import Script
    from cloudboot.userdata.handlers import Handler

MAX_BYTES = 16 << 20
"""The longest document, and the most that all of user-data may become, in bytes."""


class Settled(Noun):
    """All that an instance is asked to be, or what the parts of one stream come to.

    ``config`` is the merged cloud-config. ``problems`` are the parts, or pieces of them, that do not count, with
    their places; ``notes`` are things that were done but hardly meant.
    """

    config: Mapping[str, Any]
    scripts: Tuple[Script, ...] = ()
    boothooks: Tuple[Script, ...] = ()
    handlers: Tuple[Handler, ...] = ()
    problems: Tuple[BadPart, ...] = ()
    notes: Tuple[BadPart, ...] = ()


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
