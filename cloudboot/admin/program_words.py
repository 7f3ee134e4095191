"""The options of somebody else's program, as a document names them and as the program reads them."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import Anything, Problem, Shape, shaped, unknown

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Tuple

    from cloudboot.schema.problem import Path


class Words(Shape):
    """Options of ``program`` by name, in the order they are given in. ``open`` lets names through that are not known
    here. Of each of ``needs``, exactly one has to be there. ``help`` says what a name means that is no option of the
    program."""

    says = "a mapping"

    def __init__(
        self,
        program: str,
        known: Mapping[str, Any],
        open: bool = False,
        needs: Tuple[Tuple[str, ...], ...] = (),
        help: Mapping[str, str] = {},  # noqa: B006 (only read)
    ) -> None:
        self.program, self.help = program, help
        self.known, self.open, self.needs = {name: shaped(s) for name, s in known.items()}, open, needs

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, dict):
            return self.bad(value, path, found)
        out: Dict[str, Any] = {}
        for name, item in value.items():
            if name in self.known or self.open:
                out[str(name)] = self.known.get(name, Anything()).parse(item, (*path, name), found)
            else:
                found.append(unknown(name, path, self.known))
        for names in self.needs:
            if not any(name in value for name in names):
                found.append(Problem(path, f"{names[0]} is missing", f"add {names[0]}"))
            elif sum(name in value for name in names) > 1:
                found.append(Problem(path, f"{' and '.join(names)} are the same", f"keep {names[0]}", "wrong"))
        return out

    def schema(self) -> Dict[str, Any]:
        about = {n: self.help.get(n) or f"--{n.replace('_', '-')} of {self.program}" for n in self.known}
        properties = {n: {**s.schema(), "description": about[n]} for n, s in self.known.items()}
        out: Dict[str, Any] = {"type": "object", "properties": properties}
        if not self.open:
            out["additionalProperties"] = False
        if self.needs:
            out["allOf"] = [{"oneOf": [{"required": [name]} for name in names]} for names in self.needs]
        return out


def as_words(given: Mapping[str, Any]) -> Iterator[str]:
    """``{"vault_id": "me", "clean": True, "full": False}`` as ``--vault-id=me --clean``."""
    for name, value in given.items():
        if value is not None and value is not False:
            yield f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
