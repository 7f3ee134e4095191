"""Prints what several pieces of user-data come to together, as YAML: each file counts as a part, in the order given,
and says by merge_how how it joins those before it. A file may be any document of user-data: MIME, archive, gzip and so
on."""

from __future__ import annotations

import sys

from cloudboot.cli.render import INSTANCE_DATA, instance_data, read
from cloudboot.cli.words import Given, Verb, Word


def run(given: Given) -> int:
    from cloudboot.userdata import MAX_BYTES, document
    from cloudboot.userdata.config import Sources, settle
    from cloudboot.userdata.parts import Inclusion, Parts, unpack

    def fetch(url: str) -> bytes:
        from cloudboot.fetch import fetch

        return fetch(url, most=MAX_BYTES)

    all_parts = [unpack(read(file), file, inclusion=Inclusion(fetch)) for file in given.texts("FILE")]
    user = Parts(
        tuple(part for parts in all_parts for part in parts.found),
        tuple(problem for parts in all_parts for problem in parts.problems),
    )
    settled = settle(Sources(user, data=instance_data(given)))
    print(document.dump(dict(settled.config)), end="")
    for note in settled.notes:
        print(f"cloudboot: note: {note}", file=sys.stderr)
    for problem in settled.problems:
        print(f"cloudboot: {problem}", file=sys.stderr)
    return 1 if settled.problems else 0


VERB = Verb(
    "merge",
    "Prints the config that several pieces of user-data make together, as YAML.",
    "cloudboot merge common.yaml web.yaml",
    (Word("FILE", "user-data of any format; - is standard input", needed=True, many=True), INSTANCE_DATA),
    run,
    "0 done, 1 a part could not be understood (the rest is printed)",
)
