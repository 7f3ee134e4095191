"""Lists the modules in the order in which they run: stage, name, how often, and the keys that each reads."""

from __future__ import annotations

import sys

from cloudboot import json, registry, settings
from cloudboot.cli.words import FORMAT, Given, Verb, Word
from cloudboot.host import look
from cloudboot.start import brought


def run(given: Given) -> int:
    for problem in brought(settings.load(look(given.root), given.config), given.root):
        print(f"cloudboot: {problem}", file=sys.stderr)
    found = registry.modules()
    if given.text("--format") == "json":  # what an installed cloudboot keeps as its index
        print(json.dumps({"modules": registry.index()["modules"]}, indent=1))
    elif given.flag("--order"):
        print("\n".join(m.name for m in found))
    else:
        for m in found:
            keys = ", ".join(m.keys) or "-"
            print(f"{m.stage.value:<9}{m.name:<32}{m.every.value:<10}{keys}")
    return 0


VERB = Verb(
    "modules",
    "Lists the modules in running order: stage, name, how often, the keys each reads.",
    "cloudboot modules --order",
    (Word("--order", "the names alone"), FORMAT),
    run,
    "0",
)
