"""YAML documents: read within bounds, told where each value stands, written for people.

Values are built straight from the parser's events, so that every bound holds while reading,
before anything is expanded: an alias or a ``<<`` costs as many nodes as the copy that it stands for.

What is read is plain: dates stay the text that was written, the last of equal keys counts, ``!!binary`` is bytes, and
a number of more than a thousand characters is text. Everything else is YAML 1.1 as PyYAML's safe loader has it.
"""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.noun import TYPE_CHECKING
from cloudboot.userdata import counted, decoded, scalar
from cloudboot.userdata.libyaml import yaml

if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple, Union

    from cloudboot.userdata.spot import Spot

    Path = Tuple[Any, ...]

MAX_DEPTH = 64
"""The deepest nesting of mappings and lists."""
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
MAX_NODES = 500_000
"""The most values, keys and collections, with every alias counted as what it stands for."""
MAX_ALIASES = 1000
"""The most uses of ``*name`` in one document."""
MAX_NUMBER = 1000
"""The longest number, in characters; longer ones are text."""

TAG = "tag:yaml.org,2002:"
COLLECTIONS = {None, "!", *(TAG + name for name in ("map", "seq", "set", "omap", "pairs"))}
TEXTS = {"!", *(TAG + name for name in ("str", "timestamp", "value", "merge", "python/unicode"))}
SCALARS = {TAG + name for name in scalar.TAGGED}
REMEDIES = (
    ("mapping values are not allowed", "put a text that holds ': ' in quotes, or look at the indentation"),
    ("could not find expected ':'", "look for a missing colon or quote here or just above"),
    ("did not find expected", "look at the indentation and the quotes here or just above"),
    ("expected <block end>", "look at the indentation and the quotes here or just above"),
    ("never ends", "close the quote or bracket, or look at the indentation"),
    ("undefined alias", "a text that begins with * needs quotes"),
)


def load(text: Union[bytes, str], name: str = "") -> Any:
    """The value that a YAML document describes; None for an empty one. Raises `Invalid` with the place."""
    return _Reader(text, name, False).read()[0]


def spots(text: Union[bytes, str], name: str = "") -> Spot:
    """Where every value of the document stands, as `load` would build it. Raises what `load` raises."""
    from cloudboot.userdata.spot import Spot

    return _Reader(text, name, True).read()[1] or Spot(1, 1)


def positions(text: Union[bytes, str], name: str = "") -> Dict[Path, Tuple[int, int]]:
    """(line, column) of every path: of its key in a mapping, of the item in a list. Raises what `load` raises."""
    found: Dict[Path, Tuple[int, int]] = {}
    waiting: List[Tuple[Path, Spot]] = [((), spots(text, name))]
    while waiting:
        path, spot = waiting.pop()
        found.setdefault(path, (spot.line, spot.column))
        for step, inner in spot.values.items():
            below = (*path, step)
            found[below] = spot.keys.get(step) or (inner.line, inner.column)
            waiting.append((below, inner))
    return found


