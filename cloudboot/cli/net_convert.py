"""Renders a description of a network, of whichever kind, as the files of a program that manages networks, below a
directory. What that program cannot hold is named."""

from __future__ import annotations

import os
import sys

from cloudboot.cli.words import Given, Verb, Word
from cloudboot.errors import CloudbootError, Invalid, Usage
from cloudboot.network import RENDERERS, render
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import Problem
from cloudboot.schema.problem import nearest
from cloudboot.system.door import System
from cloudboot.system.live import Live
from cloudboot.values import Nic

if TYPE_CHECKING:
    from typing import Iterator, Tuple

    from cloudboot.network.model import Network

INTERFACES = "/etc/network/interfaces"
MOST = 16 << 20
KINDS = ("yaml", "network_data.json", "eni", "azure-imds", "vmware-imc")
ALSO = {"amazon": "amzn"}
"""Names that other tools have for a distribution."""


def run(given: Given) -> int:
    from cloudboot.network.model import Target

    path, kind = given.text("--network-data"), given.text("--kind")
    data = content(path)
    try:
        network = read(data, path, kind, nics(given.texts("--mac")))
    except Invalid as problem:
        for finding in wrong(data, path, kind, problem):
            print(f"cloudboot: {finding}", file=sys.stderr)
        return 1
    renderer = given.text("--output-kind")
    family = family_of(given.text("--distro")) or ("redhat" if renderer == "sysconfig" else "debian")
    target = Target(family, ip_command=not given.flag("--no-ip"))
    if family == "alpine":
        target = target.but(interfaces=INTERFACES)
    made = render(renderer, network, target)
    folder = os.path.abspath(given.text("--directory"))
    System(Live("/")).mkdir(folder)
    system = System(Live(folder))
    for spec in made.files:
        system.place(spec)
        print(spec.path)
    for warning in made.warnings:
        print(f"cloudboot: {warning}", file=sys.stderr)
    return 0


def family_of(distro: str) -> str:
    """The family of a distribution by its name, empty where none is given."""
    from cloudboot.host.system import FAMILY

    name = ALSO.get(distro.lower(), distro.lower())
    if distro and name not in FAMILY:
        near = nearest(name, list(FAMILY))
        raise Usage(f"--distro: no distribution {distro} is known here", f"did you mean {near}?" if near else
                    "give its ID as in its /etc/os-release")  # fmt: skip
    return FAMILY.get(name, "")


def nics(said: Tuple[str, ...]) -> Tuple[Nic, ...]:
    found = []
    for text in said:
        name, comma, mac = text.partition(",")
        if not comma or not name or not mac:
            raise Usage("--mac takes a name and a MAC address", "for example --mac eth0,02:00:5e:10:00:01")
        found.append(Nic(name, mac))
    return tuple(found)


def content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise CloudbootError(f"{path}: {error.strerror}") from None
    if len(data) > MOST:
        raise CloudbootError(f"{path}: a description of a network has at most {MOST >> 20} MiB")
    return data


def wrong(data: bytes, path: str, kind: str, problem: Invalid) -> Iterator[object]:
    """What is wrong with a description, each with the file, line and column as far as they are known."""
    from cloudboot import check
    from cloudboot.userdata.document import positions

    said = [f for f in check.text(data, path, "network-config") if f.level == "error"] if kind == "yaml" else []
    if said:
        yield from said
    elif problem.place and not problem.place.file and kind in ("yaml", "network_data.json"):
        found = Problem(check.steps(problem.place.path), problem.reason, problem.remedy)
        yield check.placed(found, positions(data, path), path)
    else:
        yield problem if path in str(problem) else f"{path}: {problem}"


def read(data: bytes, path: str, kind: str, nics: Tuple[Nic, ...]) -> Network:
    """The network that a description of this kind tells. Raises `Invalid` with what is wrong with it."""
    text = data.decode("utf-8", "replace")
    if kind == "eni":
        from cloudboot.network.parse_eni import parse_eni

        return parse_eni(text, path=path)
    from cloudboot.network import parse

    if kind == "vmware-imc":
        from cloudboot.network.parse_vmware import vmware_config

        return parse(vmware_config(text, nics), nics)
    from cloudboot.userdata.document import load

    document = load(data, path)
    if kind == "network_data.json":
        from cloudboot.network.parse_openstack import parse_openstack

        return parse_openstack(document, nics)
    if kind == "azure-imds":
        from cloudboot.metadata import azure

        document = azure.network(document if isinstance(document, dict) else {}, nics, names=True, secondary=True)
        if document is None:
            raise Invalid(f"{path} describes no interface with a MAC address and an IP address")
    return parse(document, nics)


VERB = Verb(
    "net-convert",
    "Renders a network configuration as some system's own files.",
    "cloudboot net-convert --network-data net.yaml --kind yaml --output-kind netplan --directory out",
    (
        Word("--network-data", "the description to read", value="F", needed=True, short="-p"),
        Word("--kind", "what it is", value="KIND", needed=True, choices=KINDS, short="-k"),
        Word("--output-kind", "for what to render it", value="KIND", needed=True, choices=RENDERERS, short="-O"),
        Word("--directory", "the folder to write below, as if it were /", value="D", needed=True),
        Word("--mac", "an interface of the machine that it is for", value="NAME,MAC", many=True, short="-m"),
        Word("--distro", "the distribution of that machine", value="NAME", short="-D"),
        Word("--no-ip", "that machine has route(8) and no ip(8)"),
    ),
    run,
    "0 written, 1 the description is wrong",
)
