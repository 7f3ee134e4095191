"""Answers to the questions that Debian packages ask."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.system.door import System


def answer(system: System, *lines: str) -> None:
    """Gives these answers, each a line of ``package question type value``, before anybody asks."""
    system.run("debconf-set-selections", stdin="".join(line + "\n" for line in lines).encode(), timeout=60.0,
               describe=f"answer {', '.join(line.split()[1] for line in lines)} for debconf")  # fmt: skip
