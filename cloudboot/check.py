"""Is a document right? Holds a cloud-config against the declarations of all modules."""

from __future__ import annotations

from cloudboot import registry
from cloudboot.errors import CloudbootError, Place
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Problem, Record, dotted, shaped, unknown
from cloudboot.schema.containers import aged
from cloudboot.schema.outer import KEYS, LISTS, Outer

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Tuple

MOST = 16 << 20
SEE = "https://json-schema.org/draft/2020-12/schema"


class Finding(Noun):
    """A problem and where it stands; ``level`` as in `cloudboot.schema`."""

    place: Place
    reason: str
    remedy: str = ""
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}{'; ' + self.remedy if self.remedy else ''}"


def cloud_config(config: Mapping[str, Any]) -> Tuple[Problem, ...]:
    """Everything that is wrong with a cloud-config mapping, each problem once."""
    found: List[Problem] = []
    modules = registry.modules()
    known = {key for m in modules for key in (*m.keys, *m.also)} | set(KEYS)
    for key in config:
        if key not in known:
            found.append(unknown(key, (), dict.fromkeys(known)))
    Record(Outer, open=True).parse(config, (), found)
    found.extend(unknown_modules(config))
    for module in modules:
        if any(key in config for key in module.keys):
            found.extend(module.check(config))
    return tuple(dict.fromkeys(found))


def text(raw: bytes, file: str, kind: str = "cloud-config", declared: bool = False) -> Tuple[Finding, ...]:
    """What is wrong with a document, by file, line and column. One that was ``declared`` to be of its kind need not say
    so in its first line."""
    from cloudboot.userdata import document, kinds

    if kind == "cloud-config" and not declared and kinds.kind_of(raw) != kinds.CONFIG:
        reason, remedy = "the first line does not say what this document is", "write #cloud-config as the first line"
        other = kinds.kind_of(raw)
        if other:
            reason, remedy = f"this is no cloud-config: it says that it is {other}", "name a file that holds one"
        return (Finding(Place(file, 1, 1), reason, remedy),)
    try:
        value = document.load(raw, file)
    except CloudbootError as problem:
        return (finding(problem, file),)
    if value is None and kind == "cloud-config":
        return ()
    if not isinstance(value, dict):
        return (Finding(Place(file, 1, 1), "expected a mapping", "write key: value lines"),)
    if kind == "cloud-config":
        problems = cloud_config(value)
    else:
        from cloudboot.network import check_network_config

        problems = check_network_config(value)
    spots = document.positions(raw, file) if problems else {}
    found = [placed(problem, spots, file) for problem in problems]
    return tuple(sorted(found, key=lambda finding: (finding.place.line, finding.place.column)))


def finding(problem: CloudbootError, file: str) -> Finding:
    """A problem that keeps a document from being read."""
    return Finding(problem.place or Place(file), problem.reason, problem.remedy)


def steps(path: str) -> Tuple[Any, ...]:
    """``config[0].name`` as the path of a value."""
    words = path.replace("[", ".").replace("]", "").split(".")
    return tuple(int(w) if w.isdigit() else w for w in words if w)


def unknown_modules(config: Mapping[str, Any]) -> Iterator[Problem]:
    """The names that no module has, in an image's lists of modules."""
    known = dict.fromkeys([m.name for m in registry.modules()] + ["ubuntu_advantage"])
    for key in LISTS:
        for i, name in enumerate(config[key] if isinstance(config.get(key), list) else ()):
            if isinstance(name, str) and name.replace("-", "_") not in known:
                problem = unknown(name, (key,), known)
                yield problem.but(path=(key, i), reason="no such module")


def unknown_keys(config: Mapping[str, Any], image: Mapping[str, Any]) -> Tuple[Problem, ...]:
    """Top-level keys that nobody knows, but for those that the image's configuration has too."""
    known = {*KEYS, *registry.keys()}
    return tuple(unknown(key, (), dict.fromkeys(known)) for key in config if key not in known and key not in image)


def placed(problem: Problem, spots: Mapping[Tuple[Any, ...], Tuple[int, int]], file: str) -> Finding:
    """A problem at the line of its value, or of what holds it."""
    path = problem.path
    while path and path not in spots:
        path = path[:-1]
    line, column = spots.get(path, (1, 1))
    return Finding(Place(file, line, column, dotted(problem.path)), problem.reason, problem.remedy, problem.level)


def is_valid(findings: Tuple[Finding, ...]) -> bool:
    return all(f.level == "deprecated" for f in findings)


def export() -> Dict[str, Any]:
    """The JSON Schema of a cloud-config, for editors."""
    properties: Dict[str, Any] = shaped(Outer).schema()["properties"]
    for module in registry.modules():
        shape = shaped(module.options).schema()
        if not module.key:
            for key, about in shape["properties"].items():
                properties.setdefault(key, about)
            continue
        if module.bare:
            shape["type"] = ["object", "null"]
        for key in module.keys:
            old = aged(module.aliases[key], module.key) if key in module.aliases else {}
            properties[key] = {"description": module.summary, **shape, **old}
    return {"$schema": SEE, "title": "cloud-config", "type": "object", "additionalProperties": False,
            "properties": dict(sorted(properties.items()))}  # fmt: skip
