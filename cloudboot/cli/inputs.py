"""The words with which `boot` and `plan` are told what to take in place of what the machine offers."""

from __future__ import annotations

from cloudboot.cli.words import Word
from cloudboot.job import Inputs
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.cli.words import Given

INPUTS = (
    Word("--seed", "a NoCloud seed in place of the machine's datasource", value="DIR"),
    Word("--user-data", "this user-data", value="FILE"),
    Word("--vendor-data", "this vendor-data", value="FILE"),
    Word("--meta-data", "this meta-data", value="FILE"),
    Word("--network-config", "this network configuration", value="FILE"),
    Word("--cmdline", "this kernel command line", value="STRING"),
)


def inputs(given: Given) -> Inputs:
    return Inputs(
        given.maybe("--seed"),
        given.maybe("--user-data"),
        given.maybe("--vendor-data"),
        given.maybe("--meta-data"),
        given.maybe("--network-config"),
        given.maybe("--cmdline"),
    )
