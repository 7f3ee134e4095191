"""How documents become one: the mergers of ``merge_how``, for parts of user-data and for layers of configuration.

A merge has a value that is there (``old``) and one that comes to it (``new``). What the old one is decides who merges:

- ``dict``: keys that only one has are taken. For a key that both have: ``replace`` takes the new value; ``no_replace``
  (the default) keeps the old one, but goes into it when the new value is a mapping, a list (``recurse_list`` or
  ``recurse_array``) or a text (``recurse_str``). ``allow_delete``: a new value of null takes the key away.
- ``list``: ``append``, ``prepend``, ``no_replace`` (keeps the old), or ``replace`` (the default), which goes by index:
  item 0 takes the place of item 0, what the longer old list has beyond stays, what the longer new one has is left out.
  With ``recurse_dict``, ``recurse_list``, ``recurse_str`` items are merged, not replaced.
- ``str``: the new value replaces it; ``append`` joins two texts.

A type that nobody merges stays as it is. Neither value is changed.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Set, Tuple

    Step = Tuple[str, Tuple[str, ...]]

PARTS = "dict(replace)+list()+str()"
"""For parts of user-data that do not say how: a later part's key replaces the whole value."""
LAYERS = "dict()"
"""For layers, the strongest first: mappings are joined key by key, anything else that is there stays."""

OPTIONS = {
    "dict": {"replace", "no_replace", "allow_delete", "recurse_dict", "recurse_list", "recurse_array", "recurse_str"},
    "list": {"append", "prepend", "replace", "no_replace", "recurse_dict", "recurse_list", "recurse_array",
             "recurse_str"},
    "str": {"append"},
}  # fmt: skip
REMEDY = "write it like dict(recurse_list)+list(append)+str()"


class Merger:
    """Merges values as one ``merge_how`` says. Raises `Invalid` for a merger that does not exist."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.by: Dict[str, Set[str]] = {}
        self.unknown: List[str] = []
        for name, options in steps:
            if name not in OPTIONS:
                raise Invalid("merge_how names a merger that does not exist", "there are dict, list and str")
            self.unknown += [f"{name}({option})" for option in options if option not in OPTIONS[name]]
            self.by.setdefault(name, {"recurse_list" if o == "recurse_array" else o for o in options})

    def merge(self, old: Any, new: Any) -> Any:
        """What the two make together; one of them itself where nothing is to be made."""
        if isinstance(old, dict) and "dict" in self.by:
            return self.mappings(old, new, self.by["dict"])
        if isinstance(old, list) and "list" in self.by:
            return self.lists(old, new, self.by["list"])
        if isinstance(old, str) and "str" in self.by:
            return old + new if "append" in self.by["str"] and isinstance(new, str) else new
        return old

    def mappings(self, old: Any, new: Any, how: Set[str]) -> Any:
        if not isinstance(new, dict):
            return old
        result = old.copy()
        for key, value in new.items():
            if key not in old:
                _adopt(result, key, new, key)
            elif value is None and "allow_delete" in how:
                del result[key]
            elif "replace" in how:
                _adopt(result, key, new, key)
            elif isinstance(value, dict) or _recurses(value, how):
                _join(result, key, self.merge(old[key], value), new, key)
            else:
                _keep(result, key, new, key)
        return result

    def lists(self, old: Any, new: Any, how: Set[str]) -> Any:
        if "append" in how or "prepend" in how:
            if not isinstance(new, list):
                return old
            return old + new if "append" in how else new + old
        if "no_replace" in how and "replace" not in how:
            return old
        if not isinstance(new, list):
            return new
        result = old.copy()
        for index in range(min(len(old), len(new))):
            if _recurses(new[index], how):
                _join(result, index, self.merge(old[index], new[index]), new, index)
            else:
                _adopt(result, index, new, index)
        return result


# Where values carry `marks`, these go where the values go.


def _adopt(into: Any, key: Any, source: Any, at: Any) -> None:
    """Puts ``source[at]`` in the place ``key``, where something may have been."""
    if hasattr(into, "marks"):
        theirs = source.marks[at]
        there = key in into if isinstance(into, dict) else True
        into.marks[key] = theirs.above(into.marks[key]) if there else theirs
    into[key] = source[at]


def _keep(into: Any, key: Any, source: Any, at: Any) -> None:
    """Leaves what is at ``key`` where it is; ``source[at]`` yields to it."""
    if hasattr(into, "marks"):
        into.marks[key] = into.marks[key].above(source.marks[at])


def _join(into: Any, key: Any, value: Any, source: Any, at: Any) -> None:
    """Puts ``value`` at ``key``, made of what was there and of ``source[at]``."""
    if value is source[at]:
        _adopt(into, key, source, at)
    else:
        if not isinstance(value, (dict, list)) or value is into[key]:
            _keep(into, key, source, at)
        into[key] = value


def _recurses(value: Any, how: Set[str]) -> bool:
    kind = "dict" if isinstance(value, dict) else "list" if isinstance(value, list) else "str"
    return isinstance(value, (dict, list, str)) and f"recurse_{kind}" in how


def how_to_merge(config: Any) -> Tuple[Any, Tuple[Step, ...]]:
    """The config without ``merge_how`` and ``merge_type``, and the steps that they name. Raises `Invalid`."""
    if "merge_how" not in config and "merge_type" not in config:
        return config, ()
    rest = config.copy()
    said = None
    for key in ("merge_type", "merge_how"):
        if key in rest:
            said = rest[key] if rest[key] is not None else said
            del rest[key]
    return rest, steps(said)


def steps(how: Any) -> Tuple[Step, ...]:
    """The mergers and their options that a spec names: ``dict(replace)+list()``, or a list. Raises `Invalid`."""
    if how is None:
        return ()
    if isinstance(how, str):
        return tuple(_spelled(step) for step in how.split("+") if step.strip())
    if not isinstance(how, list):
        raise Invalid("merge_how is neither a text nor a list", REMEDY)
    found: List[Step] = []
    for item in how:
        if isinstance(item, str):
            found += steps(item)
        elif isinstance(item, dict) and "name" in item:
            found.append((_plain(item["name"]), _options(item.get("settings"))))
        elif isinstance(item, list) and item:
            found.append((_plain(item[0]), _options(item[1:])))
        else:
            raise Invalid("an item of merge_how names no merger", "write it like {name: list, settings: [append]}")
    return tuple(step for step in found if step[0])


def _spelled(step: str) -> Step:
    name, _, rest = step.strip().partition("(")
    if not rest.endswith(")") or not _plain(name).isidentifier():
        raise Invalid("merge_how cannot be read", REMEDY)
    return _plain(name), _options(rest[:-1].split(","))


def _options(given: Any) -> Tuple[str, ...]:
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(_plain(option) for option in listed if _plain(option))


def _plain(word: Any) -> str:
    return str(word).strip().lower().replace("-", "_")
