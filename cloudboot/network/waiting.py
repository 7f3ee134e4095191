"""What the boot waits for when nobody is to wait: where every interface is optional, the services that wait for the
network would wait for one of them all the same, until they give up after minutes."""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.network.model import Network

AT_ONCE = "[Service]\nExecStart=\nExecStart=/bin/true\n"
WAITERS = {
    "networkd": ("systemd-networkd-wait-online.service",),
    "netplan": ("systemd-networkd-wait-online.service", "NetworkManager-wait-online.service"),
    "network-manager": ("NetworkManager-wait-online.service",),
}


def unhurried(network: Network, renderer: str) -> Tuple[FileSpec, ...]:
    """The drop-ins that have these services wait for nothing; none where an interface must be there."""
    asked = [device for device in network.devices if device.subnets and device.kind != "loopback"]
    if not asked or not all(device.optional for device in asked):
        return ()
    text = f"{HEADER}# every interface is optional: the boot waits for none\n{AT_ONCE}"
    return tuple(
        FileSpec(f"/etc/systemd/system/{unit}.d/10-cloudboot.conf", text.encode()) for unit in WAITERS.get(renderer, ())
    )
