"""Raw user-data as a flat sequence of parts: unpacked, fetched, told apart by kind, each with its name and origin.

User-data comes as one document or as a tree of them: gzip around MIME around an archive around an include. Whatever
cannot be understood is a `BadPart` in the answer, and everything else is still there.
"""

from __future__ import annotations

from cloudboot.errors import BadPart, CloudbootError, Invalid, Place
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.text import safe_url
from cloudboot.userdata import MAX_BYTES, document, kinds

if TYPE_CHECKING:
    from typing import Callable, List, Mapping, Optional, Sequence, Tuple, Union

    from cloudboot.userdata.mime import Entity

    Fetch = Callable[[str], bytes]
    Recall = Callable[[str], Optional[bytes]]
    Keep = Callable[[str, bytes], None]

MAX_NESTING = 8
"""The most containers (gzip, multipart, archive, message) around one another."""
MAX_PARTS = 4096
"""The most parts of one user-data."""
MAX_INCLUDES = 8
"""The most includes inside one another."""
MAX_URLS = 64
"""The most addresses that the includes of one user-data name."""


class Part(Noun):
    """One document of user-data.

    ``kind`` is its MIME type (`kinds`), ``name`` a file name that is safe in any folder, ``origin`` what errors call
    it: ``user-data``, ``user-data#web.yaml``, ``https://host/path``. ``headers`` have lower-case names.
    """

    kind: str
    content: bytes
    name: str
    origin: str
    headers: Mapping[str, str] = {}

    @property
    def merging(self) -> str:
        """How its headers say that it is merged."""
        return self.headers.get("merge-type", "") or self.headers.get("x-merge-type", "")


class Parts(Noun):
    """What was in some user-data, and what was wrong with the rest of it."""

    found: Tuple[Part, ...] = ()
    problems: Tuple[BadPart, ...] = ()


class Inclusion(Noun):
    """How addresses in user-data are read.

    ``fetch`` gives the content or raises a `CloudbootError`; ``recall`` and ``keep`` hold what ``#include-once`` has
    fetched before.
    """

    fetch: Fetch
    recall: Optional[Recall] = None
    keep: Optional[Keep] = None

    def read(self, url: str, once: bool) -> bytes:
        known = self.recall(url) if once and self.recall else None
        if known is not None:
            return known
        content = self.fetch(url)
        if once and self.keep:
            self.keep(url, content)
        return content


def unpack(
    raw: Union[bytes, Sequence[bytes]],
    name: str = "user-data",
    launch_index: Optional[int] = None,
    inclusion: Optional[Inclusion] = None,
) -> Parts:
    """The parts of one document, or of several that count as one. Never raises a `CloudbootError`.

    ``name`` is what errors call the document. With a ``launch_index``, parts for other machines of the same launch are
    left out. Without an ``inclusion``, an include is a problem.
    """
    unpacking = _Unpacking(launch_index, inclusion)
    documents = [raw] if isinstance(raw, bytes) else raw
    for number, content in enumerate(documents):
        origin = name if len(documents) == 1 else f"{name}[{number}]"
        try:
            unpacking.spend(content)
        except BadPart as problem:
            unpacking.note(origin, problem)
        else:
            unpacking.attempt(_Piece(content, origin))
    return Parts(tuple(unpacking.found), tuple(unpacking.problems))


def file_name(text: str) -> str:
    """The text as a file name that is safe in any folder; empty when nothing of it can stay."""
    kept = "".join(c for c in text.replace("/", "_") if c.isascii() and (c.isalnum() or c in "_.()-"))
    return kept[:200] if kept.strip(".") else ""


class _Piece(Noun):
    """Content on its way to be a part; of an ``entity`` it is the decoded body."""

    content: bytes
    origin: str
    kind: str = ""
    filename: str = ""
    headers: Mapping[str, str] = {}
    entity: Optional[Entity] = None
    depth: int = 0
    chain: Tuple[str, ...] = ()


