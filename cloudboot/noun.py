"""Frozen records that cost next to nothing to define.

``dataclasses`` takes 14 ms of every boot to import and generates code for every class; a `Noun` is a plain class whose
fields are its annotations. Type checkers see a frozen dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from enum import Enum as Choice
    from typing import Any, ClassVar, Dict, Mapping, Tuple

    from typing_extensions import Self, dataclass_transform

    __all__ = ["Choice", "Noun", "Option", "option"]
else:

    def dataclass_transform(**_):
        return lambda cls: cls

    class _Choices(type):
        """What can be done with a class of choices: go through them, and find one by its value."""

        def __iter__(cls):
            return iter(cls._by_value.values())

        def __call__(cls, value):
            try:
                return cls._by_value[value]
            except KeyError:
                raise ValueError(f"{value!r} is no {cls.__name__}") from None

    class Choice(metaclass=_Choices):
        """One of a few named values, as an enumeration has them: ``class Stage(Choice): LOCAL = "local"``. ``enum``
        costs a third of what the interpreter does."""

        def __init_subclass__(cls):
            cls._by_value = {}
            for name, value in list(cls.__dict__.items()):
                if not name.startswith("_") and not callable(value):
                    cls._by_value[value] = choice = object.__new__(cls)
                    choice.name, choice.value = name, value
                    setattr(cls, name, choice)

        def __repr__(self):
            return f"<{type(self).__name__}.{self.name}: {self.value!r}>"


class Needed:
    """The default of a field that has none."""


class Option:
    """What a field of an options noun says of itself; see `cloudboot.schema.option`, which makes these."""

    __slots__ = ("apart", "default", "help", "instead", "key", "required", "shape", "since", "was")

    def __init__(
        self,
        shape: Any,
        default: Any,
        help: str,
        key: str,
        required: bool,
        since: str = "",
        instead: str = "",
        was: Tuple[str, ...] = (),
        apart: bool = False,
    ) -> None:
        self.shape, self.default, self.help, self.key, self.required = shape, default, help, key, required
        self.since, self.instead, self.was, self.apart = since, instead, was, apart


def option(
    shape: Any,
    *,
    default: Any = Needed,
    help: str = "",
    key: str = "",
    required: bool = False,
    since: str = "",
    instead: str = "",
    was: Tuple[str, ...] = (),
    apart: bool = False,
) -> Any:
    """A field of an options noun: its shape, default and one line of documentation.

    Shapes are in `cloudboot.schema`. ``key`` is the name in the document where it is no Python name
    (``remove-defaults``); ``required`` marks a key without which the mapping is wrong; ``since`` names the release that
    deprecated it and ``instead`` what to write now. ``was`` is an older spelling of the key, still read, and the
    release that deprecated it: ``("lock-passwd", "22.3")``. An option ``apart`` that cannot be used is left out, and
    said to be, while the rest of the mapping is taken; so it is when it is required and missing. A field without a
    default has None.
    """
    return Option(shape, None if default is Needed else default, help, key, required, since, instead, was, apart)


@dataclass_transform(frozen_default=True, field_specifiers=(option,))
class Noun:
    """A frozen record: ``class Point(Noun): x: int; y: int = 0``. Equal when of one class with equal fields.

    ``_least`` is for nouns of options: how many keys a mapping needs to be one.
    """

    _fields: ClassVar[Tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, Any]] = {}
    _options: ClassVar[Mapping[str, Option]] = {}
    _least: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        names = [n for n in cls.__dict__.get("__annotations__", ()) if not n.startswith("_")]
        defaults: Dict[str, Any] = dict(cls._defaults)
        options: Dict[str, Option] = dict(cls._options)
        for name in names:
            if name in cls.__dict__:
                value = cls.__dict__[name]
                if type(value) is Option:
                    options[name], value = value, value.default
                    setattr(cls, name, value)
                defaults[name] = value
        cls._fields = cls._fields + tuple(n for n in names if n not in cls._fields)
        cls._defaults, cls._options = defaults, options

    def __init__(self, *args: Any, **given: Any) -> None:
        fields = self._fields
        values = self.__dict__
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} fields, {len(args)} were given")
        values.update(self._defaults)
        values.update(zip(fields, args))
        values.update(given)
        if len(values) != len(fields):
            raise TypeError(
                f"{type(self).__name__}: {', '.join(sorted(set(values) ^ set(fields)))}: missing or unknown"
            )

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(self.__dict__[n] for n in self._fields)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={self.__dict__[n]!r}' for n in self._fields)})"

    def but(self, **changes: Any) -> Self:
        """The same, with some fields different."""
        return type(self)(**{**self.__dict__, **changes})

    def items(self) -> Dict[str, Any]:
        """Field names and values, in order; a copy."""
        return {n: self.__dict__[n] for n in self._fields}
