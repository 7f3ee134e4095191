"""Readings of what clouds say, whose documents differ in shape and agree in meaning. Values in, values out."""

from __future__ import annotations

from cloudboot import json
from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

LONGEST_ID, LONGEST_NAME = 255, 253
ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:+=@~")
NO_IDS = ("null", "none", "nan", "undefined", "unknown", "true", "false")


def instance_id(value: object, where: str) -> str:
    """An instance id, from a text or number. Raises `Unreachable` where this cannot be one, such as the page of a
    captive portal: an id decides whether a machine is new, so it is never guessed."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    text = str(text).strip() if isinstance(text, (str, int)) and not isinstance(text, bool) else ""
    plain = text.isascii() and text[:1].isalnum() and not set(text) - ID_CHARACTERS
    if not plain or len(text) > LONGEST_ID or text.lower() in NO_IDS:
        raise Unreachable(f"{where}: there is no instance id in its answer", "see what it serves with curl")
    return text


def host_name(value: object) -> Optional[str]:
    """A host name, None where there is none. Old clones of EC2 have an address here, which makes ``ip-a-b-c-d``."""
    text = value.strip().rstrip(".") if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_NAME or not text.isprintable() or " " in text:
        return None
    if text.count(".") == 3 and text.replace(".", "").isdigit():
        return f"ip-{text.replace('.', '-')}"
    return text


def ssh_keys(value: object) -> Tuple[str, ...]:
    """Lines of keys from a text, a list, or a mapping of names to either; each once, without blank ones."""
    found: Dict[str, None] = {}
    for text in _texts(value):
        for line in text.splitlines():
            if line.strip() and not line.strip().startswith("#"):
                found[line.strip()] = None
    return tuple(found)


def _texts(value: object) -> List[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for entry in value for text in _texts(entry)] if isinstance(value, (list, tuple)) else []


def vendor_parts(value: object) -> Tuple[bytes, ...]:
    """Documents of vendor-data: a text is one, a list several; a mapping has its own below ``cloud-init``."""
    if isinstance(value, dict):
        value = value.get("cloud-init")
        if isinstance(value, dict):
            return ()
    if isinstance(value, (bytes, str)):
        return (as_bytes(value),) if value else ()
    return tuple(as_bytes(v) for v in value if isinstance(v, (bytes, str)) and v) if isinstance(value, list) else ()


def as_bytes(value: object) -> bytes:
    """A document that came as text or bytes; empty for anything else."""
    return (
        value.encode("utf-8", "surrogateescape")
        if isinstance(value, str)
        else value
        if isinstance(value, bytes)
        else b""
    )


def unbase64(data: Union[bytes, str], always: bool = False) -> bytes:
    """What a whole body of base64 stands for, and any other body as it is. With ``always`` it has to be base64:
    raises `Unreachable` where it is not."""
    from binascii import Error, a2b_base64

    raw = as_bytes(data)
    packed = b"".join(raw.split())
    try:
        decoded = a2b_base64(packed)
    except Error:
        decoded = None
    alphabet = not packed.translate(None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    if decoded is not None and alphabet and len(packed) % 4 == 0 and b"=" not in packed.rstrip(b"="):
        return decoded
    if always:
        raise Unreachable("what should be base64 is not", "look at how it was given to the cloud")
    return raw


def mapping(raw: bytes, where: str) -> Mapping[str, Any]:
    """The JSON object in an answer. Raises `Unreachable` for anything else, half a document included."""
    value = from_json(raw, where)
    if not isinstance(value, dict):
        raise Unreachable(f"{where}: its answer is not a JSON object", "see what it serves with curl")
    return value


def from_json(raw: bytes, where: str) -> Any:
    """The JSON value in an answer. Raises `Unreachable`."""
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except ValueError:
        raise Unreachable(f"{where}: its answer is not JSON", "see what it serves with curl") from None


def from_yaml(raw: bytes, where: str) -> Any:
    """The YAML value in an answer. Raises `Unreachable`."""
    from cloudboot.errors import Invalid
    from cloudboot.packed import documents

    try:
        return documents.load(raw)
    except Invalid as problem:
        raise Unreachable(f"{where}: its answer is not YAML: {problem}", "see what it serves with curl") from None


def _no_number(text: str) -> None:
    raise ValueError(text)


def number(value: object) -> Optional[int]:
    """A whole number from a number or its text, None where there is none."""
    try:
        return int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    except ValueError:
        return None


def word(value: object) -> Optional[str]:
    """A text, None for an empty one and for anything else."""
    return value.strip() or None if isinstance(value, str) else None


def records(value: object) -> Tuple[Dict[str, Any], ...]:
    """The mappings in a list; none where this is no list."""
    return tuple(entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def section(value: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at this path in a document, empty where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def same_uuid(one: str, other: str) -> bool:
    """Are these the same UUID? Case, dashes and the byte order of the first three groups are the firmware's whim."""
    a, b = (text.lower().replace("-", "") for text in (one, other))
    swapped = a[6:8] + a[4:6] + a[2:4] + a[:2] + a[10:12] + a[8:10] + a[14:16] + a[12:14] + a[16:]
    return len(a) == 32 and b in (a, swapped)
