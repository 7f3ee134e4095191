"""Prints the version."""

from __future__ import annotations

from cloudboot import __version__
from cloudboot.cli.words import Given, Verb


def run(given: Given) -> int:
    print(f"cloudboot {__version__}")
    return 0


VERB = Verb("version", "Prints the version.", "cloudboot version", (), run, "0")
