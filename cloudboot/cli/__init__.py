"""The command line: finds the verb, reads its words, says what went wrong."""

from __future__ import annotations

import os
import sys
from gc import set_threshold

from cloudboot.cli import words
from cloudboot.errors import CloudbootError, Usage, where
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, NoReturn, Optional, Sequence, Tuple

    from cloudboot.cli.words import Verb

NOT_VERBS = {"__init__", "words", "show"}


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs one command line; the exit status. The one place that catches everything."""
    set_threshold(100_000)  # most command lines are over before there is so much to collect
    said = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in said or "-d" in said
    try:
        return obey(said)
    except Usage as problem:
        print(f"cloudboot: {problem}", file=sys.stderr)
        return 2
    except CloudbootError as problem:
        print(f"cloudboot: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as bug:
        if debug:
            raise
        print(f"cloudboot: a bug of cloudboot's own: {type(bug).__name__} at {where(bug)}; run it again with --debug "
              "and report what it prints", file=sys.stderr)  # fmt: skip
        return 1


def command() -> NoReturn:
    """Runs the command line that this process was started with, and ends it at once: to have the interpreter take
    itself apart, as `sys.exit` does, is a tenth of a short command, and nothing is left that wants it."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # as it is where it was closed from the start
                stream.flush()
        except OSError:  # nobody reads any more, or the disk is full
            code = code or 1
    os._exit(code)


def obey(said: List[str]) -> int:
    name, rest = split(said)
    if name in ("", "--version", "--help"):
        if "--version" in rest or name == "--version":
            name, rest = "version", []
        elif "--help" in rest or "-h" in rest or name == "--help":
            print(overview())
            return 0
        else:
            name = "boot"
    verb = find(name)
    try:
        given = words.read(verb, rest)
    except Usage:
        later = next((word for word in rest if word in names()), "")
        if later and rest is said:  # no verb was recognized, since an option of one stands before it
            raise Usage(f"the options of {later} come after it", f"cloudboot {later} {rest[0]} ...") from None
        raise
    if given.flag("--help"):
        print(words.usage(verb))
        return 0
    if not os.path.isdir(given.root):
        raise Usage(f"--root: there is no folder {given.root}", "name the top of a system's tree")
    return verb.run(given)


def split(said: List[str]) -> Tuple[str, List[str]]:
    """The verb, and all other words in their order. Global options may stand before the verb."""
    takes = {"--root", "--config"}
    i = 0
    while i < len(said):
        if said[i] in takes:
            i += 2
        elif said[i].startswith("-"):
            if said[i] == "--version":
                return "--version", []
            i += 1
            if said[i - 1] not in ("--debug", "-d") and not said[i - 1].startswith(("--root=", "--config=")):
                return "", said
        else:
            return said[i], said[:i] + said[i + 1 :]
    return "", said


def find(name: str) -> Verb:
    """The verb of this name. Raises `Usage` with the nearest one."""
    if name.replace("-", "_") in NOT_VERBS or not name.replace("-", "").isalnum():
        raise Usage(f"no such verb: {name}", "see cloudboot --help")
    try:
        module = __import__(f"cloudboot.cli.{name.replace('-', '_')}", fromlist=["VERB"])
    except ModuleNotFoundError as missing:
        if missing.name != f"cloudboot.cli.{name.replace('-', '_')}":
            raise
        from difflib import get_close_matches

        close = get_close_matches(name, names(), 1)
        remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(names())}"
        raise Usage(f"no such verb: {name}", remedy) from None
    verb: Verb = module.VERB
    return verb


def names() -> List[str]:
    """Every verb, in alphabetical order."""
    files = os.listdir(os.path.dirname(__file__))
    return sorted(f[:-3].replace("_", "-") for f in files if f.endswith(".py") and f[:-3] not in NOT_VERBS)


def overview() -> str:
    lines = ["usage: cloudboot [--debug] [--root DIR] [--config DIR] VERB ...", "",
             "Makes this machine what its cloud and its owner say. Without a verb: boot.", ""]  # fmt: skip
    for name in names():
        lines.append(f"  {name:<14}{find(name).summary}")
    return "\n".join([*lines, "", "cloudboot VERB --help tells more of each."])
