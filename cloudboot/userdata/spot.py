"""Where the values of a document stand."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Tuple


class Spot:
    """Where a value stands, its key too if it has one, and the same for what is in it. Counted from 1."""

    __slots__ = ("line", "column", "keys", "values")

    def __init__(self, line: int, column: int) -> None:
        self.line, self.column = line, column
        self.keys: Dict[Any, Tuple[int, int]] = {}
        self.values: Dict[Any, Spot] = {}

    def at(self, path: Iterable[Any]) -> Tuple[int, int]:
        """(line, column) of the key that leads to ``path``, of the item in a list, or of the nearest thing around."""
        spot, found = self, (self.line, self.column)
        for step in path:
            if step not in spot.values:
                break
            found = spot.keys.get(step) or (spot.values[step].line, spot.values[step].column)
            spot = spot.values[step]
        return found
