"""The small template language: ``$name`` and ``${a.b}``, in addresses, messages and files of sources."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Mapping


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with every name replaced by its value. Raises `Invalid` for a name that has none."""
    import re

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2].rstrip(".")
        here: Any = values
        for step in name.split("."):
            if not isinstance(here, dict) or step not in here:
                raise Invalid(f"${name} stands for nothing here", f"there are {', '.join(sorted(values))}")
            here = here[step]
        return f"{here}{'' if found[1] else '.' * (len(found[2]) - len(name))}"

    return re.sub(r"\$\{([A-Za-z0-9_.]+)\}|\$([A-Za-z0-9_][A-Za-z0-9_.]*)", value, text)
