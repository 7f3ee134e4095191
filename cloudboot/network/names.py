"""Remembers for which interfaces, under which description, there was nothing to rename: a later boot that finds the
same need not understand the description again."""

from __future__ import annotations

from cloudboot.network.nics import nics_of
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.network.source import Source
    from cloudboot.system.door import System

NOTE = "network-names"


def are_noted(system: System, source: Source, folder: str) -> bool:
    """Are the interfaces and their names what `note` saw, under this description?"""
    return system.text(f"{folder}/{NOTE}") == _mark(system, source)


def note(system: System, source: Source, folder: str) -> None:
    """Writes them down, where all that are described are there and have their names. ``folder`` is the instance's."""
    from cloudboot.network.parse import parse
    from cloudboot.network.rename import commands, renames

    nics = nics_of(system)
    network = parse(source.document, nics)
    wanted, warnings = renames(network, nics)
    todo, more = commands(wanted, nics, lambda name: False)
    there = {nic.mac for nic in nics}
    missing = [d for d in network.devices if d.match.mac and d.match.mac not in there]
    if not (warnings or todo or more or missing):
        system.write(f"{folder}/{NOTE}", _mark(system, source), mode=0o600)


def _mark(system: System, source: Source) -> str:
    from cloudboot.digests import sha256

    seen = [(nic.name, nic.mac, nic.driver, nic.kind) for nic in nics_of(system)]
    return sha256(repr((source.document, seen)).encode()).hexdigest() + "\n"
