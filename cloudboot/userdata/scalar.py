"""What a scalar of YAML 1.1 means, as PyYAML's safe loader has it, told without a regular expression."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Union

DIGITS = "0123456789"
HEXADECIMAL = "0123456789abcdefABCDEF"
WORDS = {
    word: value
    for value, said in ((True, "yes true on"), (False, "no false off"), (None, "null"))
    for word in said.split()
    for word in (word, word.capitalize(), word.upper())
}
WORDS.update({"~": None, "": None})
BOOLEANS = {word.lower(): value for word, value in WORDS.items() if value is not None}


def plain(text: str) -> Any:
    """What an unquoted text stands for: itself, where it is no number, truth value or null. Raises ValueError."""
    first = text[:1]
    if first.isdigit() or first in ("+", "-", "."):
        body = text[1:] if first in ("+", "-") else text
        if "." in body:
            return float_of(text) if _is_float(body, signed=body is not text) else text
        return int_of(text) if _is_int(body) else text
    return WORDS.get(text, text)


def int_of(text: str) -> int:
    """The whole number, in base 2 (0b), 8 (0), 10, 16 (0x) or 60 (with colons). Raises ValueError."""
    text = text.replace("_", "")
    sign = -1 if text[:1] == "-" else 1
    text = text[1:] if text[:1] in ("+", "-") else text
    if text == "0":
        return 0
    if text.startswith("0b"):
        return sign * int(text[2:], 2)
    if text.startswith("0x"):
        return sign * int(text[2:], 16)
    if text.startswith("0"):
        return sign * int(text, 8)
    value = 0
    for piece in text.split(":"):
        value = value * 60 + int(piece)
    return sign * value


def float_of(text: str) -> float:
    """The number, infinity or no number. Raises ValueError."""
    text = text.replace("_", "").lower()
    sign = -1.0 if text[:1] == "-" else 1.0
    text = text[1:] if text[:1] in ("+", "-") else text
    if text in (".inf", ".nan"):
        return sign * float(text[1:])
    value, scale = 0.0, 1
    for piece in reversed(text.split(":")):
        value += float(piece) * scale
        scale *= 60
    return sign * value


def _bool(text: str) -> bool:
    return bool(BOOLEANS[text.lower()])


def _binary(text: str) -> bytes:
    from binascii import a2b_base64

    return a2b_base64(text.encode("ascii"))


TAGGED: Dict[str, Callable[[str], Union[None, bool, int, float, bytes]]] = {
    "null": lambda text: None, "bool": _bool, "int": int_of, "float": float_of, "binary": _binary,
}  # fmt: skip
"""What a text with one of these tags stands for. They raise ValueError, KeyError or ArithmeticError."""


def _all(text: str, allowed: str) -> bool:
    return not text.strip(allowed)


def _is_int(body: str) -> bool:
    if body.startswith("0b"):
        return len(body) > 2 and _all(body[2:], "01_")
    if body.startswith("0x"):
        return len(body) > 2 and _all(body[2:], HEXADECIMAL + "_")
    if body.startswith("0"):
        return _all(body, "01234567_")
    first, *sixtieths = body.split(":")
    return _digits(first) and all(map(_sixtieth, sixtieths))


def _is_float(body: str, signed: bool) -> bool:
    whole, _, rest = body.partition(".")
    if not whole:
        if rest in ("inf", "Inf", "INF"):
            return True
        return not signed and (rest in ("nan", "NaN", "NAN") or (_digits(rest[:1]) and _scaled(rest)))
    first, *sixtieths = whole.split(":")
    if not _digits(first) or not all(map(_sixtieth, sixtieths)):
        return False
    return _all(rest, DIGITS + "_") if sixtieths else _scaled(rest)


def _digits(text: str) -> bool:
    """A digit, and perhaps more of them and underscores."""
    return text[:1] != "" and text[:1] in DIGITS and _all(text, DIGITS + "_")


def _sixtieth(text: str) -> bool:
    return text != "" and len(text) < 3 and _all(text, DIGITS) and (len(text) == 1 or text[0] in "012345")


def _scaled(text: str) -> bool:
    """Digits and underscores, and perhaps an exponent with a sign."""
    mantissa, mark, power = text.replace("E", "e").partition("e")
    return _all(mantissa, DIGITS + "_") and (
        not mark or (power[:1] in ("+", "-") and len(power) > 1 and _all(power[1:], DIGITS))
    )
