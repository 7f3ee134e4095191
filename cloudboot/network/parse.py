"""From a network-config document of any version to the model."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.network.reading import Wrong, settled
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import Problem, kind

if TYPE_CHECKING:
    from typing import Any, List, Mapping, Sequence, Tuple

    from cloudboot.network.model import Network
    from cloudboot.values import Nic


def unwrapped(document: Any) -> Mapping[str, Any]:
    """The document without its outer ``network`` key. Raises `Invalid` where it is no mapping."""
    if isinstance(document, dict) and isinstance(document.get("network"), dict):
        document = document["network"]
    if not isinstance(document, dict):
        raise Invalid(f"a network configuration is a mapping, this is {kind(document)}", "start it with version: 2")
    return document


def parse(document: Any, nics: Sequence[Nic] = ()) -> Network:
    """The network that a document describes, with or without its outer ``network`` key; ``nics`` are those of the
    machine. Raises `Invalid` with the path of what is wrong."""
    found: List[Problem] = []
    return settled(read(unwrapped(document), found, nics), found)


def check_network_config(document: Any) -> Tuple[Problem, ...]:
    """Everything that is wrong with a document, each with its path; what is only worth a word has the level
    ``deprecated``."""
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
    if "version" not in config:
        raise Wrong((), "version is missing", "write version: 1 or version: 2")
    raise Wrong(("version",), "there is no such version", "write version: 1 or version: 2")
