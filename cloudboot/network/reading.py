"""How the parsers read a mapping: each key is taken once, with its type checked; what is left was not understood."""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.network.addresses import is_address
from cloudboot.network.model import Device
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import Problem, dotted, kind
from cloudboot.schema.problem import nearest

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, TypeVar

    from cloudboot.network.model import Network
    from cloudboot.schema.problem import Path

    T = TypeVar("T")

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


NO_ADDRESS = "this is no IP address; left out"


class Wrong(Invalid):
    """A value that cannot be used, as a problem of a schema."""

    def __init__(self, path: Path, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy, Place(path=dotted(path)))
        self.problem = Problem(path, reason, remedy)


class Reader:
    """One mapping of a document. A key that is missing, null or empty text reads as its default.

    A value of the wrong kind reads as the default too, and is added to ``found``, which is shared by all readers of a
    document and takes what is worth a warning as well; `settled` has the last word. What nothing can be made of
    without raises `Wrong` with its path.
    """

    def __init__(self, value: Any, path: Path, found: List[Problem]) -> None:
        if not isinstance(value, dict):
            raise Wrong(path, f"expected a mapping, got {kind(value)}")
        self.path, self.found = path, found
        self.known: Dict[str, None] = {}
        self.rest: Dict[Any, Any] = {k: v for k, v in value.items() if v is not None and v != ""}

    def __contains__(self, key: str) -> bool:
        self.known[key] = None
        return key in self.rest

    def take(self, key: str) -> Any:
        self.known[key] = None
        return self.rest.pop(key, None)

    def read(self, key: str, how: Callable[[Any, Path], T], default: T) -> T:
        value = self.take(key)
        try:
            return default if value is None else how(value, (*self.path, key))
        except Wrong as problem:
            self.found.append(problem.problem)
            return default

    def text(self, key: str, default: str = "") -> str:
        return self.read(key, line, default)

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

    def address(self, key: str) -> str:
        """An IP address; what is none is left out with a word."""
        text = self.text(key).strip()
        if text and not is_address(text):
            self.warn(key, NO_ADDRESS, "dropped")
            return ""
        return text

    def whole(self, key: str) -> Optional[int]:
        return self.read(key, whole_number, None)

    def truth(self, key: str) -> Optional[bool]:
        return self.read(key, true_or_false, None)

    def texts(self, key: str) -> Tuple[str, ...]:
        """A list of texts; one text is a list of its words."""
        return self.read(key, lines, ())

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
        found = {k: self.take(k) for k in keys if k in self}
        for key, value in found.items():
            whole_lines(value, (*self.path, key))
        return found

    def warn(self, key: str, why: str, level: str = "deprecated", remedy: str = "") -> None:
        self.found.append(Problem((*self.path, key) if key else self.path, why, remedy, level))

    def done(self, why: str = "no such key here; left out", level: str = "wrong") -> None:
        """What nobody took is named in a warning."""
        for key in self.rest:
            near = nearest(str(key), list(self.known))
            self.warn(str(key), why, level, f"did you mean {near}?" if near else "")


def whole_number(value: Any, path: Path) -> int:
    """A whole number, which may be a text of digits. Raises `Wrong`."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and value.count("-") < 2:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(path, f"expected a whole number, got {kind(value)}")
    return value


def true_or_false(value: Any, path: Path) -> bool:
    """A boolean, in any of the words for one. Raises `Wrong`."""
    word = str(value).lower()
    if word not in TRUE + FALSE:
        raise Wrong(path, f"expected true or false, got {kind(value)}")
    return word in TRUE


def lines(value: Any, path: Path) -> Tuple[str, ...]:
    """A list of texts, each of one line; one text is a list of its words. Raises `Wrong`."""
    items = value.split() if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        raise Wrong(path, f"expected a list, got {kind(value)}")
    return tuple(line(item, (*path, i)) for i, item in enumerate(items))


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


def enslaved(devices: Dict[str, Device], found: List[Problem]) -> Tuple[Device, ...]:
    """Tells each member which bond, bridge or vrf it belongs to. A member that is described nowhere is a physical
    interface of that name; one that two want belongs to the first, for the kernel gives it to one only."""
    for name in [d.name for d in devices.values() if d.kind in ("bond", "bridge", "vrf")]:
        for member in devices[name].members:
            device, owner = devices.get(member) or Device(member, "physical", id=member), devices[name]
            other = device.bond or device.bridge or device.vrf
            if other and other != name:
                found.append(Problem((), f"{member} belongs to {other} and cannot to {name} as well", level="wrong"))
                devices[name] = owner.but(members=tuple(m for m in owner.members if m != member))
                continue
            devices[member] = device.but(**{owner.kind: name})
    return tuple(devices.values())


def interface_name(name: str, path: Path) -> str:
    """A name that the kernel takes and that is safe in a path. Raises `Wrong`."""
    if name in (".", "..") or any(c in "/ \t" for c in name):
        raise Wrong(path, "no interface can have this name", "use letters, digits, dots and dashes")
    return name


def settled(network: Network, found: List[Problem]) -> Network:
    """The network with its warnings. Raises the first of what was found that is an error."""
    for problem in found:
        if problem.level == "error":
            raise Wrong(problem.path, problem.reason, problem.remedy)
    return network.but(warnings=(*network.warnings, *(str(problem) for problem in found)))
