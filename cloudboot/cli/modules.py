"""Lists the modules in the order in which they run: stage, name, how often, and the keys that each reads."""

from __future__ import annotations

import sys

from cloudboot import json, registry, schedule, settings
from cloudboot.card import Card, Stage
from cloudboot.cli.words import FORMAT, Given, Verb, Word
from cloudboot.host import look
from cloudboot.start import brought


def run(given: Given) -> int:
    said = settings.load(look(given.root), given.config)
    for problem in brought(said, given.root):
        print(f"cloudboot: {problem}", file=sys.stderr)
    if given.text("--format") == "json":  # what an installed cloudboot keeps as its index
        print(json.dumps({"modules": registry.index()["modules"]}, indent=1))
        return 0
    cards = [m.card for m in registry.modules()]
    if given.flag("--here"):
        cards = [card for stage in Stage for card in schedule.cards(stage, said.config)]
    for card in cards:
        print(card.name if given.flag("--order") else line(card, card.stage.value))
    if given.flag("--here") and not given.flag("--order"):
        running = {card.name for card in cards}
        for module in registry.modules():
            if module.name not in running:
                print(line(module.card, "off"))
    return 0


def line(card: Card, stage: str) -> str:
    return f"{stage:<9}{card.name:<32}{card.every.value:<10}{', '.join(card.keys) or '-'}"


VERB = Verb(
    "modules",
    "Lists the modules in running order: stage, name, how often, the keys each reads.",
    "cloudboot modules --order",
    (
        Word("--order", "the names alone"),
        Word("--here", "as the configuration of this image has them, those off last"),
        FORMAT,
    ),
    run,
    "0",
)
