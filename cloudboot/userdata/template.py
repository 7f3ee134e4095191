"""Templates in Jinja: documents that begin with ``## template: jinja``, filled in with instance data.

The one owner of jinja2, imported for the first document that asks. A template sees data and nothing else: it is
sandboxed, has its own copy of the data (so that ``{% do list.append(x) %}`` works), cannot include files, and ends at
a bound of CPU time, memory and output. A name that does not exist becomes ``CI_MISSING_JINJA_VAR/name`` in the text.
"""

from __future__ import annotations

from cloudboot.errors import Invalid, Place, Uninstalled
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.userdata import MAX_BYTES, decoded
from cloudboot.userdata.limits import OutOfTime, within

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Tuple, Type, Union

MAX_SECONDS = 2.0
"""The CPU time that one template may take."""
MAX_MEMORY = 96 << 20
"""The bytes of memory that one template may take."""
MAX_BITS = 1 << 16
"""The longest number that a template may make, in bits."""
MISSING = "CI_MISSING_JINJA_VAR/"


class Rendered(Noun):
    """A template filled in, and the names in it that there is no data for."""

    text: str
    missing: Tuple[str, ...] = ()


def is_template(text: Union[bytes, str]) -> bool:
    """Does its first line ask to be filled in?"""
    start = text[:4096].decode("utf-8", "replace") if isinstance(text, bytes) else text[:4096]
    words = start.lstrip("\ufeff \t\r\n").split("\n", 1)[0].lower().split(":", 1)
    return len(words) == 2 and words[0].split() in (["##", "template"], ["##template"]) and words[1].strip() == "jinja"


def render(text: Union[bytes, str], data: Mapping[str, Any], name: str = "") -> Rendered:
    """The document without its ``## template: jinja`` line, filled in with instance data.

    Raises `Invalid` with the line for what is wrong with the template.
    """
    source = decoded(text, name)
    body = source.lstrip("\ufeff \t\r\n")
    before = source[: len(source) - len(body)].count("\n")
    if is_template(body):
        _, _, body = body.partition("\n")
        before += 1
    missing: List[str] = []
    try:
        import jinja2.sandbox  # noqa: F401 (before its memory is counted)
    except ImportError:
        raise Uninstalled("Jinja2", "python3-jinja2") from None
    try:
        filled = within(MAX_SECONDS, MAX_MEMORY, lambda: _filled(body, variables(data), missing))
    except OutOfTime as problem:
        raise Invalid(problem.reason, "look for loops that never end", Place(name)) from None
    except MemoryError:
        raise Invalid("it takes too much memory", "look for texts that are repeated", Place(name)) from None
    except Exception as error:
        line = _line(error)
        reason, remedy = _told(error)
        raise Invalid(reason, remedy, Place(name, line + before, 1) if line else Place(name)) from None
    return Rendered(filled, tuple(dict.fromkeys(missing)))


def variables(data: Mapping[str, Any]) -> Dict[str, Any]:
    """Instance data as templates see it: a copy in which the keys of the newest ``v1``, ``v2``, ... are names of
    their own, and every key that holds an operator (``local-hostname``) has a twin with ``_`` in its place.
    """
    seen: Dict[str, Any] = _twinned(data)
    versions = [key for key in seen if key[:1] == "v" and key[1:].isdigit() and isinstance(seen[key], dict)]
    for version in sorted(versions, key=lambda key: int(key[1:]), reverse=True):
        for key, value in seen[version].items():
            seen.setdefault(key, value)
    return seen


def _twinned(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_twinned(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {str(key): _twinned(inner) for key, inner in value.items()}
    for key in list(copy):
        copy.setdefault("".join("_" if c in "+-/*%~[](){}=!<>.:|,;" else c for c in key), copy[key])
    return copy


def _filled(body: str, data: Mapping[str, Any], missing: List[str]) -> str:
    environment = _sandbox()(
        undefined=_undefined(missing), trim_blocks=True, keep_trailing_newline=True, extensions=["jinja2.ext.do"]
    )
    out: List[str] = []
    size = 0
    for piece in environment.from_string(body).generate(data):
        size += len(piece)
        if size > MAX_BYTES:
            raise Invalid(f"it becomes longer than {MAX_BYTES >> 20} MiB")
        out.append(piece)
    return "".join(out)


def _sandbox() -> Type[Any]:
    from jinja2.sandbox import SandboxedEnvironment

    class Sandbox(SandboxedEnvironment):
        """Numbers stay small: a long multiplication cannot be interrupted."""

        intercepted_binops = frozenset(["*", "**"])

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if isinstance(left, int) and isinstance(right, int):
                bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
                if bits > MAX_BITS:
                    raise Invalid("a number in it becomes too long")
            return super().call_binop(context, operator, left, right)

    return Sandbox


def _undefined(missing: List[str]) -> Type[Any]:
    from jinja2 import Undefined
    from jinja2.exceptions import SecurityError

    class Missing(Undefined):
        """A name without data: it is written into the text with a mark, and remembered."""

        __slots__ = ()

        def __str__(self) -> str:
            if self._undefined_exception is SecurityError:
                self._fail_with_undefined_error()
            missing.append(str(self._undefined_name))
            return f"{MISSING}{self._undefined_name}"

        def __sub__(self, other: Any) -> Any:
            first, second = self._undefined_name, getattr(other, "_undefined_name", "...")
            raise Invalid(f"{first}-{second} is a subtraction", f"write {first}_{second}")

    return Missing


def _line(error: BaseException) -> int:
    """The line of the template that an error came from, 0 where it is not known."""
    line = getattr(error, "lineno", None) or 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _told(error: Exception) -> Tuple[str, str]:
    """(reason, remedy); an error of the data's own may hold a value, and only its kind is told."""
    import jinja2

    if isinstance(error, Invalid):
        return error.reason, error.remedy
    if isinstance(error, TypeError) and "no loader" in str(error):
        return "a template cannot include another one", "write its text here"
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"its Jinja is wrong: {error.message}", "look at the braces and names in this line"
    if isinstance(error, jinja2.UndefinedError):
        return f"there is no such data: {error.message}", "see cloudboot query --list-keys for what there is"
    if isinstance(error, jinja2.exceptions.SecurityError):
        return "it does what no template may", "templates see instance data and nothing else"
    if isinstance(error, RecursionError):
        return "it calls itself without end", ""
    return f"it cannot be filled in: {type(error).__name__}", "look at what this line does with its values"
