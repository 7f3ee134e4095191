"""JSON by the C code of the standard library, without its package, which compiles regular expressions at import.

`loads` and `dumps` mean what they mean there; what is laid out for people goes through the package itself.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Union

BLANKS = " \t\n\r"
CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class _Reading:
    """What the scanner asks of its owner."""

    strict, object_pairs_hook, parse_float, parse_int = True, None, float, int

    def __init__(self, object_hook: Any, parse_constant: Any) -> None:
        self.object_hook, self.parse_constant = object_hook, parse_constant
        self.memo: Dict[str, str] = {}


def loads(text: Union[str, bytes], *, object_hook: Optional[Callable[[Dict[str, Any]], Any]] = None,
          parse_constant: Callable[[str], Any] = CONSTANTS.__getitem__) -> Any:  # fmt: skip
    """The value of a document. Raises ValueError, also where it is nested too deep."""
    if isinstance(text, (bytes, bytearray)):
        text = text.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
    try:
        from _json import make_scanner
    except ImportError:  # another Python
        from json import loads

        try:
            return loads(text, object_hook=object_hook, parse_constant=parse_constant)
        except RecursionError:
            raise ValueError("nested too deep") from None
    reading: Any = _Reading(object_hook, parse_constant)
    scan = make_scanner(reading)
    try:
        value, end = scan(text, len(text) - len(text.lstrip(BLANKS)))
    except StopIteration as at:
        raise ValueError(f"not JSON at character {at.value}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    if text[end:].strip(BLANKS):
        raise ValueError(f"more than one JSON value: another begins at character {end}")
    return value


def dumps(value: Any, *, indent: Optional[int] = None, sort_keys: bool = False,
          default: Optional[Callable[[Any], Any]] = None) -> str:  # fmt: skip
    """The document that holds the value. Raises TypeError for what JSON cannot hold, ValueError for a circle."""
    try:
        from _json import encode_basestring_ascii, make_encoder
    except ImportError:
        indent = indent or 0
    if indent is not None:
        from json import dumps

        return dumps(value, indent=indent or None, sort_keys=sort_keys, default=default)
    encode = make_encoder({}, default or _refused, encode_basestring_ascii, None, ": ", ", ", sort_keys, False, True)
    return "".join(encode(value, 0))


def _refused(value: Any) -> Any:
    raise TypeError(f"JSON holds no {type(value).__name__}")
