"""Files that an owner wants written, from words in the document or from a URL."""

from __future__ import annotations

from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, MapOf, Problem, Record, Shape, Text, Uri, kind
from cloudboot.text import safe_url

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

    from cloudboot.schema.problem import Path
    from cloudboot.system.door import System

MOST = 64 << 20
ENCODINGS = ("gz", "gzip", "gz+base64", "gzip+base64", "gz+b64", "gzip+b64", "b64", "base64", "text/plain")
MODE = 0o644


class Content(Shape):
    """Text, or bytes (``!!binary``)."""

    says = "text"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        is_text = isinstance(value, (str, bytes))  # any character may be in a file
        return value if is_text else Text().parse(value, path, found)

    def schema(self) -> Dict[str, Any]:
        return {"type": "string"}


class Encoding(Shape):
    """How a content is written down; one that nobody knows counts as plain."""

    says = "one of " + ", ".join(ENCODINGS)

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, str):
            return self.bad(value, path, found)
        word = value.lower().strip()
        if word not in ENCODINGS:
            found.append(Problem(path, f"expected {self.says}", "it is taken as text/plain", "wrong"))
            return "text/plain"
        return word

    def schema(self) -> Dict[str, Any]:
        return {"enum": list(ENCODINGS)}


class Permissions(Shape):
    """A file mode as octal text (``"0644"``). A number is taken as it is, which is rarely what was meant; what is no
    mode counts as 0644."""

    says = 'octal digits in quotes such as "0644"'

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0o7777:
            found.append(Problem(path, f"expected {self.says}, got a number, which is mode {value:04o}", "", "wrong"))
            return value
        try:
            mode = int(value, 8) if isinstance(value, str) else -1
        except ValueError:
            mode = -1
        if not 0 <= mode <= 0o7777:
            got = "" if isinstance(value, str) else f", got {kind(value)}"
            found.append(Problem(path, f"expected {self.says}{got}", f"it is taken as {MODE:04o}", "wrong"))
            return MODE
        return mode

    def schema(self) -> Dict[str, Any]:
        return {"type": "string", "pattern": "^(0o)?[0-7]{1,4}$"}

    def written(self, value: Any) -> Any:
        return f"{value:04o}"


class Source(Noun):
    uri: str = option(Uri, required=True, help="where the content is: http, https, ftp or file")
    headers: Mapping[str, str] = option(MapOf(Text), default={}, help="headers to ask with")


class Wanted(Noun):
    """One entry of write_files."""

    path: str = option(Text, required=True, help="where the file is to be")
    content: Optional[Union[str, bytes]] = option(Content, help="what is to be in it")
    source: Optional[Source] = option(Source, help="where its content is fetched; content stands in when that fails")
    owner: str = option(Text, default="root:root", help="user, or user:group")
    permissions: int = option(Permissions, default=MODE, help='its mode in octal digits, such as "0600"')
    encoding: str = option(Encoding, default="text/plain", help="how content is encoded")
    append: bool = option(Bool, default=False, help="add to the file instead of replacing it")
    defer: bool = option(Bool, default=False, help="write it in the final stage, after packages are installed")


class Entry(Record):
    """An entry. One without a path asks for nothing that could be done: it is left out, and called wrong."""

    def __init__(self) -> None:
        super().__init__(Wanted)

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        mine: List[Problem] = []
        out = super().parse(value, path, mine)
        nameless = isinstance(value, dict) and "path" not in value
        found.extend(p.but(level="wrong") if nameless and p.path == path else p for p in mine)
        return out


def write_all(system: System, wanted: Sequence[Wanted]) -> None:
    """Writes each; one that cannot be written stops none of the others, and what is raised in the end names it."""
    failed: List[str] = []
    for file in wanted:
        if not file.path:
            continue
        try:
            write(system, file)
        except CloudbootError as problem:
            failed.append(f"{file.path}: {problem.reason}")
    if failed:
        raise CloudbootError(f"{len(failed)} of {len(wanted)} files not written: {'; '.join(failed)}")


def write(system: System, file: Wanted) -> None:
    """Writes one file. A file for its owner alone is kept out of diffs as a secret."""
    from posixpath import normpath

    path = normpath("/" + file.path.lstrip("/"))
    content: Optional[bytes] = None
    origin = ""
    if file.source:
        try:
            done = system.fetch(file.source.uri, headers=file.source.headers)
            if done.left:
                return
            content, origin = done.stdout, safe_url(file.source.uri)
        except CloudbootError as problem:
            otherwise = "its content is used instead" if file.content is not None else "the file is not written"
            system.warn(f"{path}: {problem.reason}; {otherwise}")
            if file.content is None:
                return
    if content is None:
        content = decoded(file.content or "", file.encoding)
    secret = not file.permissions & 0o077
    if file.append:
        system.append(path, content, mode=file.permissions, owner=file.owner, secret=secret)
    else:
        system.write(path, content, mode=file.permissions, owner=file.owner, secret=secret, origin=origin)


def decoded(content: Union[str, bytes], encoding: str) -> bytes:
    """The bytes that this content stands for. Raises `CloudbootError` where it is not what ``encoding`` says."""
    data = content.encode() if isinstance(content, str) else content
    if encoding.endswith(("b64", "base64")):
        import binascii

        try:
            data = binascii.a2b_base64(data)
        except binascii.Error as problem:
            raise CloudbootError("the content is no base64", "encode it again") from problem
    if not encoding.startswith("gz"):
        return data
    if not data.startswith(b"\x1f\x8b"):
        raise CloudbootError("the content is no gzip", "compress it again, or leave the encoding out")
    from cloudboot.userdata.inflate import inflate

    return inflate(data, MOST)
