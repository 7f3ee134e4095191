"""Answers to the questions that Debian packages ask."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Iterable

    from cloudboot.system.door import System


def answer(system: System, *lines: str) -> None:
    """Gives these answers, each a line of ``package question type value``, before anybody asks."""
    system.run("debconf-set-selections", stdin="".join(line + "\n" for line in lines).encode(), timeout=60.0,
               describe=f"answer {', '.join(line.split()[1] for line in lines)} for debconf")  # fmt: skip


def answer_all(system: System, texts: Iterable[str]) -> None:
    """Gives the answers in these texts of an owner's, which may hold passwords; comments and empty lines count for
    nothing. Some lines go on: the last character of one that does is a backslash."""
    text = "".join(text.rstrip("\n") + "\n" for text in texts)
    questions = [line.split()[1] for line in text.replace("\\\n", " ").splitlines() if _is_answer(line)]
    if questions:
        system.run("debconf-set-selections", stdin=Secret(text), timeout=60.0, quiet=True,
                   describe=f"answer {', '.join(questions)} for debconf")  # fmt: skip


def _is_answer(line: str) -> bool:
    return len(line.split(None, 3)) > 2 and not line.lstrip().startswith("#")
