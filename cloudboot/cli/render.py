"""Fills in a document that begins with ``## template: jinja`` with instance data, and prints what a boot would make of
it. A name that nobody knows is named on standard error."""

from __future__ import annotations

import sys

from cloudboot.card import RUN
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.errors import CloudbootError, Invalid, Place, Usage
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.files import Files
from cloudboot.system.root import Tree

if TYPE_CHECKING:
    from typing import Any, Dict

DATA = (f"{RUN}/instance-data-sensitive.json", f"{RUN}/instance-data.json")
INSTANCE_DATA = Word("--instance-data", "fill templates in with this JSON, not with this machine's", value="FILE")


def run(given: Given) -> int:
    from cloudboot.userdata import template

    file = given.text("FILE")
    text = read(file)
    if not template.is_template(text):
        raise Invalid("this is no template", "its first line is ## template: jinja", Place(file))
    rendered = template.render(text, instance_data(given), file)
    print(rendered.text, end="")
    for name in rendered.missing:
        print(f"cloudboot: {file}: no instance data for {name}", file=sys.stderr)
    return 0


def read(file: str) -> bytes:
    """The content of a file that the command line names; ``-`` is standard input."""
    try:
        if file == "-":
            return sys.stdin.buffer.read()
        with open(file, "rb") as source:
            return source.read()
    except OSError as error:
        raise Usage(f"cannot read {file}: {error.strerror}", "name a file that exists") from None


def instance_data(given: Given) -> Dict[str, Any]:
    """Of the file that was named, else of this machine, as much of it as the caller may read."""
    from cloudboot import json

    named = given.maybe("--instance-data")
    raw = read(named) if named is not None else _here(given.root)
    try:
        data = json.loads(raw)
    except ValueError:
        raise Invalid("not JSON", "name a file like /run/cloudboot/instance-data.json", Place(named or "")) from None
    return data if isinstance(data, dict) else {}


def _here(root: str) -> bytes:
    files = Files(Tree(root))
    for path in DATA:
        try:
            found = files.read(path)
        except CloudbootError:
            continue  # not ours to read
        if found is not None:
            return found
    return b"{}"


VERB = Verb(
    "render",
    "Fills in a document that begins with ## template: jinja.",
    "cloudboot render motd.jinja --instance-data /run/cloudboot/instance-data.json",
    (Word("FILE", "the template; - is standard input", needed=True), INSTANCE_DATA),
    run,
)
