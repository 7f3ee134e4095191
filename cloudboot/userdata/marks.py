"""Values that know where they came from: mappings and lists that carry a mark for everything in them.

`merge` treats them like any other mapping or list, and the marks go where the values go. Only those who ask where a
value came from load documents like that; a boot does not.
"""

from __future__ import annotations

from cloudboot.errors import Place
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Tuple

    from cloudboot.userdata.spot import Spot


class Mark(Noun):
    """Where a value came from: its layer, and the part or file with line and column.

    ``over`` are the values that it stood in for or was joined with, the last one first.
    """

    layer: str
    place: Place
    over: Tuple[Mark, ...] = ()

    def above(self, other: Mark) -> Mark:
        """This mark, on top of the other."""
        return self.but(over=(*self.over, other.but(over=()), *other.over))


class MarkedMapping(dict):  # type: ignore[type-arg]
    """A mapping with a mark for every key."""

    __slots__ = ("marks",)

    def __init__(self, values: Dict[Any, Any], marks: Dict[Any, Mark]) -> None:
        super().__init__(values)
        self.marks = marks

    def copy(self) -> MarkedMapping:
        return MarkedMapping(self, dict(self.marks))

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        del self.marks[key]


class MarkedList(list):  # type: ignore[type-arg]
    """A list with a mark for every item."""

    __slots__ = ("marks",)

    def __init__(self, values: List[Any], marks: List[Mark]) -> None:
        super().__init__(values)
        self.marks = marks

    def copy(self) -> MarkedList:
        return MarkedList(self, list(self.marks))

    def __add__(self, other: Any) -> MarkedList:
        return MarkedList([*self, *other], [*self.marks, *other.marks])


def marked(value: Any, spot: Spot, layer: str, file: str) -> Any:
    """The value with a mark for everything in it."""
    if isinstance(value, dict):
        marks = {key: _mark(spot, key, layer, file) for key in value}
        inner = {k: marked(v, spot.values.get(k, spot), layer, file) for k, v in value.items()}
        return MarkedMapping(inner, marks)
    if isinstance(value, list):
        items = [marked(v, spot.values.get(i, spot), layer, file) for i, v in enumerate(value)]
        return MarkedList(items, [_mark(spot, i, layer, file) for i in range(len(value))])
    return value


def _mark(spot: Spot, step: Any, layer: str, file: str) -> Mark:
    return Mark(layer, Place(file, *spot.at((step,))))


def remarked(value: Any, before: Any, mark: Mark) -> Any:
    """A changed copy of a marked value, marked again: what is as before keeps its mark, the rest gets ``mark``."""
    if isinstance(value, dict):
        was = before if isinstance(before, MarkedMapping) else MarkedMapping({}, {})
        marks = {k: _again(was, k, v, mark) if k in was else mark for k, v in value.items()}
        return MarkedMapping({k: remarked(v, was.get(k), mark) for k, v in value.items()}, marks)
    if isinstance(value, list):
        old = before if isinstance(before, MarkedList) else MarkedList([], [])
        here = range(len(old))
        marks_ = [_again(old, i, v, mark) if i in here else mark for i, v in enumerate(value)]
        return MarkedList([remarked(v, old[i] if i in here else None, mark) for i, v in enumerate(value)], marks_)
    return value


def _again(before: Any, step: Any, value: Any, mark: Mark) -> Mark:
    same = type(value) in (dict, list) or value == before[step]
    was: Mark = before.marks[step]
    return was if same else mark.above(was)


def origins(value: Any, path: Tuple[Any, ...] = ()) -> Iterator[Tuple[Tuple[Any, ...], Mark]]:
    """(path, mark) of everything in a marked value, in its order, mappings and lists before what is in them."""
    steps = value.marks.items() if isinstance(value, MarkedMapping) else []
    for step, mark in enumerate(value.marks) if isinstance(value, MarkedList) else steps:
        yield (*path, step), mark
        yield from origins(value[step], (*path, step))
