"""The words of a command line: declared by each verb, read here.

A boot, `status` and `id` cannot afford argparse, which costs as much to import as the interpreter takes to start.
"""

from __future__ import annotations

from cloudboot.errors import Usage
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional, Sequence, Tuple

    from cloudboot.job import Inputs


class Word(Noun):
    """An option or argument. ``--name`` with a ``value`` takes one; without, it is a flag. A name that does not start
    with a dash is a positional argument. ``many``: may be repeated; ``needed``: must be given; ``choices``: all that it
    may be; ``short``: a one-letter spelling."""

    name: str
    help: str
    value: str = ""
    many: bool = False
    needed: bool = False
    choices: Tuple[str, ...] = ()
    short: str = ""


class Given:
    """What was said: every word by its name."""

    def __init__(self, values: Dict[str, List[str]]) -> None:
        self._values = values

    def flag(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, [default])[-1]

    def maybe(self, name: str) -> Optional[str]:
        return self._values[name][-1] if name in self._values else None

    def texts(self, name: str) -> Tuple[str, ...]:
        return tuple(self._values.get(name, ()))

    def number(self, name: str, default: Optional[float] = None) -> Optional[float]:
        text = self.maybe(name)
        if text is None:
            return default
        try:
            return float(text)
        except ValueError:
            raise Usage(f"{name} takes a number", f"for example {name} 30") from None

    @property
    def inputs(self) -> Inputs:
        """What the words of `INPUTS` say."""
        from cloudboot.job import Inputs

        return Inputs(*(self.maybe(word.name) for word in INPUTS))

    @property
    def root(self) -> str:
        return self.text("--root", "/").rstrip("/") or "/"

    @property
    def config(self) -> str:
        """The folder of the agent's own configuration, as a path below the root."""
        return self.text("--config", "/etc/cloudboot")

    @property
    def debug(self) -> bool:
        return self.flag("--debug")


class Verb(Noun):
    """One thing that cloudboot can be told to do. ``example`` is one whole command line; ``exits`` says what its
    exit status means."""

    name: str
    summary: str
    example: str
    words: Tuple[Word, ...]
    run: Callable[[Given], int]
    exits: str = "0 done, 1 it failed, 2 wrong command line"


GLOBAL = (
    Word("--debug", "tell every decision and action on stderr, with the time it took", short="-d"),
    Word("--root", "work on the tree below DIR as if it were /", value="DIR"),
    Word("--config", "read DIR in place of /etc/cloudboot", value="DIR"),
    Word("--help", "say what there is to say", short="-h"),
)

INPUTS = (
    Word("--seed", "a NoCloud seed in place of the machine's datasource", value="DIR"),
    Word("--user-data", "this user-data", value="FILE"),
    Word("--vendor-data", "this vendor-data", value="FILE"),
    Word("--meta-data", "this meta-data", value="FILE"),
    Word("--network-config", "this network configuration", value="FILE"),
    Word("--cmdline", "this kernel command line", value="STRING"),
)
"""What `boot` and `plan` may be told to take in place of what the machine offers, as `Inputs` has it."""
FORMAT = Word("--format", "how to print it", value="FORMAT", choices=("text", "json"))


def read(verb: Optional[Verb], argv: Sequence[str]) -> Given:
    """The words after the verb (or before there is one). Raises `Usage`."""
    words = (verb.words if verb else ()) + GLOBAL
    options = {w.name: w for w in words if w.name.startswith("-")}
    options.update({w.short: w for w in words if w.short})
    places = [w for w in words if not w.name.startswith("-")]
    values: Dict[str, List[str]] = {}
    rest = list(argv)
    only_places = False
    while rest:
        text = rest.pop(0)
        if text == "--" and not only_places:
            only_places = True
        elif text.startswith("-") and len(text) > 1 and not only_places:
            name, equals, value = text.partition("=") if text.startswith("--") else (text, "", "")
            word = options.get(name)
            if word is None:
                raise Usage(f"no such option: {name}", _near(name, [w for w in options if w.startswith("--")]))
            if word.value and not equals:
                if not rest:
                    raise Usage(f"{word.name} needs a value: {word.value}")
                value = rest.pop(0)
            elif equals and not word.value:
                raise Usage(f"{word.name} takes no value")
            _take(values, word, value)
        else:
            word = next((p for p in places if p.many or p.name not in values), None)
            if word is None:
                raise Usage(f"one word too many: {text}", "see --help")
            _take(values, word, text)
    given = Given(values)
    missing = [w.name for w in words if w.needed and w.name not in values]
    if missing and not given.flag("--help"):
        raise Usage(f"{missing[0]} is missing", f"for example: {verb.example}" if verb else "see --help")
    return given


def _take(values: Dict[str, List[str]], word: Word, value: str) -> None:
    if word.choices and value not in word.choices:
        raise Usage(f"{word.name} is one of {', '.join(word.choices)}", _near(value, list(word.choices)))
    values.setdefault(word.name, []).append(value)


def _near(text: str, names: List[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text, names, 1)
    return f"did you mean {close[0]}?" if close else "see --help"


def usage(verb: Verb) -> str:
    """What ``--help`` prints for a verb."""
    places = " ".join(
        (w.name if w.needed else f"[{w.name}]") + ("..." if w.many else "")
        for w in verb.words
        if not w.name.startswith("-")
    )
    lines = [f"usage: cloudboot {verb.name} [options] {places}".rstrip(), "", verb.summary, ""]
    for word in verb.words + GLOBAL:
        name = f"{word.short}, {word.name}" if word.short else word.name
        left = f"{name} {word.value}".strip()
        more = f" ({', '.join(word.choices)})" if word.choices else ""
        lines.append(f"  {left:<28}{word.help}{more}" if len(left) < 28 else f"  {left}\n{'':30}{word.help}{more}")
    return "\n".join([*lines, "", f"exit status: {verb.exits}", f"example: {verb.example}"])
