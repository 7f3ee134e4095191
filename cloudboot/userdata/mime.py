"""MIME messages: headers, transfer encodings, multipart. Bytes in, bytes out, in one pass a level.

A reader of our own: the one in the standard library costs a boot 30 ms to import, and sets no bounds. RFC 2045, 2046,
2183 and 2231; where a message is not quite right it means what the standard library takes it for.
"""

from __future__ import annotations

from cloudboot.errors import BadPart
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, Iterable, Iterator, List, Mapping, Union


class Entity(Noun):
    """Headers, by lower-case name, and the body as it was sent."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Its declared type in lower case; text/plain when it declares none."""
        kind = self.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        return kind if kind.count("/") == 1 else "text/plain"

    @property
    def filename(self) -> str:
        named = parameters(self.headers.get("content-disposition", "")).get("filename", "")
        return named or parameters(self.headers.get("content-type", "")).get("name", "")


def read(data: bytes) -> Entity:
    """The message's headers and body. A line that is no header begins the body."""
    import re

    header = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n]*)(?:\r\n|\r|\n|\Z)")
    more = re.compile(rb"[ \t]+([^\r\n]*)(?:\r\n|\r|\n|\Z)")
    headers: Dict[str, str] = {}
    envelope = re.compile(rb"From [^\r\n]*(?:\r\n|\r|\n)").match(data)
    position = envelope.end() if envelope else 0
    while True:
        line = header.match(data, position)
        if not line:
            break
        position = line.end()
        value = [line[2]]
        while True:
            folded = more.match(data, position)
            if not folded or folded.end() == position:
                break
            value.append(folded[1])
            position = folded.end()
        headers.setdefault(line[1].decode().lower(), b" ".join(value).decode("utf-8", "replace").strip())
        if position >= len(data):
            break
    blank = re.compile(rb"\r\n|\r|\n").match(data, position)
    return Entity(headers, data[blank.end() if blank else position :])


def leaves(entity: Entity, levels: int) -> Iterator[Union[Entity, BadPart]]:
    """What a message consists of, containers opened; for one that cannot be opened, what is wrong with it."""
    if entity.kind == "message/rfc822":
        inner: Iterable[Entity] = (read(entity.body),)
    elif entity.kind.startswith("multipart/"):
        inner = split(entity)
    else:
        yield entity
        return
    if levels <= 0:
        yield BadPart("too many containers around one another")
        return
    try:
        for each in inner:
            yield from leaves(each, levels - 1)
    except BadPart as problem:
        yield problem


def split(entity: Entity) -> Iterator[Entity]:
    """The entities of a multipart one. Raises `BadPart` when its boundary is missing."""
    import re

    boundary = parameters(entity.headers["content-type"]).get("boundary", "").rstrip()
    if not boundary:
        raise BadPart("its multipart header names no boundary", 'write boundary="..." after the type')
    mark = re.escape(b"--" + boundary.encode("utf-8", "replace"))
    start = -1
    for line in re.finditer(
        rb"(?:\A|(?P<before>\r\n|\r|\n))" + mark + rb"(?P<last>--)?[ \t]*(?=\r|\n|\Z)", entity.body
    ):
        if start >= 0:
            yield _inner(entity.body[start : line.start()])
        start = line.end()
        if line["last"]:
            return
    if start < 0:
        raise BadPart("its boundary occurs nowhere", "begin every part with a line of -- and the boundary")
    yield _inner(entity.body[start:])


def _inner(data: bytes) -> Entity:
    """What stands between two boundary lines, from the end of the first one's text."""
    return read(data[2 if data[:2] == b"\r\n" else 1 :])


def content(entity: Entity) -> bytes:
    """The body decoded; texts in another character set as UTF-8. Raises `BadPart` when it is not what it says."""
    from binascii import Error, a2b_base64, a2b_qp

    encoding = entity.headers.get("content-transfer-encoding", "").strip().lower()
    body = entity.body
    if encoding == "base64":
        try:
            body = a2b_base64(body + b"===")
        except Error:
            raise BadPart("its base64 is damaged", "look whether it was cut off") from None
    elif encoding == "quoted-printable":
        body = a2b_qp(body)
    charset = parameters(entity.headers.get("content-type", "")).get("charset", "").lower()
    if entity.kind.startswith("text/") and charset not in ("", "utf-8", "utf8", "us-ascii", "ascii"):
        try:
            return body.decode(charset).encode()
        except (LookupError, ValueError):
            return body
    return body


def parameters(header: str) -> Dict[str, str]:
    """The ``name=value`` pairs after a header's first ``;``, in any of their notations; names in lower case."""
    import re

    pairs = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
    found: Dict[str, str] = {}
    pieces: Dict[str, List[str]] = {}
    for pair in pairs.finditer(header):
        name, value = pair[1].lower(), pair[2].strip()
        if value[:1] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1] if value[-1] == '"' and len(value) > 1 else value[1:])
        name, star, number = name.partition("*")
        if star and (number.endswith("*") or not number):
            value = _percent(value)
        if star and number:
            pieces.setdefault(name, []).append(value)
        else:
            found.setdefault(name, value)
    return {**{name: "".join(values) for name, values in pieces.items()}, **found}


def _percent(value: str) -> str:
    """``charset'language'percent-encoded``, of which later pieces have the last only."""
    from urllib.parse import unquote

    charset, mark, rest = value.partition("'")
    if mark:
        rest = rest.partition("'")[2]
    try:
        return unquote(rest if mark else value, charset if mark and charset else "utf-8", "replace")
    except LookupError:
        return unquote(rest, "utf-8", "replace")
