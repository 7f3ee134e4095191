"""The manual pages, in roff: cloudboot(8), and one for each verb."""

from __future__ import annotations

import sys
import textwrap
from typing import Iterator, List, Tuple

from cloudboot import cli
from cloudboot.cli.words import GLOBAL, Verb, Word

FILES = (
    ("/etc/cloudboot/cloudboot.cfg, /etc/cloudboot/cloudboot.cfg.d/*.cfg", "the image's configuration"),
    ("/etc/cloudboot/disabled", "while it is there, nothing is done"),
    ("/var/lib/cloudboot/", "what is known of this machine: its instances, their scripts, the journal"),
    ("/run/cloudboot/", "the status of this boot, and instance data"),
    ("/var/log/cloudboot.log, /var/log/cloudboot-output.log", "what was done, and what commands said"),
)
INTRODUCTION = """Makes this machine what its cloud and its owner say. It runs as root, once, early: it finds out which
cloud it is on, fetches what that cloud and the machine's owner say, and sees to network, users, SSH keys, packages,
files and scripts. It reads every document written for cloud-init. Without a verb it does what
cloudboot-boot(8) does."""
OPTIONS = r"[\fB\-\-debug\fR] [\fB\-\-root\fR \fIDIR\fR] [\fB\-\-config\fR \fIDIR\fR]"


def pages() -> Iterator[Tuple[str, str]]:
    """Path below docs/ and content of every manual page."""
    verbs = [cli.find(name) for name in cli.names()]
    yield "man/cloudboot.8", overview(verbs)
    for verb in verbs:
        yield f"man/cloudboot-{verb.name}.8", page(verb)


def page(verb: Verb) -> str:
    about = (sys.modules[f"cloudboot.cli.{verb.name.replace('-', '_')}"].__doc__ or verb.summary).strip()
    lines = [*head(f"cloudboot-{verb.name}", verb.summary), ".SH SYNOPSIS", synopsis(verb), ".SH DESCRIPTION"]
    for i, paragraph in enumerate(about.replace("``", "").split("\n\n")):
        lines += [*([".PP"] if i else []), escaped(paragraph)]
    lines += [".SH OPTIONS"]
    for word in (*verb.words, *GLOBAL):
        lines += option(word)
    lines += [".SH EXIT STATUS", escaped(sentence(verb.exits)), ".SH EXAMPLE", ".nf", escaped(verb.example), ".fi"]
    return "\n".join([*lines, ".SH SEE ALSO", ".BR cloudboot (8)"]) + "\n"


def overview(verbs: List[Verb]) -> str:
    lines = [*head("cloudboot", "the first-boot agent of a cloud machine"), ".SH SYNOPSIS",
             ".B cloudboot", OPTIONS, r"\fIVERB\fR ...",
             ".SH DESCRIPTION", escaped(INTRODUCTION), ".SH VERBS"]  # fmt: skip
    for verb in verbs:
        lines += [".TP", rf".BR cloudboot\-{escaped(verb.name)} (8)", escaped(verb.summary)]
    lines += [".SH OPTIONS", "These are taken before and after the verb."]
    for word in GLOBAL:
        lines += option(word)
    lines += [".SH FILES"]
    for path, about in FILES:
        lines += [".TP", rf".I {escaped(path)}", escaped(sentence(about))]
    return "\n".join(lines) + "\n"


def head(name: str, summary: str) -> List[str]:
    return [r'.\" Written by tools/docs.', f'.TH {name.upper()} 8 "" cloudboot "System Administration"', ".SH NAME",
            rf"{escaped(name)} \-", escaped(summary[:1].lower() + summary[1:].rstrip("."))]  # fmt: skip


def synopsis(verb: Verb) -> str:
    parts = [rf"\fBcloudboot {escaped(verb.name)}\fR"]
    for word in verb.words:
        text = _named(word) if word.name.startswith("-") else rf"\fI{escaped(word.name)}\fR"
        text += " ..." if word.many else ""
        parts.append(text if word.needed else f"[{text}]")
    return "\n".join(parts)


def option(word: Word) -> List[str]:
    if not word.name.startswith("-"):
        return [".TP", rf".I {escaped(word.name)}", escaped(sentence(word.help))]
    named = rf"\fB{escaped(word.short)}\fR, {_named(word)}" if word.short else _named(word)
    more = f" One of {', '.join(word.choices)}." if word.choices else ""
    return [".TP", named, escaped(sentence(word.help) + more)]


def _named(word: Word) -> str:
    return rf"\fB{escaped(word.name)}\fR" + (rf" \fI{escaped(word.value)}\fR" if word.value else "")


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def escaped(text: str) -> str:
    """Text that roff takes as it is, in lines of a width that a person can read too."""
    lines = textwrap.wrap(text, 72, break_long_words=False, break_on_hyphens=False)
    lines = [line.replace("\\", r"\e").replace("-", r"\-") for line in lines]
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in lines)
