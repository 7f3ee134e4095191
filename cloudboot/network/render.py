"""Renders a network for one of the programs that can manage it."""

from __future__ import annotations

from cloudboot.network.model import DEBIAN, Target
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable

    from cloudboot.network.model import Network, Rendered

RENDERERS = ("eni", "netplan", "networkd", "network-manager", "sysconfig")


def render(renderer: str, network: Network, target: Target = DEBIAN) -> Rendered:
    """The files of ``network`` for one of `RENDERERS`. Raises `Invalid` where they would contradict themselves."""
    name = f"render_{renderer.replace('-', '_')}"
    module = __import__(f"cloudboot.network.{name}", fromlist=[name])
    function: Callable[[Network, Target], Rendered] = getattr(module, name)
    return function(network, target)
