"""The network of a machine: a description is parsed to a model, which is rendered for a program that manages networks.

    parse(document, nics) ──► model.Network ──► render(renderer, network, target) ──► Rendered(files, warnings)

Pure, but for what looks at a machine or changes one: `nics`, `program`, `plugged`, `apply`.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.network.model import Network, Rendered, Target
    from cloudboot.schema import Problem
    from cloudboot.values import Nic

HEADER = """\
# Written by cloudboot from this instance's network configuration. A file that was edited since is left as it is at
# the next instance; to keep cloudboot off the network, put  network: {config: disabled}  into a file below
# /etc/cloudboot/cloudboot.cfg.d/
"""
"""What stands at the head of every file that is rendered."""
RENDERERS = ("eni", "netplan", "networkd", "network-manager", "sysconfig")


def unwrapped(document: Any) -> Mapping[str, Any]:
    """The document without its outer ``network`` key. Raises `Invalid` where it is no mapping."""
    if isinstance(document, dict) and isinstance(document.get("network"), dict):
        document = document["network"]
    if not isinstance(document, dict):
        from cloudboot.errors import Invalid
        from cloudboot.schema import kind

        raise Invalid(f"a network configuration is a mapping, this is {kind(document)}", "start it with version: 2")
    return document


def parse(document: Any, nics: Sequence[Nic] = ()) -> Network:
    """The network that a document describes, with or without its outer ``network`` key; ``nics`` are those of the
    machine. Raises `Invalid` with the path of what is wrong."""
    from cloudboot.network.reading import settled

    found: List[Problem] = []
    return settled(read(unwrapped(document), found, nics), found)


def check_network_config(document: Any) -> Tuple[Problem, ...]:
    """Everything that is wrong with a document, each with its path; what is only worth a word has the level
    ``deprecated``."""
    from cloudboot.errors import Invalid
    from cloudboot.network.reading import Wrong
    from cloudboot.schema import Problem

    found: List[Problem] = []
    outer = ("network",) if isinstance(document, dict) and isinstance(document.get("network"), dict) else ()
    try:
        read(unwrapped(document), found)
    except Wrong as problem:
        found.append(problem.problem)
    except Invalid as problem:
        found.append(Problem((), problem.reason, problem.remedy))
    return tuple(problem.but(path=(*outer, *problem.path)) for problem in found)


def read(config: Mapping[str, Any], found: List[Problem], nics: Sequence[Nic] = ()) -> Network:
    """The network of a document that has no outer key. What is wrong is added to ``found``, where it is not the
    version, without which nothing else means anything: that raises `Wrong`."""
    version = config.get("version")
    if version in (1, "1"):
        from cloudboot.network.parse_v1 import parse_v1

        return parse_v1(config, found)
    if version in (2, "2"):
        from cloudboot.network.parse_v2 import parse_v2

        return parse_v2(config, found, nics)
    from cloudboot.network.reading import Wrong

    if "version" not in config:
        raise Wrong((), "version is missing", "write version: 1 or version: 2")
    raise Wrong(("version",), "there is no such version", "write version: 1 or version: 2")


def render(renderer: str, network: Network, target: Optional[Target] = None) -> Rendered:
    """The files of ``network`` for one of `RENDERERS`. Raises `Invalid` where they would contradict themselves."""
    from cloudboot.network.model import DEBIAN

    name = f"render_{renderer.replace('-', '_')}"
    module = __import__(f"cloudboot.network.{name}", fromlist=[name])
    function: Callable[[Network, Target], Rendered] = getattr(module, name)
    return function(network, target or DEBIAN)
