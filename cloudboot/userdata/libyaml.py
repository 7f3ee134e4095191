"""The events of a YAML document, from libyaml through PyYAML's binding, and as little else of PyYAML as that needs.

The package itself takes as long to import as two interpreters take to start, mostly for constructors, resolvers and
dumpers that a boot has no use for. The binding looks up some of their errors in the package when it is loaded; a
stand-in shows it these. Where there is no binding, the package's own parser does the work.
"""

from __future__ import annotations

import sys

from cloudboot.errors import Uninstalled
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, Optional

MARKED = {"scanner": "ScannerError", "parser": "ParserError", "composer": "ComposerError",
          "constructor": "ConstructorError", "emitter": "EmitterError", "serializer": "SerializerError",
          "representer": "RepresenterError"}  # fmt: skip


class Yaml:
    """``parser(text)`` makes a parser: ``check_event()`` says whether there is another event, ``get_event()`` gives it;
    both raise errors of ``error``, PyYAML's module of that name. ``events`` is its module of events."""

    def __init__(self, parser: Any, error: Any, events: Any) -> None:
        self.parser, self.error, self.events = parser, error, events


_loaded: Optional[Yaml] = None


def yaml() -> Yaml:
    """The binding, loaded at the first call."""
    global _loaded
    if _loaded is None:
        _loaded = (None if "yaml" in sys.modules else _alone()) or _whole()
    return _loaded


def _whole() -> Yaml:
    try:
        import yaml
    except ImportError:
        raise Uninstalled("PyYAML", "python3-yaml") from None
    return Yaml(getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.error, yaml.events)


def _alone() -> Optional[Yaml]:
    """The binding without the package; None where it cannot be had so."""
    spec = next(filter(None, (finder.find_spec("yaml", None) for finder in sys.meta_path)), None)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = type(sys)("yaml")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["yaml"] = package
    try:
        from yaml import error, events, nodes

        shown: Dict[str, Any] = {"error": error, "events": events, "nodes": nodes, "tokens": _Tokens()}
        shown["reader"] = _Names("ReaderError", error.YAMLError)
        shown.update((part, _Names(name, error.MarkedYAMLError)) for part, name in MARKED.items())
        package.__dict__.update(shown)
        from yaml import _yaml

        return Yaml(_yaml.CParser, error, events)
    except (ImportError, AttributeError):  # it was built without libyaml, or looks for more than we know of
        return None
    finally:
        del sys.modules["yaml"]


class _Tokens:
    """In place of the module: makers of its tokens, which only those ask for who want no events."""

    def __getattr__(self, name: str) -> Any:
        def make(*values: Any) -> Any:
            from yaml import tokens

            return getattr(tokens, name)(*values)

        return make


class _Names:
    """In place of a module: one error of this name."""

    def __init__(self, name: str, above: type) -> None:
        setattr(self, name, type(name, (above,), {}))
