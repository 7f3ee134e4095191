"""Shapes made of shapes."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun, Option
from cloudboot.schema.problem import Problem, kind, matches, old, unknown
from cloudboot.schema.scalars import Shape

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Type

    from cloudboot.schema.problem import Path


class ListOf(Shape):
    """A list of one shape, as a tuple. ``least`` and ``most`` bound its length; ``unique`` forbids repetition.

    The items of a list ``apart`` have nothing to do with each other: one that cannot be used is left out, and said to
    be, while the others are taken. ``lone``: a text in place of the list is taken as its only item, and called wrong.
    """

    says = "a list"

    def __init__(
        self,
        shape: Any,
        least: int = 0,
        most: Optional[int] = None,
        unique: bool = False,
        apart: bool = False,
        lone: bool = False,
    ) -> None:
        self.shape, self.least, self.most, self.unique, self.apart = shaped(shape), least, most, unique, apart
        self.lone = lone

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if self.lone and isinstance(value, str):
            found.append(Problem(path, "expected a list, got text", "write it as a list of one", "wrong"))
            value = (value,)
        if not isinstance(value, (list, tuple)):
            return self.bad(value, path, found)
        if len(value) < self.least:
            level = "wrong" if value or self.least == 1 else "error"  # of parts that belong together one must be there
            found.append(Problem(path, f"expected at least {self.least} in this list, got {len(value)}", level=level))
        if self.most is not None and len(value) > self.most:
            found.append(Problem(path, f"expected at most {self.most} in this list, got {len(value)}"))
        if self.unique:
            for i, item in enumerate(value):
                if item in value[:i]:
                    found.append(Problem((*path, i), "this stands in the list already", "name it once", "wrong"))
        return tuple(self._items(value, path, found))

    def _items(self, value: Sequence[Any], path: Path, found: List[Problem]) -> Iterator[Any]:
        for i, item in enumerate(value):
            mine: List[Problem] = []
            out = self.shape.parse(item, (*path, i), mine)
            lost = self.apart and any(p.level == "error" for p in mine)
            found.extend(p.but(level="dropped") if lost and p.level == "error" else p for p in mine)
            if not lost:
                yield out

    def schema(self) -> Dict[str, Any]:
        return {"type": "array", "items": self.shape.schema(), **({"minItems": self.least} if self.least else {}),
                **({"maxItems": self.most} if self.most is not None else {}),
                **({"uniqueItems": True} if self.unique else {})}  # fmt: skip


class MapOf(Shape):
    """A mapping with names of the user's choosing, all values of one shape; ``keys`` is a pattern that the names
    match, and ``fits`` the same as a function."""

    says = "a mapping"

    def __init__(
        self, shape: Any, keys: str = "", least: int = 0, fits: Optional[Callable[[str], bool]] = None
    ) -> None:
        self.shape, self.keys, self.least, self.fits = shaped(shape), keys, least, fits

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, dict):
            return self.bad(value, path, found)
        if len(value) < self.least:
            found.append(Problem(path, "this mapping is empty", level="wrong"))
        out: Dict[str, Any] = {}
        for key, item in value.items():
            if "\0" in str(key):
                found.append(Problem(path, "a name holds a character of code 0"))
            if self.keys and not matches(self.keys, str(key), self.fits):
                found.append(Problem((*path, key), "this name is not allowed here", level="wrong"))
            out[str(key)] = self.shape.parse(item, (*path, key), found)
        return out

    def schema(self) -> Dict[str, Any]:
        inner = self.shape.schema()
        bounds: Dict[str, Any] = {"minProperties": self.least} if self.least else {}
        if self.keys:
            return {"type": "object", "patternProperties": {self.keys: inner}, "additionalProperties": False, **bounds}
        return {"type": "object", "additionalProperties": inner, **bounds}


class Record(Shape):
    """A mapping with known keys: an options noun, or what its ``read`` static method makes of it.

    ``open`` lets unknown keys through (they are dropped); ``least`` is how many keys it needs. ``one_of`` lists keys of
    which at least one must be there.
    """

    says = "a mapping"

    def __init__(self, noun: Type[Noun], open: bool = False, least: int = 0, one_of: Sequence[str] = ()) -> None:
        self.noun, self.open, self.least, self.one_of = noun, open, least or noun._least, tuple(one_of)

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, dict):
            return self.bad(value, path, found)
        known = keys_of(self.noun)
        if len(value) < self.least:
            found.append(Problem(path, "this mapping is empty", level="wrong"))
        given: Dict[str, Any] = {}
        fields = {known[k] for k in value if k in known}
        for key, item in value.items():
            field = known.get(key)
            if field is None:
                if not self.open:
                    found.append(unknown(key, path, known))
                continue
            about = self.noun._options[field]
            if key in about.was[:1]:
                found.append(old((*path, key), about.was[1], about.key or field))
                if (about.key or field) in value:
                    continue
            elif about.since:
                found.append(old((*path, key), about.since, about.instead))
            mine: List[Problem] = []
            parsed = shaped(about.shape).parse(item, (*path, key), mine)
            lost = about.apart and any(p.level == "error" for p in mine)
            found.extend(p.but(level="dropped") if lost and p.level == "error" else p for p in mine)
            if not lost and (parsed is not None or item is None):
                given[field] = parsed
        missing = [k for k, f in known.items() if self.noun._options[f].required and f not in fields]
        if missing:
            found.append(self._missing(missing[0], known[missing[0]], path))
        if self.one_of and not any(k in value for k in self.one_of):
            found.append(Problem(path, f"one of {', '.join(self.one_of)} is missing"))
        return self.noun(**given)

    def _missing(self, key: str, field: str, path: Path) -> Problem:
        """A key that has to be there. One that stands apart has a default for where it is not."""
        remedy = f"add {key}: {_says(self.noun, key)}"
        return Problem(path, f"{key} is missing", remedy, "wrong" if self.noun._options[field].apart else "error")

    def schema(self) -> Dict[str, Any]:
        known = keys_of(self.noun)
        about = {k: self.noun._options[f] for k, f in known.items()}
        needed = [k for k, o in about.items() if o.required and k not in o.was]
        return {"type": "object", "properties": {k: described(o, k, known[k]) for k, o in about.items()},
                **({} if self.open else {"additionalProperties": False}), **({"required": needed} if needed else {}),
                **({"minProperties": self.least} if self.least else {}),
                **({"anyOf": [{"required": [k]} for k in self.one_of]} if self.one_of else {})}  # fmt: skip


class AnyOf(Shape):
    """The first shape that takes the value without complaint, else the one that complains least and latest."""

    def __init__(self, *shapes: Any) -> None:
        self.shapes = tuple(shaped(s) for s in shapes)
        self.says = " or ".join(dict.fromkeys(s.says for s in self.shapes))

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        best: Optional[Tuple[Tuple[int, int, int], Any, List[Problem]]] = None
        for shape in self.shapes:
            mine: List[Problem] = []
            out = shape.parse(value, path, mine)
            hard = [p for p in mine if p.level != "deprecated"]
            if not hard:
                found.extend(mine)
                return out
            rank = (any(p.level == "error" for p in hard), -max(len(p.path) for p in hard), len(hard))
            if best is None or rank < best[0]:
                best = rank, out, mine
        assert best is not None
        if all(len(p.path) <= len(path) for p in best[2]) and best[0][0]:
            return self.bad(value, path, found)
        found.extend(best[2])
        return best[1]

    def bad(self, value: Any, path: Path, found: List[Problem]) -> None:
        got = "" if any(kind(value) == s.says for s in self.shapes) else f", got {kind(value)}"
        found.append(Problem(path, f"expected {self.says}{got}"))

    def schema(self) -> Dict[str, Any]:
        return {"anyOf": [s.schema() for s in self.shapes]}


class Deprecated(Shape):
    """A shape that still works: since which release it should not be written, and what instead."""

    def __init__(self, shape: Any, since: str, instead: str = "") -> None:
        self.shape, self.since, self.instead = shaped(shape), since, instead
        self.says = self.shape.says

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        out = self.shape.parse(value, path, found)
        found.append(old(path, self.since, self.instead))
        return out

    def schema(self) -> Dict[str, Any]:
        return {**self.shape.schema(), **aged(self.since, self.instead)}


def keys_of(noun: Type[Noun]) -> Dict[str, str]:
    """The keys a document may use for this noun, and the field each one fills."""
    keys = {about.key or name: name for name, about in noun._options.items()}
    return {**keys, **{about.was[0]: name for name, about in noun._options.items() if about.was}}


def described(about: Option, key: str = "", field: str = "") -> Dict[str, Any]:
    """The JSON Schema of one option of this field, under its own key or its older one, with its documentation."""
    shape = shaped(about.shape)
    out: Dict[str, Any] = shape.schema()
    if about.help:
        out["description"] = about.help
    default = None if about.required else shape.written(about.default)
    if default not in (None, "", []):
        out["default"] = default
    if key in about.was:
        out.update(aged(about.was[1], about.key or field))
    elif about.since:
        out.update(aged(about.since, about.instead))
    return out


def aged(since: str, instead: str) -> Dict[str, Any]:
    """What JSON Schema and editors know of something deprecated."""
    problem = old((), since, instead)
    return {"deprecated": True, "deprecationMessage": str(problem)}


def _says(noun: Type[Noun], key: str) -> str:
    return shaped(noun._options[keys_of(noun)[key]].shape).says


def shaped(shape: Any) -> Shape:
    """A shape as it is, a shape class as its plain instance, an options noun as its record."""
    if isinstance(shape, Shape):
        return shape
    if issubclass(shape, Noun):
        return Record(shape)
    made: Shape = shape()
    return made
