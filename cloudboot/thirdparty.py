"""Datasources and modules of others': ordinary Python packages, installed, and named in an image's configuration.

    plug_ins:
      datasources: [acme_metal.datasource]
      modules: [acme_tools.firewall, acme_tools.backup]

Each name is that of a Python module that ends in ``DATASOURCE = ...`` or ``MODULE = ...``, as this project's files do.
Only what is named is imported; what is installed is never searched. User-data has no say.
"""

from __future__ import annotations

from cloudboot import registry
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, List, Mapping

KEY = "plug_ins"
DECLARED = {"datasources": "DATASOURCE", "modules": "MODULE"}


def bring(config: Mapping[str, Any]) -> List[str]:
    """Makes known what an image's configuration names; what cannot be had is left out, and said."""
    named = config.get(KEY)
    if named is None:
        return []
    if not isinstance(named, dict) or not set(named) <= set(DECLARED):
        return [f"{KEY}: expected a mapping of datasources and modules to lists of Python modules"]
    problems = []
    for kind, names in named.items():
        for name in names if isinstance(names, list) else [names]:
            try:
                add(kind, name)
            except CloudbootError as problem:
                problems.append(f"{KEY}.{kind}: {problem}")
    return problems


def add(kind: str, name: object) -> None:
    """Makes one known. Raises `CloudbootError`."""
    words = name.split(".") if isinstance(name, str) else [""]
    if not all(word.isidentifier() for word in words):
        raise CloudbootError(f"{name} is no name of a Python module", "write it as PACKAGE.MODULE")
    try:
        found = __import__(str(name), fromlist=["*"])
    except ModuleNotFoundError as missing:
        remedy = f"install the package that has it: {missing.name} is not there"
        raise CloudbootError(f"{name} is not installed", remedy) from None
    except Exception as bug:  # what others wrote must not take away what the others do
        raise CloudbootError(f"{name} cannot be imported: {type(bug).__name__}: {bug}", "tell its authors") from None
    declared = getattr(found, DECLARED[kind], None)
    if declared is None:
        raise CloudbootError(f"{name} declares nothing", f"it is to end in {DECLARED[kind]} = ...")
    registry.add(kind, declared)
