"""A list of commands as one shell script, which tells how each of them ended.

The list is one script because documents count on it: a directory, a variable or ``set -e`` of one entry holds for
those after it. Between the entries stand marks, which leave the exit status and ``set -e`` as they find them.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import AnyOf, ListOf, Null, Text
from cloudboot.system.actions import quoted

if TYPE_CHECKING:
    from typing import List, Sequence, Tuple, Union

    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System

    Entry = Union[str, Tuple[str, ...], None]

COMMANDS = ListOf(AnyOf(ListOf(Text), Text), least=1)
COMMANDS_OR_NOTHING = ListOf(AnyOf(ListOf(Text), Text, Null), least=1)

MARK = "_cloudboot_mark"
HEAD = (
    "#!/bin/sh\n"
    "# Made by cloudboot from {key}. The marks between the entries tell it how each of them ended.\n"
    + MARK
    + '() {{\n    echo "$2 $1" >>"${{CLOUDBOOT_MARKS:-/dev/null}}" && read -r _ <"${{CLOUDBOOT_HEARD:-/dev/null}}"\n'
    + '{also}    return "$1"\n}}\n'
    + MARK
    + " 0 begin 2>/dev/null\n"
)
GO_ON = "{ " + MARK + " $? %d && :; } 2>/dev/null\n"
OR_STOP = "{ " + MARK + " $? %d; } 2>/dev/null || exit $?\n"
REMEMBER = '    test "$1" = 0 || _cloudboot_failed=$1\n'
ANSWER = 'exit "${_cloudboot_failed:-0}"\n'
OPENING = frozenset("'\"`\\<()")


class Ended(Noun):
    """How the entry with this number ended; ``said`` are the last lines of its output."""

    entry: int
    code: int
    seconds: float
    said: str = ""


def script(system: System, key: str, entries: Sequence[Entry], on_error: str = "continue") -> str:
    """The script of these entries: text as it is, a list as one command with its arguments.

    ``on_error``: continue; stop at the first entry that fails; or fail in the end if any did. Entries that are a
    command only together (``if`` in one, ``fi`` in a later one) get no marks between them, and end as one.
    """
    there = [(i, as_command(entry)) for i, entry in enumerate(entries) if entry is not None]
    written = [entry for entry in entries if isinstance(entry, str)]  # what is quoted here is whole
    if not stand_alone(system, written):
        if on_error != "continue":
            system.warn(f"{key}: its entries are a command only together, so that {on_error} is about them all")
        return "#!/bin/sh\n" + "".join(text + "\n" for _, text in there)
    failing = on_error == "fail"
    after = OR_STOP if on_error == "stop" else GO_ON
    body = "".join(f"{text}\n{after % i}" for i, text in there)
    return HEAD.format(key=key, also=REMEMBER if failing else "") + body + (ANSWER if failing else "")


def as_command(entry: Union[str, Tuple[str, ...]]) -> str:
    return entry if isinstance(entry, str) else " ".join(quoted(word) for word in entry)


def stand_alone(system: System, texts: Sequence[str]) -> bool:
    """Whether the shell takes each of these as whole. One that could leave a quote, a bracket or a here-document open,
    and so swallow the question about the next, is asked about on its own."""
    if any(text.endswith("\\") for text in texts):
        return False
    alone = [text for text in texts if OPENING.intersection(text)]
    together = "".join(f"(:\n{text}\n)\n" for text in texts if not OPENING.intersection(text))
    questions = [together, *(f"(:\n{text}\n)\n" for text in alone)]
    return all(system.query("/bin/sh", "-n", stdin=q.encode()).code == 0 for q in questions if q)


def is_marked(text: str) -> bool:
    """Whether a script is one that `script` made, with marks."""
    return MARK in text


def ended(outcome: Outcome, text: str) -> Tuple[Ended, ...]:
    """How each entry of the script ``text`` ended, from the marks it left; nothing where it could leave none. The entry
    in which the script itself ended is the first without a mark; those after it never ran."""
    after = text.split(f"{MARK} $? ")[1:]
    numbers = [int(piece[: len(piece) - len(piece.lstrip("0123456789"))] or 0) for piece in after]
    found: List[Ended] = []
    before = 0.0
    for mark in outcome.marks:
        number, _, code = mark.text.partition(" ")
        if number.isdigit() and code.isdigit():
            found.append(Ended(int(number), int(code), round(mark.seconds - before, 3), last_lines(mark.said)))
        before = mark.seconds
    done = {e.entry for e in found}
    left = [n for n in numbers if n not in done]
    stopped = found and found[-1].code and OR_STOP % found[-1].entry in text
    if outcome.marks and left and not stopped:
        said = (outcome.stdout + outcome.stderr).decode("utf-8", "replace")
        found.append(Ended(left[0], outcome.code, round(outcome.seconds - before, 3), last_lines(said)))
    return tuple(found)


def last_lines(text: str) -> str:
    return "\n".join(text.rstrip().splitlines()[-10:])[-1000:]


def record(system: System, key: str, path: str, found: Sequence[Ended]) -> None:
    """Writes down how the entries of ``key`` ended, and warns of each that failed. What they said may be secret, and
    warnings are for everybody to read: it is in the file only."""
    from cloudboot import json

    system.write(path, json.dumps([e.items() for e in found]) + "\n", mode=0o600, secret=True)
    for e in found:
        if e.code:
            system.warn(f"{key}[{e.entry}] exited {e.code} after {e.seconds:.1f} s; what it said is in {path}")
