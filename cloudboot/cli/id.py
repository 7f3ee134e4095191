"""Prints the name of the cloud that this machine booted with, such as ec2 or nocloud."""

from __future__ import annotations

import sys

from cloudboot import report
from cloudboot.cli.words import Given, Verb
from cloudboot.state import State


def run(given: Given) -> int:
    data = report.read(State(given.root, readonly=True))
    if not data.get("datasource"):
        print("cloudboot: nothing has booted here yet; see cloudboot status", file=sys.stderr)
        return 1
    print(data.get("cloud_id") or data["datasource"])
    return 0


VERB = Verb("id", "Prints which cloud this is.", "cloudboot id", (), run, "0 known, 1 not known yet")
