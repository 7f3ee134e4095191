"""What ifupdown runs for options of a stanza that it does not know itself."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.network.model import Network

HOOKS = ("/etc/network/if-pre-up.d/cloudboot-accept-ra", "/etc/network/if-up.d/cloudboot-accept-ra")
HOOK = """\
#!/bin/sh
# Written by cloudboot. Carries out the option accept-ra of a stanza, which ifupdown itself knows for some methods only
# (as accept_ra): before the link comes up, and again after DHCPv6, which turns advertisements on.
knob=/proc/sys/net/ipv6/conf/$IFACE/accept_ra
if [ -n "$IF_ACCEPT_RA" ] && [ -e "$knob" ]; then
    echo "$IF_ACCEPT_RA" > "$knob"
fi
"""


def hook_files(network: Network) -> Tuple[FileSpec, ...]:
    """The scripts that the system's own ifupdown needs for this network, beside the file that describes it."""
    if all(device.accept_ra is None for device in network.devices):
        return ()
    return tuple(FileSpec(path, HOOK.encode(), 0o755) for path in HOOKS)
