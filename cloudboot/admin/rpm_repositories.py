"""Repositories as dnf, yum and zypper describe them: a file each, with one section of settings."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Bool, Int, MapOf, Problem, Shape, Text, Uri, kind

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Sequence

    from cloudboot.schema.problem import Path

HEAD = "# Written by cloudboot.\n"
NAMES = r"^[0-9a-zA-Z_]+$"
URLS = ("baseurl", "metalink", "mirrorlist")
ABOUT = {
    "baseurl": "the repository's address",
    "metalink": "the address of a list of its mirrors, as metalink",
    "mirrorlist": "the address of a list of its mirrors, as text",
    "id": "the section's name, and its file's",
    "name": "what people call it",
    "enabled": "whether it is used unless something else is said",
}


class Value(Shape):
    """A setting's value; a list stands for a line each."""

    says = "text, a number, true or false"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            found.append(
                Problem(path, f"expected {self.says}, got a list", "write it as one text, a line each", "wrong")
            )
            return "\n".join(value)
        return value if isinstance(value, (str, int)) else self.bad(value, path, found)

    def schema(self) -> Dict[str, Any]:
        return {"anyOf": [Int().schema(), Bool().schema(), Text().schema()]}


class Settings(Shape):
    """What a repository's section says: settings by name. Of ``one_of`` one must be there, of ``all_of`` each. One that
    lacks them is left out, and said to be; the others stand apart from it. ``known`` are those with a shape of their
    own."""

    says = "a mapping"

    def __init__(
        self,
        one_of: Sequence[str] = (),
        all_of: Sequence[str] = (),
        keys: str = "",
        known: Mapping[str, Shape] = {},  # noqa: B006 (only read)
    ) -> None:
        self.one_of, self.all_of, self.known = tuple(one_of), tuple(all_of), known
        self.settings = MapOf(Value, keys=keys)

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, dict):
            found.append(Problem(path, f"expected {self.says}, got {kind(value)}", level="dropped"))
            return None
        mine: List[Problem] = []
        missing = [key for key in self.all_of if key not in value]
        if missing:
            mine.append(Problem(path, f"{missing[0]} is missing"))
        if self.one_of and not any(key in value for key in self.one_of):
            mine.append(Problem(path, f"one of {', '.join(self.one_of)} is missing"))
        for key in URLS:
            if key in value:
                Uri().parse(value[key], (*path, key), mine)
        others = {key: item for key, item in value.items() if key not in self.known}
        settings = self.settings.parse(others, path, mine)
        settings = {
            k: self.known[k].parse(v, (*path, k), mine) if k in self.known else settings[k] for k, v in value.items()
        }
        lost = any(problem.level == "error" for problem in mine)
        found.extend(problem.but(level="dropped") if problem.level == "error" else problem for problem in mine)
        return None if lost else settings

    def schema(self) -> Dict[str, Any]:
        shapes = {**dict.fromkeys(URLS, Uri()), **self.known}
        properties = {key: {**shape.schema(), "description": ABOUT[key]} for key, shape in shapes.items()}
        return {**self.settings.schema(), "properties": properties,
                **({"required": list(self.all_of)} if self.all_of else {}),
                **({"anyOf": [{"required": [key]} for key in self.one_of]} if self.one_of else {})}  # fmt: skip


class Repository(Noun):
    """A section's name, which is also that of its file, and its settings."""

    id: str
    settings: Mapping[str, Any]

    @property
    def file(self) -> str:
        return f"{self.id}.repo"

    def __str__(self) -> str:
        lines = [f"{name}={spelled(value)}" for name, value in self.settings.items()]
        return HEAD + f"[{self.id}]\n" + "".join(line + "\n" for line in lines)


def repository(name: str, settings: Mapping[str, Any]) -> Repository:
    """The repository of this name, which may have blanks: they are no part of a file's name."""
    return Repository(name.strip().replace(" ", "-").replace("/", "-").lstrip("."), settings)


def spelled(value: Any) -> str:
    """A value as these files have it: 1 and 0 for yes and no, each further line set in."""
    if isinstance(value, bool):
        return str(int(value))
    return "\n    ".join(str(value).split("\n"))
