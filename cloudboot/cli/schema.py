"""Holds documents against the declarations of all modules. Each finding is a line ``FILE:LINE:COL: path: what is wrong;
what would be right``, in the order of the document. A document that has deprecated keys only is valid; they are named.

``--annotate`` prints the document with what is wrong under each line, ``--system`` checks what this machine booted
with, ``--export`` prints the JSON Schema for editors. Of MIME, archives and gzip every cloud-config in them is
checked. A document in Jinja is filled in first, with ``--instance-data`` or else with what this machine knows."""

from __future__ import annotations

import sys

from cloudboot import check, json
from cloudboot.cli.render import INSTANCE_DATA, instance_data
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.errors import CloudbootError, Usage
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.system.files import Files
from cloudboot.system.root import Tree

if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Tuple

    from cloudboot.check import Finding

CONFIG, NETWORK = "cloud-config", "network-config"
NOTHING: Mapping[str, Any] = {"v1": {}, "ds": {"meta_data": {}}}
"""Instance data of a machine that nothing is known of, such as the one that a document is written at."""
INSTANCE = "/var/lib/cloudboot/instance"


def run(given: Given) -> int:
    if given.flag("--export"):
        print(json.dumps(check.export(), indent=1))
        return 0
    found = list(system(given) if given.flag("--system") else files(given))
    findings = [finding for document in found for finding in document.findings]
    if given.text("--format") == "json":
        seen = [{"file": f.place.file, "line": f.place.line, "column": f.place.column, "path": f.place.path,
                 "level": f.level, "reason": f.reason, "remedy": f.remedy} for f in findings]  # fmt: skip
        print(json.dumps({"valid": check.is_valid(tuple(findings)), "findings": seen}, indent=1))
        return 0 if check.is_valid(tuple(findings)) else 1
    for document in found:
        if given.flag("--annotate"):
            print(annotated(document.raw, document.findings))
            continue
        for finding in document.findings:
            print(finding)
        if check.is_valid(document.findings):
            print(f"{document.name}: valid {document.kind}", file=sys.stderr)
    return 0 if check.is_valid(tuple(findings)) else 1


class Document(Noun):
    """One document as it was read (a template filled in), and what is wrong with it."""

    name: str
    raw: bytes
    kind: str
    findings: Tuple[Finding, ...]


def files(given: Given) -> Iterator[Document]:
    kind = given.text("--schema-type", CONFIG)
    if not given.texts("--config-file"):
        raise Usage("which document?", "give --config-file FILE, --system or --export")
    for name in given.texts("--config-file"):
        try:
            with open(name, "rb") as file:
                raw = file.read(check.MOST + 1)
        except OSError as problem:
            raise CloudbootError(f"cannot read {name}: {problem.strerror}") from None
        if kind == CONFIG:
            yield from user_data(raw, name, given)
        else:
            yield Document(name, raw, kind, check.text(raw, name, kind))


def user_data(raw: bytes, name: str, given: Given) -> Iterator[Document]:
    """The cloud-configs of a document of user-data: itself, or what a container or template makes of them."""
    from cloudboot.userdata import kinds, parts

    start = kinds.kind_of(raw)
    if start != kinds.ARCHIVE and not kinds.is_gzip(raw) and not kinds.is_message(raw):
        yield one(raw, name, given, start == kinds.TEMPLATE)
        return
    unpacked = parts.unpack(raw, name, inclusion=parts.Inclusion(lambda url: b""))
    for problem in unpacked.problems:
        yield Document(name, b"", CONFIG, (check.finding(problem, name),))
    for part in unpacked.found:
        if part.kind in (kinds.CONFIG, kinds.TEMPLATE):
            yield one(part.content, part.origin, given, part.kind == kinds.TEMPLATE, declared=True)


def one(raw: bytes, name: str, given: Given, is_template: bool, declared: bool = False) -> Document:
    """One cloud-config. A name that a template has and this machine knows nothing of is said on standard error."""
    if is_template:
        from cloudboot.userdata import template

        try:
            filled = template.render(raw, instance_data(given) or NOTHING, name)
        except CloudbootError as problem:
            return Document(name, raw, CONFIG, (check.finding(problem, name),))
        raw = filled.text.encode()
        for missing in filled.missing:
            print(f"cloudboot: {name}: no instance data for {missing}", file=sys.stderr)
    return Document(name, raw, CONFIG, check.text(raw, name, CONFIG, declared))


def system(given: Given) -> Iterator[Document]:
    """The documents that this machine booted with: every cloud-config of its user-data and vendor-data, its network."""
    from cloudboot.state import State

    known = State(given.root, readonly=True).known()
    if known is None:
        raise CloudbootError("this machine has not booted with cloudboot yet", "give --config-file FILE")
    streams = (("user-data", (known.user_data,)), ("vendor-data", known.vendor_data),
               ("vendor-data2", known.vendor_data2))  # fmt: skip
    for name, several in streams:
        for raw in several:
            if raw and is_config(raw):
                yield from user_data(raw, name, given)
    stored = Files(Tree(given.root)).read(f"{INSTANCE}/network-config.json")
    if stored:
        yield Document("network-config", stored, NETWORK, check.text(stored, "network-config", NETWORK))


def is_config(raw: bytes) -> bool:
    """Can there be a cloud-config in it? Scripts and what else there is have no schema."""
    from cloudboot.userdata import kinds

    return (
        kinds.kind_of(raw) in (kinds.CONFIG, kinds.TEMPLATE, kinds.ARCHIVE)
        or kinds.is_gzip(raw)
        or kinds.is_message(raw)
    )


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
        INSTANCE_DATA,
        Word("--export", "print the JSON Schema that editors use"),
        Word("--format", "how to print it", value="FORMAT", choices=("text", "json")),
    ),
    run,
    "0 valid, 1 invalid, 2 wrong command line",
)
