"""An option's shape, said once: parsed, checked, defaulted, documented and exported from there.

A shape reads a value of a document and says what is wrong with it. There are four levels of wrong:

- ``error``: the value cannot be used; the module that owns it does not run;
- ``dropped``: one item of a list whose items stand apart cannot be used; it is left out, the others are taken;
- ``wrong``: the value breaks the schema but its meaning is plain (``"yes"`` for true, ``0`` for ``"0"``); it is used,
  and named in a warning;
- ``deprecated``: right, and about to go; named with the release that said so and what to write instead.

`cloudboot schema` reports them all; all but ``deprecated`` make a document invalid.
"""

from __future__ import annotations

from cloudboot.errors import Invalid, Place
from cloudboot.noun import TYPE_CHECKING, option
from cloudboot.schema.containers import AnyOf, Deprecated, ListOf, MapOf, Record, described, keys_of, shaped
from cloudboot.schema.problem import Problem, dotted, kind, unknown
from cloudboot.schema.scalars import Anything, Bool, Choice, Int, Null, Number, SecretText, Shape, Text, Uri

if TYPE_CHECKING:
    from typing import Any, List, Tuple

    from cloudboot.schema.problem import Path

__all__ = ["AnyOf", "Anything", "Bool", "Choice", "Deprecated", "Int", "ListOf", "MapOf", "Null", "Number", "Problem",
           "Record", "SecretText", "Shape", "Text", "Uri", "described", "dotted", "keys_of", "kind", "option", "parse",
           "read", "shaped", "unknown"]  # fmt: skip


def parse(shape: Any, value: Any, path: Path = ()) -> Tuple[Any, Tuple[Problem, ...]]:
    """What ``value`` means in this shape, and everything that is wrong with it."""
    found: List[Problem] = []
    return shaped(shape).parse(value, path, found), tuple(found)


def read(shape: Any, value: Any, path: Path = ()) -> Tuple[Any, Tuple[Problem, ...]]:
    """As `parse`, but an error is raised as `Invalid`; what is returned beside the value is worth a warning."""
    out, found = parse(shape, value, path)
    for problem in found:
        if problem.level == "error":
            raise Invalid(problem.reason, problem.remedy, Place(path=dotted(problem.path)))
    return out, found