class _Unpacking:
    """The parts found so far, and how much more there may be."""

    def __init__(self, launch_index: Optional[int], inclusion: Optional[Inclusion]) -> None:
        self.launch_index, self.inclusion = launch_index, inclusion
        self.found: List[Part] = []
        self.problems: List[BadPart] = []
        self.bytes_left, self.parts_left, self.urls_left = MAX_BYTES, MAX_PARTS, MAX_URLS

    def attempt(self, piece: _Piece) -> None:
        """Takes a piece; what is wrong with it is noted, and the next piece can be tried."""
        self.parts_left -= 1
        if self.parts_left < 0:
            if self.parts_left == -1:
                self.note(piece.origin, BadPart(f"more than {MAX_PARTS} parts: the rest is not looked at"))
            return
        try:
            if piece.depth > MAX_NESTING:
                raise BadPart(f"more than {MAX_NESTING} containers around one another")
            self.take(piece)
        except CloudbootError as problem:
            self.note(piece.origin, problem)

    def note(self, origin: str, problem: CloudbootError) -> None:
        place = problem.place if problem.place and problem.place.file else Place(origin)
        self.problems.append(BadPart(problem.reason, problem.remedy, place))

    def take(self, piece: _Piece) -> None:
        if not self.meant_for_us(piece.headers.get("launch-index")):
            return
        kind, content = piece.kind, piece.content
        if piece.entity is not None:
            from cloudboot.userdata import mime

            content = mime.content(piece.entity)
        piece = piece.but(content=content, entity=None)
        if kinds.is_gzip(content) and (kind in kinds.GZIP or kind == "" or kind.startswith("text/")):
            from cloudboot.userdata import inflate

            content = inflate.inflate(content, self.bytes_left)
            self.spend(content)
            kind = "" if kind in kinds.GZIP else kind
            self.attempt(piece.but(content=content, kind=kind, depth=piece.depth + 1))
        elif kind in kinds.GZIP:
            raise BadPart("it is declared as gzip, and is not", "look at its Content-Type")
        elif kind == "" and kinds.is_message(content):
            self.message(piece)
        else:
            self.document(piece)

    def document(self, piece: _Piece) -> None:
        """A piece that is no container of bytes: its kind says what it is."""
        kind = piece.kind or kinds.UNKNOWN
        if kind in kinds.UNSURE:
            kind = kinds.kind_of(piece.content) or kind
        if kind in (kinds.INCLUDE, kinds.INCLUDE_ONCE):
            self.include(piece, kind == kinds.INCLUDE_ONCE)
        elif kind == kinds.ARCHIVE:
            self.archive(piece)
        elif piece.content.strip():
            self.attach(piece, kind)

    def message(self, piece: _Piece) -> None:
        from cloudboot.userdata import mime

        entity = mime.read(piece.content.lstrip())
        for leaf in mime.leaves(entity, MAX_NESTING - piece.depth):
            if self.parts_left < 0:
                break
            if isinstance(leaf, BadPart):
                self.note(piece.origin, leaf)
                continue
            name = leaf.filename or ("" if leaf is entity else f"part-{len(self.found) + 1:03}")
            inner = piece.but(
                origin=f"{piece.origin}#{name}" if name else piece.origin,
                kind=leaf.kind,
                filename=leaf.filename or piece.filename,
                headers={**piece.headers, **leaf.headers},
                entity=leaf,
                depth=piece.depth + 1,
            )
            self.attempt(inner)

    def archive(self, piece: _Piece) -> None:
        from cloudboot.userdata import archive

        entries, problems = archive.entries(piece.content, piece.origin)
        self.problems += problems[:MAX_PARTS]
        for number, entry in enumerate(entries):
            inner = piece.but(
                content=entry.content,
                origin=f"{piece.origin}#{entry.filename or f'[{number}]'}",
                kind=entry.kind,
                filename=entry.filename,
                headers=entry.headers,
                depth=piece.depth + 1,
            )
            self.attempt(inner)

    def include(self, piece: _Piece, once: bool) -> None:
        from cloudboot.userdata.include import addresses

        listed = addresses(piece.content.decode("utf-8", "replace"), once)
        if len(piece.chain) >= MAX_INCLUDES:
            raise BadPart(f"more than {MAX_INCLUDES} includes inside one another")
        for url, once in listed:
            self.urls_left -= 1
            if self.urls_left < 0:
                raise BadPart(f"more than {MAX_URLS} addresses: the rest is not fetched")
            try:
                content = self.fetched(url, once, piece.chain)
            except CloudbootError as problem:
                reason = f"cannot include {safe_url(url)}: {problem.reason}"
                self.note(piece.origin, BadPart(reason, problem.remedy, Place(piece.origin)))
                continue
            self.attempt(_Piece(content, safe_url(url), chain=(*piece.chain, url)))

    def fetched(self, url: str, once: bool, chain: Tuple[str, ...]) -> bytes:
        if url in chain:
            raise BadPart("it includes itself", "take it out of one of the lists")
        if self.inclusion is None:
            raise BadPart("addresses are not fetched here")
        content = self.inclusion.read(url, once)
        self.spend(content)
        return content

    def spend(self, content: bytes) -> None:
        if len(content) > self.bytes_left:
            from cloudboot.userdata import inflate

            raise BadPart(f"all of user-data is more than {MAX_BYTES >> 20} MiB", inflate.REMEDY)
        self.bytes_left -= len(content)

    def attach(self, piece: _Piece, kind: str) -> None:
        if kind == kinds.CONFIG and "launch-index" not in piece.headers and not self.meant_for_us(self.index_in(piece)):
            return
        name = file_name(piece.filename) or f"part-{len(self.found) + 1:03}"
        self.found.append(Part(kind, piece.content, name, piece.origin, piece.headers))

    def index_in(self, piece: _Piece) -> object:
        """The launch index that a cloud-config has as a key."""
        if self.launch_index is None or b"launch-index" not in piece.content:
            return None
        try:
            value = document.load(piece.content, piece.origin)
        except Invalid:
            return None  # said once, when it is merged
        return value.get("launch-index") if isinstance(value, dict) else None

    def meant_for_us(self, index: object) -> bool:
        """Is a part with this launch index for this machine? One without an index, or with nonsense, is for all."""
        try:
            return self.launch_index is None or index is None or int(str(index)) == self.launch_index
        except ValueError:
            return True
