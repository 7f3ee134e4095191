"""cloud-config-jsonp: a JSON Patch (RFC 6902) on what is merged so far. The one owner of jsonpatch."""

from __future__ import annotations

from cloudboot.errors import Invalid, Place, Uninstalled
from cloudboot.noun import TYPE_CHECKING
from cloudboot.userdata import decoded, kinds
from cloudboot.userdata.document import MAX_DEPTH, MAX_NODES

if TYPE_CHECKING:
    from typing import Any, Dict

MAX_OPERATIONS = 10_000
"""The most operations of one patch."""


def patched(config: Dict[Any, Any], content: bytes, name: str) -> Dict[Any, Any]:
    """A changed copy of the config. Raises `Invalid` naming the operation that cannot be done; none is then done."""
    try:
        import jsonpatch
    except ImportError:
        raise Uninstalled("jsonpatch", "python3-jsonpatch") from None
    wrong = (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException)  # type: ignore[attr-defined]
    operations = _operations(content, name)
    result: Any = _copied(config)
    left = MAX_NODES
    for number, operation in enumerate(operations):
        place = Place(name, path=f"[{number}]")
        one: Any = [operation]
        if not isinstance(operation, dict):
            raise Invalid("it is no operation of JSON Patch", "write op, path and value", place)
        if str(operation.get("path")).count("/") > MAX_DEPTH:
            raise Invalid("its path is too deep", place=place)
        try:
            result = jsonpatch.JsonPatch(one).apply(result, in_place=True)
        except jsonpatch.JsonPatchTestFailed:
            raise Invalid("its test does not hold", "the parts before it say something else", place) from None
        except wrong:
            raise Invalid("it does not fit what is merged so far", "look at its op and its path", place) from None
        except (TypeError, KeyError, ValueError, AttributeError, IndexError, RecursionError):
            raise Invalid("it is no operation of JSON Patch", "write op, path and value", place) from None
        if operation.get("op") == "copy":
            left -= _size(result, left, place)
    if not isinstance(result, dict):
        raise Invalid("it leaves no mapping", "patch what is in the config, not the whole", Place(name))
    _size(result, MAX_NODES, Place(name))
    return result


def _operations(content: bytes, name: str) -> Any:
    import json

    text = kinds.without_mark(decoded(content, name), "#cloud-config-jsonp")
    before = decoded(content, name)[: -len(text) or None].count("\n")
    try:
        operations = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(name, error.lineno + before, error.colno)
        raise Invalid(f"not JSON: {error.msg}", "a patch is a JSON list of operations", place) from None
    except (RecursionError, ValueError):
        raise Invalid("not JSON: nested too deep, or a number too long", place=Place(name)) from None
    if not isinstance(operations, list):
        raise Invalid("a patch is a JSON list of operations", "put [ and ] around it", Place(name))
    if len(operations) > MAX_OPERATIONS:
        raise Invalid(f"more than {MAX_OPERATIONS} operations", place=Place(name))
    return operations


def _copied(value: Any) -> Any:
    """A copy in which nothing is shared: what a YAML alias made one is two, and changes alone."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    return value


def _size(value: Any, most: int, place: Place) -> int:
    """How many values there are. Raises `Invalid` for more than ``most``, or too deep a nesting."""
    count = 0
    waiting = [(value, 0)]
    while waiting:
        here, depth = waiting.pop()
        count += 1
        if count > most or depth > MAX_DEPTH:
            raise Invalid("the config becomes too big or too deep", place=place)
        if isinstance(here, (dict, list)):
            waiting += [(inner, depth + 1) for inner in (here.values() if isinstance(here, dict) else here)]
    return count
