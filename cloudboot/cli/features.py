"""Lists what this version can do beyond its verbs, one name a line, for programs that ask before they rely on it."""

from __future__ import annotations

from cloudboot.cli.words import Given, Verb

FEATURES = ("NETWORK_CONFIG_V1", "NETWORK_CONFIG_V2", "PLAN", "EXPLAIN")


def run(given: Given) -> int:
    print("\n".join(FEATURES))
    return 0


VERB = Verb("features", "Names what a document may rely on, one a line.", "cloudboot features", (), run, "0")
