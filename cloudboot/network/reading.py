"""How the parsers read a mapping: each key is taken once, with its type checked; what is left was not understood."""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import Problem, dotted, kind

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

    from cloudboot.network.model import Network
    from cloudboot.schema.problem import Path

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class Wrong(Invalid):
    """A value that cannot be used, as a problem of a schema."""

    def __init__(self, path: Path, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy, Place(path=dotted(path)))
        self.problem = Problem(path, reason, remedy)


class Reader:
    """One mapping of a document. A key that is missing, null or empty text reads as its default.

    Every reading raises `Wrong` with the path of a value of the wrong kind; ``found`` is shared by all readers of a
    document and takes what is worth a warning.
    """

    def __init__(self, value: Any, path: Path, found: List[Problem]) -> None:
        if not isinstance(value, dict):
            raise Wrong(path, f"expected a mapping, got {kind(value)}")
        self.path, self.found = path, found
        self.rest: Dict[Any, Any] = {k: v for k, v in value.items() if v is not None and v != ""}

    def __contains__(self, key: str) -> bool:
        return key in self.rest

    def take(self, key: str) -> Any:
        return self.rest.pop(key, None)

    def text(self, key: str, default: str = "") -> str:
        value = self.take(key)
        return default if value is None else line(value, (*self.path, key))

    def needed(self, key: str) -> str:
        if key not in self.rest:
            raise Wrong((*self.path, key), "this key is missing")
        return self.text(key)

    def mac(self, key: str) -> str:
        """A MAC address in lower case. One of plain digits that stood without quotes was read as a number of base
        sixty, from which it is made again."""
        value = self.rest.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 60**5:
            self.take(key)
            digits = [value // 60**5, *(value // 60**place % 60 for place in (4, 3, 2, 1, 0))]
            return ":".join(f"{d:02d}" for d in digits)
        return self.text(key).lower()

    def whole(self, key: str) -> Optional[int]:
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip().lstrip("-").isdigit():
            return int(value)
        if isinstance(value, float) and value == int(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong((*self.path, key), f"expected a whole number, got {kind(value)}")
        return value

    def truth(self, key: str) -> Optional[bool]:
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).lower()
        if word not in TRUE + FALSE:
            raise Wrong((*self.path, key), f"expected true or false, got {kind(value)}")
        return word in TRUE

    def texts(self, key: str) -> Tuple[str, ...]:
        """A list of texts; one text is a list of its words."""
        value = self.take(key)
        if value is None:
            return ()
        items = value.split() if isinstance(value, str) else value
        if not isinstance(items, (list, tuple)):
            raise Wrong((*self.path, key), f"expected a list, got {kind(value)}")
        return tuple(line(item, (*self.path, key, i)) for i, item in enumerate(items))

    def child(self, key: str) -> Reader:
        """The mapping below a key; an empty one where there is none."""
        value = self.take(key)
        return Reader({} if value is None else value, (*self.path, key), self.found)

    def children(self, key: str) -> Iterator[Reader]:
        """The mappings of a list."""
        value = self.take(key)
        if not isinstance(value, (list, tuple, type(None))):
            raise Wrong((*self.path, key), f"expected a list, got {kind(value)}")
        for i, item in enumerate(value or ()):
            yield Reader(item, (*self.path, key, i), self.found)

    def named(self, key: str) -> Iterator[Tuple[str, Reader]]:
        """The names and mappings of a mapping; a name without one has an empty one."""
        value = self.take(key)
        if not isinstance(value, (dict, type(None))):
            raise Wrong((*self.path, key), f"expected a mapping, got {kind(value)}")
        for name, item in (value or {}).items():
            path = (*self.path, key, str(name))
            yield line(name, path), Reader({} if item is None else item, path, self.found)

    def raw(self, *keys: str) -> Mapping[str, Any]:
        """The values of those of the keys that are there, as they are but for line breaks, which nothing may hold."""
        found = {k: self.take(k) for k in keys if k in self.rest}
        for key, value in found.items():
            whole_lines(value, (*self.path, key))
        return found

    def warn(self, key: str, why: str, level: str = "deprecated") -> None:
        self.found.append(Problem((*self.path, key) if key else self.path, why, level=level))

    def done(self) -> None:
        """What nobody took is named in a warning."""
        for key in self.rest:
            self.warn(str(key), "no such key here; left out", "wrong")


def line(value: Any, path: Path) -> str:
    """A scalar as one line of text. Raises `Wrong`."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (str, int, float)):
        raise Wrong(path, f"expected text, got {kind(value)}")
    text = str(value)
    if not text.isprintable():
        raise Wrong(path, "a line break or control character")
    return text


def whole_lines(value: Any, path: Path) -> None:
    """Raises `Wrong` where any text below ``value`` holds a line break or control character."""
    if isinstance(value, dict):
        for key, item in value.items():
            line(key, path)
            whole_lines(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            whole_lines(item, (*path, i))
    elif value is not None:
        line(value, path)


def settled(network: Network, found: List[Problem]) -> Network:
    """The network with its warnings. Raises the first of what was found that is an error."""
    for problem in found:
        if problem.level == "error":
            raise Wrong(problem.path, problem.reason, problem.remedy)
    return network.but(warnings=(*network.warnings, *(str(problem) for problem in found)))
