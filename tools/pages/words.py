"""What a JSON Schema says, in words that a person reads in a table."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

TYPES = {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number", "null": "nothing"}
Schema = Dict[str, Any]


class Row(NamedTuple):
    """An option: its path in the document, the shape of its value, what holds without it, and what it does."""

    path: str
    shape: str
    default: str
    about: str


class Old(NamedTuple):
    """Something that still works, since when it should not be written, and what instead; ``shape`` where only a value
    of that shape is old."""

    path: str
    message: str
    shape: str = ""


def shape(schema: Schema) -> str:
    """The shape of a value: ``list of text``."""
    if "enum" in schema:
        return either([code(value) for value in schema["enum"]])
    if "anyOf" in schema and "type" not in schema or "oneOf" in schema:
        parts = [inner for inner in schema.get("anyOf") or schema["oneOf"] if not inner.get("deprecated")]
        return either(list(dict.fromkeys(shape(inner) for inner in parts)))
    kind = schema.get("type", "")
    if isinstance(kind, list):
        return either([shape({**schema, "type": one}) for one in kind])
    if kind == "array":
        return f"list of {plural(grouped(shape(schema.get('items', {}))))}"
    if kind == "object":
        return _mapping(schema)
    if kind == "string" and schema.get("format") == "uri":
        return "URL"
    if kind in ("integer", "number"):
        return TYPES[kind] + _bounds(schema)
    return TYPES.get(kind, "anything")


def _mapping(schema: Schema) -> str:
    inner = schema.get("additionalProperties")
    if not isinstance(inner, dict):
        inner = next(iter(schema.get("patternProperties", {}).values()), {})
    if schema.get("properties") or not inner:
        return "mapping"
    return f"mapping of names to {plural(grouped(shape(inner)))}"


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return f" from {least}" if least is not None else f" up to {most}" if most is not None else ""


def plural(words: str) -> str:
    """``lists of text`` for ``list of text``: several of what the words name."""
    for one, many in (("list of", "lists of"), ("mapping", "mappings"), ("whole number", "whole numbers"),
                      ("URL", "URLs"), ("number", "numbers")):  # fmt: skip
        if words.startswith(one):
            return many + words[len(one) :]
    return words


def grouped(words: str) -> str:
    """Words that can stand after ``of``: a choice in brackets."""
    return f"({words})" if " or " in words.replace("true or false", "") and not words.startswith("list") else words


def either(words: List[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "anything"


def code(value: Any) -> str:
    """A value as it stands in a document."""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


class Options:
    """The rows of one page. A mapping that has been told of once is not told of again (the keys of ``user`` are those
    of an entry of ``users``)."""

    def __init__(self) -> None:
        self.rows: List[Row] = []
        self.old: List[Old] = []
        self._told: Dict[str, str] = {}

    def add(self, path: str, schema: Schema, needed: bool = False) -> None:
        """An option and all that is inside it."""
        if schema.get("deprecated"):
            self.old.append(Old(path, schema["deprecationMessage"]))
            return
        default = "required" if needed else code(schema["default"]) if "default" in schema else ""
        inside = list(_inside(path, schema))
        same = [self._told[key] for _, inner in inside if (key := _key(inner)) in self._told]
        about = schema.get("description", "") + (f" (its keys are those of `{same[0]}`)" if same else "")
        self.rows.append(Row(path, shape(schema), default, about))
        old = [inner for inner in schema.get("anyOf", ()) if inner.get("deprecated")]
        self.old.extend(Old(path, inner["deprecationMessage"], shape(inner)) for inner in old)
        for place, inner in inside:
            if _key(inner) in self._told:
                continue
            self._told[_key(inner)] = place
            for key, about_key in inner["properties"].items():
                self.add(f"{place}.{key}", about_key, key in inner.get("required", ()))


def _inside(path: str, schema: Schema) -> Iterator[Tuple[str, Schema]]:
    """The mappings with known keys in a value, each with its path."""
    if schema.get("properties"):
        yield path, schema
    if isinstance(schema.get("items"), dict):
        yield from _inside(f"{path}[]", schema["items"])
    named = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    for inner in named:
        if isinstance(inner, dict):
            yield from _inside(f"{path}.NAME", inner)
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if not inner.get("deprecated"):
            yield from _inside(path, inner)


def _key(schema: Schema) -> str:
    return json.dumps(schema["properties"], sort_keys=True)


def table(rows: List[Row]) -> str:
    """Rows as a table of Markdown, without a column of defaults where there are none."""
    defaults = any(row.default for row in rows)
    lines = ["| option | value | default | what it does |" if defaults else "| option | value | what it does |",
             "|---|---|---|---|" if defaults else "|---|---|---|"]  # fmt: skip
    for row in rows:
        cells = [f"`{row.path}`", row.shape, *([row.default] if defaults else []), row.about]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
