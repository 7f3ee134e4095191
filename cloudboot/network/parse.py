"""From a network-config document of any version to the model."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.network.reading import wrong
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import kind

if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence

    from cloudboot.network.model import Network
    from cloudboot.values import Nic


def unwrapped(document: Any) -> Mapping[str, Any]:
    """The document without its outer ``network`` key. Raises `Invalid` where it is no mapping."""
    if isinstance(document, dict) and isinstance(document.get("network"), dict):
        document = document["network"]
    if not isinstance(document, dict):
        raise Invalid(f"a network configuration is a mapping, this is {kind(document)}", "start it with version: 2")
    return document


def disabled(document: Any) -> bool:
    """Does the document say that the network is not to be touched (``config: disabled``)?"""
    if isinstance(document, dict) and isinstance(document.get("network"), dict):
        document = document["network"]
    return isinstance(document, dict) and document.get("config") == "disabled"


def parse(document: Any, nics: Sequence[Nic] = ()) -> Network:
    """The network that a document describes, with or without its outer ``network`` key; ``nics`` are those of the
    machine. Raises `Invalid` with the path of what is wrong."""
    config = unwrapped(document)
    version = config.get("version")
    if version == 1:
        from cloudboot.network.parse_v1 import parse_v1

        return parse_v1(config)
    if version == 2:
        from cloudboot.network.parse_v2 import parse_v2

        return parse_v2(config, nics)
    if "version" not in config:
        raise wrong(("version",), "this key is missing", "write version: 1 or version: 2")
    raise wrong(("version",), "there is no such version", "write version: 1 or version: 2")
