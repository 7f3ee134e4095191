"""The network of a machine: a description is parsed to a model, which is rendered for a program that manages networks.

parse.parse(document, nics) ──► model.Network ──► render(renderer, network, target) ──► Rendered(files, warnings)
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable, Optional

    from cloudboot.network.model import Network, Rendered, Target

HEADER = """\
# Written by cloudboot from this instance's network configuration. A file that was edited since is left as it is at
# the next instance; to keep cloudboot off the network, put  network: {config: disabled}  into a file below
# /etc/cloudboot/cloudboot.cfg.d/
"""
"""What stands at the head of every file that is rendered."""
RENDERERS = ("eni", "netplan", "networkd", "network-manager", "sysconfig")


def render(renderer: str, network: Network, target: Optional[Target] = None) -> Rendered:
    """The files of ``network`` for one of `RENDERERS`. Raises `Invalid` where they would contradict themselves."""
    from cloudboot.network.model import DEBIAN

    name = f"render_{renderer.replace('-', '_')}"
    module = __import__(f"cloudboot.network.{name}", fromlist=[name])
    function: Callable[[Network, Target], Rendered] = getattr(module, name)
    return function(network, target or DEBIAN)
