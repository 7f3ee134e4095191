"""Lists the datasources that there are: name, what must be up to ask it, title, and what it is known by."""

from __future__ import annotations

import sys

from cloudboot import json, registry, settings
from cloudboot.cli.words import FORMAT, Given, Verb
from cloudboot.datasource import Needs
from cloudboot.host import look
from cloudboot.start import brought

NEEDS = {Needs.NOTHING: "nothing", Needs.LINK_LOCAL: "link", Needs.NETWORK: "network"}


def run(given: Given) -> int:
    for problem in brought(settings.load(look(given.root), given.config), given.root):
        print(f"cloudboot: {problem}", file=sys.stderr)
    found = registry.datasources()
    if given.text("--format") == "json":
        print(json.dumps([{"name": s.name, "title": s.title, "needs": NEEDS[s.needs], "aliases": list(s.aliases),
                           "signs": s.signs} for s in found], indent=1))  # fmt: skip
    else:
        for s in found:
            print(f"{s.name:<13}{NEEDS[s.needs]:<9}{s.title}{': ' + s.signs if s.signs else ''}")
    return 0


VERB = Verb(
    "datasources",
    "Lists the datasources: name, what must be up to ask it, title, what it is known by.",
    "cloudboot datasources",
    (FORMAT,),
    run,
    "0",
)
