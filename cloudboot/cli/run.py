"""Runs one module now, on what the machine booted with, whether or not it is due."""

from __future__ import annotations

from cloudboot.boot import run_one
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.start import prepare


def run(given: Given) -> int:
    job = prepare(given.root, given.config, debug=given.debug, fresh=False)
    return run_one(job, given.text("MODULE"), given.text("--frequency", "always") == "always").code


VERB = Verb(
    "run",
    "Runs one module, now.",
    "cloudboot run write_files --frequency always",
    (
        Word("MODULE", "its name; cloudboot modules lists them", needed=True),
        Word("--frequency", "always: though it has run; instance or once: only if it has not", value="FREQUENCY",
             choices=("always", "instance", "once")),
    ),
    run,
    "0 done, 1 it failed, 2 done with warnings",
)  # fmt: skip
