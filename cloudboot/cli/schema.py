"""Holds documents against the declarations of all modules. Each finding is a line ``FILE:LINE:COL: path: what is wrong;
what would be right``, in the order of the document. A document that has deprecated keys only is valid; they are named.

``--annotate`` prints the document with what is wrong under each line, ``--system`` checks what this machine booted
with, ``--export`` prints the JSON Schema for editors. A document in Jinja is filled in with this machine's instance
data first."""

from __future__ import annotations

import sys

from cloudboot import check, json
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.errors import CloudbootError, Usage
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.files import Files
from cloudboot.system.root import Tree

if TYPE_CHECKING:
    from typing import List, Tuple

    from cloudboot.check import Finding

INSTANCE = "/var/lib/cloudboot/instance"


def run(given: Given) -> int:
    if given.flag("--export"):
        print(json.dumps(check.export(), indent=1))
        return 0
    documents = system(given) if given.flag("--system") else files(given)
    good = True
    seen = []
    for name, raw, kind in documents:
        findings = check.text(raw, name, kind)
        good = good and check.is_valid(findings)
        seen += [{"file": f.place.file, "line": f.place.line, "column": f.place.column, "path": f.place.path,
                  "level": f.level, "reason": f.reason, "remedy": f.remedy} for f in findings]  # fmt: skip
        if given.flag("--annotate"):
            print(annotated(raw, findings))
        elif given.text("--format") != "json":
            for finding in findings:
                print(finding)
            if check.is_valid(findings):
                print(f"{name}: valid {kind}", file=sys.stderr)
    if given.text("--format") == "json":
        print(json.dumps({"valid": good, "findings": seen}, indent=1))
    return 0 if good else 1


def files(given: Given) -> List[Tuple[str, bytes, str]]:
    kind = given.text("--schema-type", "cloud-config")
    out = []
    for name in given.texts("--config-file"):
        try:
            with open(name, "rb") as file:
                raw = file.read(check.MOST + 1)
        except OSError as problem:
            raise CloudbootError(f"cannot read {name}: {problem.strerror}") from None
        if raw[:2] == b"##" and kind == "cloud-config":
            from cloudboot.cli import query
            from cloudboot.userdata import template

            raw = template.render(raw.decode("utf-8", "replace"), query.load(given.root), name).text.encode()
        out.append((name, raw, kind))
    if not out:
        raise Usage("which document?", "give --config-file FILE, --system or --export")
    return out


def system(given: Given) -> List[Tuple[str, bytes, str]]:
    """The documents that this machine booted with: every cloud-config part of its user-data and vendor-data."""
    from cloudboot.state import State
    from cloudboot.userdata import parts

    known = State(given.root, readonly=True).known()
    if known is None:
        raise CloudbootError("this machine has not booted with cloudboot yet", "give --config-file FILE")
    out = []
    for name, raw in (("user-data", (known.user_data,)), ("vendor-data", known.vendor_data)):
        for part in parts.unpack(raw, name).found:
            if part.kind == "text/cloud-config":
                out.append((part.origin, part.content, "cloud-config"))
    stored = Files(Tree(given.root)).read(f"{INSTANCE}/network-config.json")
    if stored:
        out.append(("network-config", stored, "network-config"))
    return out


def annotated(raw: bytes, findings: Tuple[Finding, ...]) -> str:
    """The document with what is wrong written under each line."""
    lines = []
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), 1):
        lines.append(line)
        for finding in findings:
            if finding.place.line == number:
                remedy = f"; {finding.remedy}" if finding.remedy else ""
                lines.append(f"{' ' * (finding.place.column - 1)}# ^ {finding.place.path}: {finding.reason}{remedy}")
    return "\n".join(lines)


VERB = Verb(
    "schema",
    "Says whether a document is right: every error by line and column, with what would be right.",
    "cloudboot schema --config-file web.yaml --annotate",
    (
        Word("--config-file", "the document", value="FILE", many=True, short="-c"),
        Word("--schema-type", "what it is", value="TYPE", choices=("cloud-config", "network-config"), short="-t"),
        Word("--annotate", "print it with what is wrong under each line"),
        Word("--system", "the documents that this machine booted with"),
        Word("--export", "print the JSON Schema that editors use"),
        Word("--format", "how to print it", value="FORMAT", choices=("text", "json")),
    ),
    run,
    "0 valid, 1 invalid, 2 wrong command line",
)
