"""Says of every value of the merged configuration, or of those below KEY.PATH, what it is and where it came from:
layer, part, file and line, and what it overrode. Secrets are not shown."""

from __future__ import annotations

import sys

from cloudboot import json, kept, settling, whoami
from cloudboot.card import Stage
from cloudboot.check import steps
from cloudboot.cli.words import FORMAT, INPUTS, Given, Verb, Word
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import dotted
from cloudboot.start import prepare
from cloudboot.userdata.config import settle, trace

if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

    from cloudboot.job import Job
    from cloudboot.userdata.config import Sources
    from cloudboot.userdata.marks import Mark

SECRETS = ("passw", "secret", "token", "private")
SHOWN = 100


def run(given: Given) -> int:
    said = given.inputs
    job = prepare(given.root, given.config, said, debug=given.debug, quiet=True, planning=True)
    everything = sources(job)
    config = settle(everything).config
    asked = steps(given.text("KEY.PATH"))
    found: Dict[Tuple[Any, ...], Mark] = {p: m for p, m in trace(everything).items() if p[: len(asked)] == asked}
    if not found:
        raise CloudbootError(
            f"there is no {given.text('KEY.PATH') or 'config'}", "cloudboot explain lists all there is"
        )
    if given.text("--format") == "json":
        print(json.dumps([entry(p, m, config) for p, m in found.items()], indent=1))
        return 0
    for path, mark in found.items():
        print(f"{dotted(path)}: {shown(path, config)}")
        print(f"    {source(mark)}")
        for over in mark.over:
            print(f"    over {source(over)}")
    return 0


def source(mark: Mark) -> str:
    """Layer and place, said once where the layer is all there is to say."""
    place = str(mark.place)
    return place if place.startswith(mark.layer) else f"{mark.layer}, {place}"


def sources(job: Job) -> Sources:
    """What this machine booted with, or what the words name in its place."""
    if not job.inputs.given and job.inputs.cmdline is None:
        try:
            whoami.recall(job)
        except CloudbootError:
            print("cloudboot: this machine has not booted yet: asking its datasource", file=sys.stderr)
        else:
            stored = kept.recalled_sources(job)
            if stored is not None:
                return stored
    for stage in (Stage.LOCAL, Stage.NETWORK):
        if job.instance is None:
            whoami.find(job, stage)
    if job.instance is None:
        raise CloudbootError("no datasource knows this machine", "give --user-data FILE or --seed DIR")
    return settling.everything(job)


def shown(path: Tuple[Any, ...], config: Any) -> str:
    """The value, short; never a secret."""
    value = config
    for step in path:
        value = value[step]
    if not isinstance(value, bool) and any(is_secret(str(step).lower()) for step in path):
        return "(not shown)"
    if isinstance(value, (dict, list)):
        return f"({len(value)} below)" if value else str(value)
    text = json.dumps(value, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def is_secret(key: str) -> bool:
    """Does a key of this name hold a secret? A public one (``ssh_authorized_keys``) is told."""
    return any(word in key for word in SECRETS) or key.endswith(("_key", "-key"))


def entry(path: Tuple[Any, ...], mark: Mark, config: Any) -> Dict[str, Any]:
    def told(m: Mark) -> Dict[str, Any]:
        return {"layer": m.layer, "file": m.place.file, "line": m.place.line, "column": m.place.column}

    return {"path": dotted(path), "value": shown(path, config), **told(mark), "overrode": [told(m) for m in mark.over]}


VERB = Verb(
    "explain",
    "For every value of the merged config: which layer, part, file and line it came from, and what it overrode.",
    "cloudboot explain users",
    (Word("KEY.PATH", "only what is there and below"), FORMAT, *INPUTS),
    run,
    "0 found, 1 no such key",
)
