"""Files of ``name = value`` lines, below ``[section]`` lines or without any. Text in, text out."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional


def with_settings(text: str, sections: Mapping[str, Mapping[str, str]]) -> str:
    """The text with these settings: in place where a name stands already, else at the end of their section. All else
    stays as it is. What stands before the first section line is the section of no name."""
    left: Dict[str, Dict[str, str]] = {name: dict(values) for name, values in sections.items()}
    said = {name: list(values) for name, values in sections.items()}
    section = ""
    out: List[str] = []
    for line in text.splitlines():
        found = _section(line)
        if found is not None:
            _close(out, left.pop(section, {}))
            section = found
        name, is_set, _ = line.partition("=")
        name = name.strip()
        if is_set and name in left.get(section, {}):
            line = f"{name} = {left[section].pop(name)}"
        elif is_set and name in said.get(section, ()):  # a second line would win over the first
            continue
        out.append(line)
    _close(out, left.pop(section, {}))
    for name, values in left.items():
        if values:
            out += [*([""] if out else []), f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]
    return "".join(line + "\n" for line in out)


def spelled(value: Any) -> str:
    """A value of a document on one line: booleans in lower case, nothing as nothing, lists with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ",".join(spelled(item) for item in value)
    return " ".join(str(value).splitlines())


def _close(out: List[str], values: Mapping[str, str]) -> None:
    """Ends a section with what it does not say yet, before the empty lines at its end."""
    at = len(out)
    while at and not out[at - 1].strip():
        at -= 1
    out[at:at] = [f"{name} = {value}" for name, value in values.items()]


def _section(line: str) -> Optional[str]:
    line = line.strip()
    return line[1:-1].strip() if line.startswith("[") and line.endswith("]") else None
