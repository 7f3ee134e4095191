"""Does the main job: finds out which machine this is, fetches what its cloud and its owner say, and does what is due.

Without ``--stage`` all four stages run, one after the other; the system's units run them one by one. In the foreground
each module is a line. What was done before is not done again, unless the machine is a new instance.

``--seed``, ``--user-data``, ``--vendor-data``, ``--meta-data``, ``--network-config`` and ``--cmdline`` take the place
of what the machine offers. With ``--root`` all of it happens to the tree below DIR, with its commands run in it; what
cannot be done there is listed as left for the first real boot."""

from __future__ import annotations

import os

from cloudboot.card import Stage
from cloudboot.cli.words import INPUTS, Given, Verb, Word
from cloudboot.gate import FIRST_SECONDS, GATES, Gates


def run(given: Given) -> int:
    said = given.inputs
    name = given.text("--stage", "all")
    stages = tuple(Stage) if name == "all" else (Stage(name),)
    folder = os.environ.get("CLOUDBOOT_GATES", "") if name == "all" else ""
    gates = Gates(folder, GATES) if folder else None
    from cloudboot.boot import boot  # after the gates: while all of it is read, systemd goes on to the local stage
    from cloudboot.start import disabled, prepare

    off = "" if said.given else disabled(given.root, given.config, said.cmdline)
    if gates:
        gates.wait(GATES[0], FIRST_SECONDS)  # until then nothing may be written
    if off:
        words = f"cloudboot is switched off: {off}"
        if gates:
            gates.close(0, words)
        print(words)
        return 0
    job = prepare(given.root, given.config, said, debug=given.debug, fresh=Stage.LOCAL in stages)
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
