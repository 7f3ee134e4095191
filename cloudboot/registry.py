"""Finds the plug-ins: every file of the two folders declares one.

An installed cloudboot has an index of them (``index.json``, see `index`), so that a boot imports only what is
due; a checkout reads the folders. What others wrote and an image names is added to them (see `thirdparty`).
"""

from __future__ import annotations

import os

import cloudboot.datasources
import cloudboot.modules
from cloudboot import json
from cloudboot.card import Card, Every, Stage, Work
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Tuple, TypeVar

    from cloudboot.clues import Clues
    from cloudboot.datasource import Datasource
    from cloudboot.module import Module

    Ordered = TypeVar("Ordered", Module, Card)

INDEX = os.path.join(os.path.dirname(__file__), "index.json")


def datasources() -> Tuple[Datasource, ...]:
    """Every datasource, by name."""
    own = (_load("datasources", name).DATASOURCE for name in _names(cloudboot.datasources))
    return (*own, *_added["datasources"].values())


def datasource(name: str) -> Optional[Datasource]:
    """The datasource of this name or alias, whatever its case."""
    wanted = name.lower().replace("-", "").replace("_", "")
    if wanted in _names(cloudboot.datasources):
        named: Datasource = _load("datasources", wanted).DATASOURCE
        return named
    if wanted in _added["datasources"]:
        added: Datasource = _added["datasources"][wanted]
        return added
    for source in datasources():
        if wanted in (source.name, *source.aliases):
            return source
    return None


def clues() -> Mapping[str, Clues]:
    """What a machine must show for each datasource to be looked at, by its name."""
    found: Optional[Mapping[str, Clues]] = _indexed().get("datasources")
    if found is None:
        return {source.name: source.clues for source in datasources()}
    return {**found, **{name: source.clues for name, source in _added["datasources"].items()}}


def cards(stage: Stage) -> Tuple[Card, ...]:
    """What is known of each module of a stage, in running order."""
    found = _indexed().get("modules")
    if found is None:
        return tuple(m.card for m in modules(stage))
    known = _cards.setdefault(INDEX, {})
    if stage not in known:
        known[stage] = tuple(_card(entry) for entry in found if entry["stage"] == stage.value)
    own = known[stage]
    others = [m.card for m in _added["modules"].values() if m.stage is stage]
    return tuple(ordered([*own, *others])) if others else own


def keys() -> FrozenSet[str]:
    """Every top-level key that a module reads, or that asks for one."""
    return frozenset(key for stage in Stage for card in cards(stage) for key in card.keys)


def modules(stage: Optional[Stage] = None) -> Tuple[Module, ...]:
    """The modules of a stage, or of all stages, in running order."""
    found = [_load("modules", name).MODULE for name in _names(cloudboot.modules)]
    found += _added["modules"].values()
    stages = list(Stage) if stage is None else [stage]
    return tuple(m for s in stages for m in ordered([m for m in found if m.stage is s]))


def module(name: str) -> Module:
    """The module of this name. Raises `CloudbootError` with the nearest one."""
    plain = name.replace("-", "_")
    known = _names(cloudboot.modules)
    if plain in known:
        found: Module = _load("modules", plain).MODULE
        return found
    if plain in _added["modules"]:
        added: Module = _added["modules"][plain]
        return added
    from difflib import get_close_matches

    near = get_close_matches(plain, known, 1)
    raise CloudbootError(f"no such module: {name}", f"did you mean {near[0]}?" if near else "see cloudboot modules")


def add(kind: str, plug_in: Any) -> None:
    """Makes a datasource or module of others' known, until this process ends. Raises `CloudbootError`."""
    from cloudboot.datasource import Datasource
    from cloudboot.module import Module

    wanted: Any = Module if kind == "modules" else Datasource
    folder = cloudboot.modules if kind == "modules" else cloudboot.datasources
    if not isinstance(plug_in, wanted):
        raise CloudbootError(f"what it declares is no {wanted.__name__}", "see CONTRIBUTING.md for what is expected")
    name = plug_in.name
    if name in _names(folder):
        raise CloudbootError(f"there is a {wanted.__name__.lower()} {name} already", "give it a name of its own")
    if kind == "modules":
        try:
            ordered([*modules(plug_in.stage), plug_in])
        except AssertionError as circle:
            raise CloudbootError(str(circle), "look at its after") from None
    _added[kind][name] = plug_in


def ordered(modules: Iterable[Ordered]) -> List[Ordered]:
    """Each after those it names in ``after``; else by name. A name of another stage is no tie."""
    waiting = {m.name: m for m in modules}
    out: List[Ordered] = []
    while waiting:
        free = [n for n in sorted(waiting) if not any(a in waiting for a in waiting[n].after)]
        if not free:
            raise AssertionError(f"modules wait for each other: {', '.join(sorted(waiting))}")
        out.append(waiting.pop(free[0]))
    return out


def index() -> Dict[str, Any]:
    """All that a boot must know before it imports a plug-in of this project's."""
    return {
        "modules": [
            {**m.card.items(), "stage": m.stage.value, "every": m.every.value, "work": m.work and m.work.items()}
            for m in modules()
            if m.name not in _added["modules"]
        ],
        "datasources": {s.name: s.clues for s in datasources() if s.name not in _added["datasources"]},
    }


_read: Dict[str, Dict[str, Any]] = {}
_cards: Dict[str, Dict[Stage, Tuple[Card, ...]]] = {}
_added: Dict[str, Dict[str, Any]] = {"datasources": {}, "modules": {}}


def _indexed() -> Dict[str, Any]:
    """The index, read once; empty in a checkout."""
    if INDEX not in _read:
        try:
            with open(INDEX, "rb") as file:
                _read[INDEX] = json.loads(file.read())
        except FileNotFoundError:
            _read[INDEX] = {}
    return _read[INDEX]


def _card(entry: Dict[str, Any]) -> Card:
    work = Work(**_with_tuples(entry["work"])) if entry["work"] else None
    return Card(**{**_with_tuples(entry), "stage": Stage(entry["stage"]), "every": Every(entry["every"]), "work": work})


def _with_tuples(entry: Dict[str, Any]) -> Dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def _names(folder: Any) -> List[str]:
    files = os.listdir(folder.__path__[0])
    return sorted(f[:-3] for f in files if f.endswith(".py") and f != "__init__.py")


def _load(folder: str, name: str) -> Any:
    return __import__(f"cloudboot.{folder}.{name}", fromlist=["*"])
