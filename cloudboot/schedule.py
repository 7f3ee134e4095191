"""What an owner says of the modules themselves: which of them run, in which stage, in what order and how often.

    cloud_init_modules: [seed_random, [bootcmd, always], users_groups, ssh]
    cloud_config_modules: [{name: runcmd, frequency: once}]
    cloud_final_modules: [scripts_user, power_state_change]

A stage whose list there is runs what is on it and nothing else, in its order; a stage without one is as declared. A
module that another stage's list names has moved there. The frequency is always, instance or once. What is of the local
stage, the name and what lets the owner in, is on the list of the network stage, and comes first all the same. Modules
that such lists know nothing of (``listed=False``) run whatever they say.
"""

from __future__ import annotations

from cloudboot import registry
from cloudboot.card import ACCESS, LISTS, Every, Stage
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.card import Card

WORDS = {"always": Every.BOOT, "instance": Every.INSTANCE, "once-per-instance": Every.INSTANCE, "once": Every.ONCE}
RENAMED = {"ubuntu_advantage": "ubuntu_pro"}
GONE = ("emit_upstart", "migrator", "refresh_rmc_and_interface", "rightscale_userdata")
"""Modules of older releases whose work there is none of any more."""


class Line(Noun):
    """An entry of a list: ``every`` is None where it leaves that to the module, ``wrong`` what is not understood."""

    name: str
    every: Optional[Every] = None
    wrong: str = ""


def cards(stage: Stage, config: Mapping[str, Any]) -> Tuple[Card, ...]:
    """The modules of a stage in running order, as the config has it."""
    lists = _lists(config)
    declared = registry.cards(stage)
    if not lists:
        return declared
    if stage is Stage.LOCAL:
        return tuple(card for card in (_early(card, lists) for card in declared) if card)
    early = {card.name: card for card in registry.cards(Stage.LOCAL) if card.listed}
    known = {card.name: card for each in LISTS for card in registry.cards(each)}
    known.update(early if stage is not Stage.NETWORK else {})
    moved = {line.name for each, lines in lists.items() if each is not stage for line in lines}
    if stage not in lists:
        return tuple(card for card in declared if card.name not in moved)
    mine: Dict[str, Card] = {}
    for line in lists[stage]:
        if line.name in known:
            card = known[line.name]
            mine.setdefault(line.name, card.but(stage=stage, every=line.every or card.every))
    order = [name for name in (*ACCESS, *(n for n in mine if n not in ACCESS)) if name in mine]
    for card in declared:
        if not card.listed and card.name not in mine and card.name not in moved:
            mine[card.name] = card
            order.insert(1 + max((order.index(name) for name in card.after if name in order), default=-1), card.name)
    return tuple(mine[name] for name in order)


def _early(card: Card, lists: Mapping[Stage, Sequence[Line]]) -> Optional[Card]:
    """A module of the local stage as the list of the network stage has it; None where that leaves it out, or another
    one names it."""
    if not card.listed:
        return card
    named = {stage: line for stage, lines in reversed(list(lists.items())) for line in lines if line.name == card.name}
    line = named.get(Stage.NETWORK)
    if line is not None:
        return card.but(every=line.every or card.every)
    return None if named or Stage.NETWORK in lists else card


def card(name: str, config: Mapping[str, Any]) -> Card:
    """One module as the config has it, whether it is due or not. Raises `CloudbootError` for one that there is not."""
    declared = registry.module(name).card
    running = (c for stage in Stage for c in cards(stage, config) if c.name == declared.name)
    return next(running, declared)


def notes(config: Mapping[str, Any], image: Mapping[str, Any]) -> Tuple[str, ...]:
    """What an owner should know: entries that are not understood, and keys beyond those of the ``image``'s config whose
    modules the lists leave out."""
    lists = _lists(config)
    if not lists:
        return ()
    known = {c.name: c for stage in Stage for c in registry.cards(stage)}
    found: List[str] = []
    for stage, lines in lists.items():
        for line in lines:
            if line.name not in known and line.name not in GONE:
                found.append(f"{LISTS[stage]}: there is no module {line.name}{_near(line.name, known)}")
            elif line.wrong:
                found.append(f"{LISTS[stage]}: {line.name}: {line.wrong}")
    running = {c.name for stage in Stage for c in cards(stage, config)}
    for key in config:
        owners = [c for c in known.values() if key in c.keys]
        if owners and key not in image and not any(c.name in running for c in owners):
            where = " or ".join(dict.fromkeys(LISTS.get(c.stage, LISTS[Stage.NETWORK]) for c in owners))
            names = " and ".join(c.name for c in owners)
            found.append(f"{key}: nothing is done, because {where} leaves out {names}")
    return tuple(found)


def _lists(config: Mapping[str, Any]) -> Dict[Stage, Tuple[Line, ...]]:
    given = {stage: config[key] for stage, key in LISTS.items() if isinstance(config.get(key), (list, tuple))}
    return {stage: tuple(_line(entry) for entry in entries) for stage, entries in given.items()}


def _line(entry: Any) -> Line:
    """``name``, ``[name, frequency]`` or ``{name: ..., frequency: ...}``."""
    if isinstance(entry, dict):
        words = [entry.get("name"), entry.get("frequency"), *(entry.get("args") or ())]
    else:
        words = list(entry) if isinstance(entry, (list, tuple)) else [entry]
    name = str(words[0] if words else "").strip().replace("-", "_").removeprefix("cc_").removesuffix(".py")
    name = RENAMED.get(name, name)
    often = words[1] if len(words) > 1 else None
    if often is None:
        return Line(name)
    if str(often) not in WORDS:
        return Line(name, wrong="its frequency is none of always, instance and once, and does not count")
    return Line(name, WORDS[str(often)], "what follows its frequency does not count" if len(words) > 2 else "")


def _near(name: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else ""
