"""Says which datasources this machine has, the best first, one name a line. It reads the machine, or the tree below
``--root``, and asks a program only for what that leaves open; nothing is changed, and no network is used.

``--explain`` lists every candidate with the evidence for and against it, and the time it took to look; what there is to
see of the machine goes to standard error."""

from __future__ import annotations

import sys

from cloudboot import json, registry, settings
from cloudboot.cli.words import FORMAT, Given, Verb, Word
from cloudboot.host import look
from cloudboot.identify import Candidate, Identified, identify, off
from cloudboot.noun import TYPE_CHECKING
from cloudboot.start import brought

if TYPE_CHECKING:
    from typing import Any, Dict

    from cloudboot.values import Host


def run(given: Given) -> int:
    host = look(given.root)
    said = settings.load(host, given.config)
    problems = (*said.problems, *brought(said, given.root))
    found = identify(host, said)
    disabled = off(host, said) or found.disabled
    for text in (*problems, *found.notes):
        print(f"cloudboot: {text}", file=sys.stderr)
    if given.text("--format") == "json":
        print(json.dumps(as_json(found, disabled), indent=1))
    elif given.flag("--explain"):
        print(seen(host), file=sys.stderr)
        print(explained(found))
    elif found.candidates and not disabled:
        print("\n".join(c.name for c in found.candidates))
    if disabled:
        print(f"cloudboot: switched off: {disabled}", file=sys.stderr)
        return 2
    if not found.candidates:
        print("cloudboot: no datasource knows this machine; see cloudboot identify --explain", file=sys.stderr)
        return 1
    return 0


def seen(host: Host) -> str:
    """The marks that tell one cloud from another, as this machine shows them. Serial numbers and UUIDs, which only root
    can read, are its own business."""
    if host.container:
        return f"seen: a container ({host.virt}), whose firmware and disks are its host's and are not looked at"
    marks = {"maker": host.dmi.sys_vendor, "product": host.dmi.product_name, "chassis": host.dmi.chassis_asset_tag,
             "virtual": host.virt, "labels": " ".join(d.label or d.fat_label for d in host.disks).strip()}  # fmt: skip
    return "seen: " + ", ".join(f"{name} {value!r}" if value else f"no {name}" for name, value in marks.items())


def explained(found: Identified) -> str:
    """A line for each candidate: its name, for or against, the evidence, the time it took to look."""
    chosen = [c.name for c in found.candidates]
    shown = {c.name: c for c in (*found.candidates, *found.looked)}
    lines = [f"{c.name:<13}{'yes' if c.name in chosen else 'no':<5}{c.seconds * 1000:7.1f} ms  {reason(c)}"
             for c in shown.values()]  # fmt: skip
    return "\n".join(lines)


def reason(candidate: Candidate) -> str:
    """What speaks for the candidate, or against it."""
    if candidate.trouble:
        return f"looking for it failed: {candidate.trouble}"
    if candidate.evidence is None:
        source = registry.datasource(candidate.name)
        if source is None:
            return "this release of cloudboot has no such datasource"
        return f"no sign of it: {source.signs}" if source.signs else "no sign of it"
    return candidate.evidence.why if candidate.evidence.sure else f"perhaps: {candidate.evidence.why}"


def as_json(found: Identified, disabled: str) -> Dict[str, Any]:
    shown = {c.name: c for c in (*found.candidates, *found.looked)}
    return {
        "datasources": [] if disabled else [c.name for c in found.candidates],
        "disabled": disabled or None,
        "looked": [
            {"name": c.name, "found": c.evidence is not None, "sure": bool(c.evidence and c.evidence.sure),
             "usable": registry.datasource(c.name) is not None, "reason": reason(c), "seconds": round(c.seconds, 6)}
            for c in shown.values()
        ],
    }  # fmt: skip


VERB = Verb(
    "identify",
    "Says which datasources this machine has, best first.",
    "cloudboot identify --explain",
    (Word("--explain", "every candidate, with what speaks for and against it, and the time it took"), FORMAT),
    run,
    "0 found, 1 none, 2 switched off",
)