def dump(value: Any) -> str:
    """The value as YAML for people: block style, keys in their order, long texts as they are written."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: Any, data: str) -> Any:
        return dumper.represent_scalar(TAG + "str", str(data), style="|" if "\n" in data else None)

    Dumper.add_multi_representer(str, text)
    Dumper.add_representer(str, text)
    Dumper.add_multi_representer(dict, Dumper.represent_dict)
    Dumper.add_multi_representer(list, Dumper.represent_list)
    written: str = yaml.dump(
        value, Dumper=Dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=120
    )
    return written[: -len("...\n")] if written.endswith("\n...\n") else written


class _Open:
    """A mapping or list whose end has not come."""

    __slots__ = ("value", "start", "before", "key", "inherited", "spot", "key_at")

    def __init__(self, value: Any, start: Any, before: int, spot: Optional[Spot]) -> None:
        self.value, self.start, self.before, self.spot = value, start, before, spot
        self.key: Any = _NO_KEY
        self.key_at = (0, 0)
        self.inherited: List[Tuple[Dict[Any, Any], Optional[Spot]]] = []


_NO_KEY: Any = object()
_MERGE: Any = object()


class _Reader:
    """Builds the value of one document from the parser's events."""

    def __init__(self, text: Union[bytes, str], name: str, marking: bool) -> None:
        self.yaml, self.name, self.marking = yaml(), name, marking
        self.text = decoded(text, name)
        self.open: List[_Open] = []
        self.anchors: Dict[str, Optional[Tuple[Any, int, Optional[Spot]]]] = {}
        self.nodes = self.aliases = 0
        self.result: Tuple[Any, Optional[Spot]] = (None, None)

    def read(self) -> Tuple[Any, Optional[Spot]]:
        try:
            self.follow(self.yaml.parser(self.text))
        except self.yaml.error.MarkedYAMLError as error:
            problem, mark = " ".join(filter(None, (error.context, error.problem))), error.problem_mark
            around = [error.context_mark, *(inner.start.start_mark for inner in self.open[::-1])]
            if self.is_end(mark):
                problem = "what begins here never ends"
                mark = next((start for start in around if not self.is_end(start)), mark)
            if "nesting depth" in problem:  # libyaml reads ahead, and has a limit of its own
                raise Invalid(TOO_DEEP, place=self.place(mark)) from None
            raise Invalid(f"not YAML: {problem}", self.remedy(problem, mark), self.place(mark)) from None
        except self.yaml.error.YAMLError:
            raise self.unprintable() from None
        return self.result

    def follow(self, parser: Any) -> None:
        events = self.yaml.events
        documents = 0
        while parser.check_event():
            event = parser.get_event()
            kind = type(event)
            if kind is events.ScalarEvent:
                self.scalar(event)
            elif kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
                self.begin(event, {} if kind is events.MappingStartEvent else [])
            elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
                self.end()
            elif kind is events.AliasEvent:
                self.alias(event)
            elif kind is events.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise self.wrong(event, "a second document begins here", "keep one document, without ---")

    def scalar(self, event: Any) -> None:
        value = event.value
        if event.tag is None:
            plain = event.implicit[0]
            if plain and value == "<<" and self.open and self.open[-1].key is _NO_KEY:
                value = _MERGE if isinstance(self.open[-1].value, dict) else value
            elif plain:
                value = self.meant(event, value)
        elif event.tag not in TEXTS:
            value = self.made(event, event.tag, value)
        self.put(event, value, 1, None, event.anchor)

    def meant(self, event: Any, value: str) -> Any:
        """What an unquoted text stands for."""
        try:
            return scalar.plain(value) if len(value) <= MAX_NUMBER else value
        except (ValueError, ArithmeticError):
            raise self.wrong(event, "this is no number", "put it in quotes if it is a text") from None

    def made(self, event: Any, tag: str, value: str) -> Any:
        if tag not in SCALARS:
            raise self.wrong(event, f"the tag {_short(tag)} means nothing here", "leave it out")
        if len(value) > MAX_NUMBER and tag in (TAG + "int", TAG + "float"):
            raise self.wrong(event, f"a number of more than {MAX_NUMBER} characters")
        try:
            return scalar.TAGGED[tag[len(TAG) :]](value)
        except (ValueError, KeyError, ArithmeticError):
            raise self.wrong(event, f"this is no {_short(tag)}", "put it in quotes if it is a text") from None

    def begin(self, event: Any, value: Any) -> None:
        if event.tag not in COLLECTIONS:
            raise self.wrong(event, f"the tag {_short(event.tag)} means nothing here", "leave it out")
        if len(self.open) >= MAX_DEPTH:
            raise self.wrong(event, TOO_DEEP)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(value, event, self.nodes, self.spot(event)))

    def end(self) -> None:
        done = self.open.pop()
        if done.inherited:
            own, done.value = done.value, {}
            for mapping, spot in done.inherited:
                done.value.update(mapping)
                if done.spot and spot:
                    done.spot.keys = {**spot.keys, **done.spot.keys}
                    done.spot.values = {**spot.values, **done.spot.values}
            done.value.update(own)
        size = self.nodes - done.before + 1
        self.nodes += 1
        if done.start.anchor:
            self.anchors[done.start.anchor] = (done.value, size, done.spot)
        self.put(done.start, done.value, 0, done.spot, None)

    def alias(self, event: Any) -> None:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise self.wrong(event, f"more than {MAX_ALIASES} aliases")
        if event.anchor not in self.anchors:
            raise self.wrong(event, "not YAML: undefined alias", "a text that begins with * needs quotes")
        known = self.anchors[event.anchor]
        if known is None:
            raise self.wrong(event, "an alias stands inside what it refers to", "a value cannot contain itself")
        spot = self.spot(event)
        if spot and known[2]:
            spot.keys, spot.values = known[2].keys, known[2].values
        self.put(event, known[0], known[1], spot, None)

    def put(self, event: Any, value: Any, size: int, spot: Optional[Spot], anchor: Optional[str]) -> None:
        """Gives a finished value to the collection that it is in."""
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise self.wrong(event, f"more than {MAX_NODES} values once its aliases are followed")
        if self.marking and spot is None:
            spot = self.spot(event)
        if anchor:
            self.anchors[anchor] = (value, size, spot)
        if not self.open:
            self.result = (value, spot)
            return
        parent = self.open[-1]
        into = parent.value
        if type(into) is list:
            if spot and parent.spot:
                parent.spot.values[len(into)] = spot
            into.append(value)
        elif parent.key is _NO_KEY:
            if type(value) is dict or type(value) is list:
                raise self.wrong(event, "a key is a mapping or a list", "put a value that begins with {{ in quotes")
            parent.key = value
            if spot:
                parent.key_at = (spot.line, spot.column)
        elif parent.key is _MERGE:
            parent.key = _NO_KEY
            self.inherit(event, parent, value, spot)
        else:
            into[parent.key] = value
            if spot and parent.spot:
                parent.spot.keys[parent.key] = parent.key_at
                parent.spot.values[parent.key] = spot
            parent.key = _NO_KEY

    def inherit(self, event: Any, parent: _Open, value: Any, spot: Optional[Spot]) -> None:
        given = value if isinstance(value, list) else [value]
        if not all(isinstance(mapping, dict) for mapping in given):
            raise self.wrong(event, "<< takes a mapping or a list of mappings")
        inner = [spot.values.get(i) for i in range(len(given))] if spot and isinstance(value, list) else [spot]
        # the first of a list counts most, so it is laid down last
        parent.inherited += list(zip(given, inner if spot else [None] * len(given)))[::-1]

    def spot(self, event: Any) -> Optional[Spot]:
        if not self.marking:
            return None
        from cloudboot.userdata.spot import Spot

        return Spot(event.start_mark.line + 1, event.start_mark.column + 1)

    def place(self, mark: Any) -> Place:
        return Place(self.name, mark.line + 1, mark.column + 1) if mark else Place(self.name)

    def wrong(self, event: Any, reason: str, remedy: str = "") -> Invalid:
        return Invalid(reason, remedy, self.place(event.start_mark))

    def remedy(self, problem: str, mark: Any) -> str:
        if mark and "cannot start any token" in problem:
            at = self.text.splitlines()[mark.line : mark.line + 1]
            tab = at and at[0][mark.column : mark.column + 1] == "\t"
            return "indent with spaces, not with tabs" if tab else "put the value in quotes"
        return next((remedy for words, remedy in REMEDIES if words in problem), "")

    def is_end(self, mark: Any) -> bool:
        """Does the text end here, but for white space?"""
        return not mark or not "\n".join(self.text.splitlines()[mark.line :])[mark.column :].strip()

    def unprintable(self) -> Invalid:
        from yaml.reader import Reader

        found = Reader.NON_PRINTABLE.search(self.text)
        place = counted(self.text, found.start(), self.name) if found else Place(self.name)
        return Invalid("not YAML: a control character", "write it as \\xNN in double quotes, or use !!binary", place)


def _short(tag: str) -> str:
    return "!!" + tag[len(TAG) :] if tag.startswith(TAG) else tag
