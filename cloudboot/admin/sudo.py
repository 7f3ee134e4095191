"""Who may act as root: a file of sudo rules of our own, and lines in doas.conf."""

from __future__ import annotations

from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Sequence, Tuple

    from cloudboot.system.door import System

    Rules = Sequence[Tuple[str, str]]

MAIN = "/etc/sudoers"
FOLDER = "/etc/sudoers.d"
FILE = f"{FOLDER}/90-cloudboot-users"
DOAS = "/etc/doas.conf"
HEAD = "# Written by cloudboot at every new instance; rules of your own belong in a file of their own.\n"
PLAIN = {f"ALL=({who}) {tag}ALL" for who in ("ALL", "ALL:ALL") for tag in ("", "NOPASSWD:", "NOPASSWD: ")}
"""Rules of which visudo need not be asked: nearly every user has one of these."""
TAKEN = ("ALL", "Defaults")  # words that mean something else at the start of a sudoers line


def allow(system: System, rules: Rules) -> None:
    """Makes our file hold these rules, each a user's name and what follows it, and no others.

    One broken line would switch sudo off for everybody, so what visudo does not like is left out and named in the
    `CloudbootError` raised after the good rules are in place.
    """
    good = [rule for rule in rules if _is_one_line(*rule)]
    if good and not _passes(system, good):
        good = [rule for rule in good if _passes(system, [rule])]
    if good:
        _include(system)
        if not system.exists(FOLDER):
            system.mkdir(FOLDER, mode=0o750)
        system.write(FILE, _text(good), mode=0o440)
    else:
        system.remove(FILE)
    bad = sorted({name for name, _ in (rule for rule in rules if rule not in good)})
    if bad:
        raise CloudbootError(
            f"a sudo rule of {', '.join(map(repr, bad))} is not one", "see sudoers(5) for how to write it"
        )


def permit(system: System, rules: Rules) -> None:
    """Puts these rules, each with the user whose they are, at the end of doas.conf, where the last that fits counts.
    Raises `CloudbootError` for a rule that names somebody else."""
    good = [rule for user, rule in rules if "\n" not in rule and _doas_user(rule) == user]
    if good:
        old = (system.text(DOAS) or "").splitlines()
        kept = [line for line in old if line not in good]
        entry = system.look(DOAS)
        system.write(DOAS, "".join(f"{line}\n" for line in (*kept, *good)), mode=entry.mode if entry else 0o640)
    bad = sorted({user for user, rule in rules if rule not in good})
    if bad:
        raise CloudbootError(
            f"a doas rule of {', '.join(map(repr, bad))} is not theirs", "write: permit [options] NAME"
        )


def _is_one_line(name: str, rule: str) -> bool:
    return name not in TAKEN and not any(c in rule for c in "\n\r\0") and not rule.endswith("\\")


def _is_plain(name: str) -> bool:
    """Is this a user's name, and nothing that sudoers(5) has a meaning for, such as an alias in capitals?"""
    return name[:1].islower() and name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def _text(rules: Rules) -> str:
    return HEAD + "".join(f"{name} {rule}\n" for name, rule in rules)


def _passes(system: System, rules: Rules) -> bool:
    """Whether visudo takes the rules; where there is no visudo nobody can tell, and nobody reads them either."""
    if all(rule in PLAIN and _is_plain(name) for name, rule in rules):
        return True
    return system.query("visudo", "-cf", "-", stdin=_text(rules).encode()).code in (0, 127)


def _include(system: System) -> None:
    """Makes the main file read our folder, as it does on every distribution by itself. Where there is no main file
    sudo is not installed, and will bring one."""
    text = system.text(MAIN)
    entry = system.look(MAIN)
    if text is None or entry is None or any(_includes(line) for line in text.splitlines()):
        return
    end = "" if not text or text.endswith("\n") else "\n"
    system.write(MAIN, f"{text}{end}#includedir {FOLDER}\n", mode=entry.mode)


def _includes(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and words[0] in ("#includedir", "@includedir") and words[1].strip('"').rstrip("/") == FOLDER


def _doas_user(rule: str) -> str:
    """The user, or :group, that a rule of doas.conf(5) is about; empty where it is no rule."""
    words: List[str] = rule.replace("{", " { ").replace("}", " } ").split()
    if not words or words.pop(0) not in ("permit", "deny"):
        return ""
    while words and words[0] in ("nopass", "nolog", "persist", "keepenv", "setenv"):
        if words.pop(0) == "setenv":
            if "}" not in words:
                return ""
            del words[: words.index("}") + 1]
    return words[0] if words else ""
