"""Tells what a boot would change, and changes nothing: for each module the files, as unified diffs, and the commands.
It takes the same words as cloudboot-boot(8), so that a document can be tried before a machine is made from it.

What a script or a package would do cannot be known. Secrets are shown as a mark."""

from __future__ import annotations

import sys

from cloudboot.boot import boot
from cloudboot.cli import show
from cloudboot.cli.words import FORMAT, INPUTS, Given, Verb, Word
from cloudboot.start import prepare

CHANGES = 2


def run(given: Given) -> int:
    job = prepare(given.root, given.config, given.inputs, debug=given.debug, quiet=True, planning=True)
    report = boot(job)
    planned = [(entry, steps) for entry, steps in job.planned if entry.name != "user_data" or entry.error]
    if given.text("--format") == "json":
        print(show.as_json(planned))
    else:
        text = show.as_text(planned)
        print(text or "nothing would change")
        count = sum(len(steps) for _, steps in planned)
        print(f"{count} changes by {sum(bool(steps) for _, steps in planned)} modules; none was made", file=sys.stderr)
    if report.data["errors"]:
        return 1
    if given.flag("--detailed-exitcode") and any(steps for _, steps in planned):
        return CHANGES
    return 0


VERB = Verb(
    "plan",
    "What a boot would change, file by file and command by command; changes nothing.",
    "cloudboot plan --user-data web.yaml",
    (FORMAT, Word("--detailed-exitcode", "exit 2 where there is something to change"), *INPUTS),
    run,
    "0 planned, 1 it would fail, 2 (with --detailed-exitcode) there is something to change",
)
