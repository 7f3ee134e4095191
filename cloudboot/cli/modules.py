"""Lists the modules in the order in which they run: stage, name, how often, and the keys that each reads."""

from __future__ import annotations

from cloudboot import json, registry
from cloudboot.cli.words import FORMAT, Given, Verb, Word


def run(given: Given) -> int:
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
