"""Shapes of single values."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema.problem import Problem, kind, matches, nearest
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

    from cloudboot.schema.problem import Path

TRUE, FALSE = frozenset(("true", "yes", "on", "1")), frozenset(("false", "no", "off", "0"))


class Shape:
    """Reads one value: `parse` returns what it means and adds what is wrong to ``found``."""

    says = "a value"
    deprecated = ""

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        return value

    def schema(self) -> Dict[str, Any]:
        """The shape as JSON Schema (draft 2020-12)."""
        return {}

    def written(self, value: Any) -> Any:
        """A default of this shape as a document would have it; None where no document can say it."""
        if isinstance(value, tuple) and all(isinstance(item, (str, int)) for item in value):
            return list(value)
        return value if isinstance(value, (str, int, float, bool)) else None

    def bad(self, value: Any, path: Path, found: List[Problem]) -> None:
        found.append(Problem(path, f"expected {self.says}, got {kind(value)}"))


class Anything(Shape):
    """Any value at all: what belongs to another program."""


class Text(Shape):
    """A text; numbers and booleans are taken as their text and called wrong.

    ``pattern`` is a regular expression that must be found, and ``fits`` the same as a function, where there is one;
    ``says`` is what a person reads when it is not.
    """

    says = "text"

    def __init__(
        self, pattern: str = "", says: str = "", least: int = 0, fits: Optional[Callable[[str], bool]] = None
    ) -> None:
        self.pattern, self.least, self.fits = pattern, least, fits
        self.says = says or "text"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, (int, float)):
            found.append(Problem(path, f"expected {self.says}, got {kind(value)}", "put it in quotes", "wrong"))
            value = str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str):
            if type(value).__module__ == "datetime":  # an unquoted date, which YAML reads as one
                found.append(Problem(path, f"expected {self.says}, got a date", "put it in quotes", "wrong"))
                return str(value)
            return self.bad(value, path, found)
        if "\0" in value:  # no path, argument or variable can hold it
            found.append(Problem(path, "this text holds a character of code 0", "leave it out, or use !!binary"))
        if len(value) < self.least:
            found.append(Problem(path, f"expected {self.says}, got an empty text"))
        if self.pattern and not matches(self.pattern, value, self.fits):
            found.append(Problem(path, f"this text is not {self.says}"))
        return value

    def schema(self) -> Dict[str, Any]:
        return {"type": "string", **({"pattern": self.pattern} if self.pattern else {}),
                **({"minLength": self.least} if self.least else {})}  # fmt: skip


class Uri(Text):
    """A URL or URI; ``says`` names it."""

    def __init__(self) -> None:
        super().__init__(says="a URL such as https://example.com/file")

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        text = super().parse(value, path, found)
        if isinstance(text, str) and (":" not in text or any(c in text for c in " \t\n<>")):
            found.append(Problem(path, f"this text is not {self.says}", level="wrong"))
        return text

    def schema(self) -> Dict[str, Any]:
        return {"type": "string", "format": "uri"}


class SecretText(Text):
    """A text that nobody but the program it is for may see: becomes a `Secret`."""

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        text = super().parse(value, path, found)
        return Secret(text) if isinstance(text, str) else text


class Bool(Shape):
    says = "true or false"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, bool):
            return value
        word = str(value).lower() if isinstance(value, (str, int)) else ""
        if word in TRUE or word in FALSE:
            plain = word in TRUE
            found.append(
                Problem(path, f"expected {self.says}, got {kind(value)}", f"write {str(plain).lower()}", "wrong")
            )
            return plain
        return self.bad(value, path, found)

    def schema(self) -> Dict[str, Any]:
        return {"type": "boolean"}


class Int(Shape):
    says = "a whole number"

    def __init__(self, least: Optional[int] = None, most: Optional[int] = None) -> None:
        self.least, self.most = least, most

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, str) and value.lstrip("+-").isdigit():
            found.append(Problem(path, f"expected {self.says}, got text", "leave the quotes out", "wrong"))
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            if not (isinstance(value, float) and value == int(value)):
                return self.bad(value, path, found)
            value = int(value)
        if self.least is not None and value < self.least:
            found.append(Problem(path, f"expected {self.says} of at least {self.least}"))
        if self.most is not None and value > self.most:
            found.append(Problem(path, f"expected {self.says} of at most {self.most}"))
        return value

    def schema(self) -> Dict[str, Any]:
        return {"type": "integer", **({"minimum": self.least} if self.least is not None else {}),
                **({"maximum": self.most} if self.most is not None else {})}  # fmt: skip


class Number(Shape):
    says = "a number"

    def __init__(self, least: Optional[float] = None) -> None:
        self.least = least

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self.bad(value, path, found)
        if self.least is not None and value < self.least:
            found.append(Problem(path, f"expected {self.says} of at least {self.least}"))
        return value

    def schema(self) -> Dict[str, Any]:
        return {"type": "number", **({"minimum": self.least} if self.least is not None else {})}


class Null(Shape):
    """Nothing: the key is written and its value left out."""

    says = "nothing"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if value is not None:
            self.bad(value, path, found)

    def schema(self) -> Dict[str, Any]:
        return {"type": "null"}


class Choice(Shape):
    """One of a few values, of any scalar type; ``says`` where more than their names should be told."""

    def __init__(self, *values: Any, says: str = "") -> None:
        self.values = values
        words = [str(v).lower() if isinstance(v, bool) else str(v) for v in values]
        self.says = says or (words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}")

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        for allowed in self.values:
            if type(value) is type(allowed) and value == allowed:
                return value
        near = nearest(value, [v for v in self.values if isinstance(v, str)]) if isinstance(value, str) else ""
        found.append(Problem(path, f"expected {self.says}", f"did you mean {near}?" if near else ""))
        return value

    def schema(self) -> Dict[str, Any]:
        return {"enum": list(self.values)}
