"""Does the main job: finds out which machine this is, fetches what its cloud and its owner say, and does what is due.

Without ``--stage`` all four stages run, one after the other; the system's units run them one by one. In the foreground
each module is a line. What was done before is not done again, unless the machine is a new instance.

``--seed``, ``--user-data``, ``--vendor-data``, ``--meta-data``, ``--network-config`` and ``--cmdline`` take the place
of what the machine offers. With ``--root`` all of it happens to the tree below DIR, with its commands run in it; what
cannot be done there is listed as left for the first real boot."""

from __future__ import annotations

import os

from cloudboot.boot import GATES, boot
from cloudboot.card import Stage
from cloudboot.cli.inputs import INPUTS, inputs
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.gate import Gates
from cloudboot.start import disabled, prepare


def run(given: Given) -> int:
    said = inputs(given)
    off = disabled(given.root, given.config, said.cmdline)
    name = given.text("--stage", "all")
    stages = tuple(Stage) if name == "all" else (Stage(name),)
    folder = os.environ.get("CLOUDBOOT_GATES", "") if name == "all" else ""
    if off and not said.given:
        if folder:
            Gates(folder, ())  # its unit waits for a word, and no stage's unit for a pipe
        print(f"cloudboot is switched off: {off}")
        return 0
    gates = Gates(folder, GATES) if folder else None
    fresh = Stage.LOCAL in stages
    job = prepare(given.root, given.config, said, debug=given.debug, fresh=fresh)
    job.gates = gates
    report = boot(job, stages)
    report.leave()
    return report.untold


VERB = Verb(
    "boot",
    "The main job: finds out which machine this is and makes it what was asked for.",
    "cloudboot boot --stage all",
    (Word("--stage", "one stage of the boot, or all", value="STAGE",
          choices=(*(s.value for s in Stage), "all")), *INPUTS),
    run,
    "0 done, 1 errors, 2 done with warnings",
)  # fmt: skip
