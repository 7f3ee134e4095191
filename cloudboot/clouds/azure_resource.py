"""The resource disk of Azure's machines: fast, the machine's own, and empty whenever the platform wants it so.

udev's rules of other agents make links to it; without them it is known by where it hangs on Hyper-V's bus. Facts:
"Ephemeral (resource) disk" in the datasources reference.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict

    from cloudboot.values import FileView

LINKS = ("/dev/disk/cloud/azure_resource", "/dev/disk/azure/resource")
BUS = "/sys/bus/vmbus/devices"
FIRST_GENERATION = "{00000000-0001-"
SECOND_GENERATION, UNIT = "{f8b3781a-1e82-4818-a1c3-63d806ec15bb}", "1"
"""The controller of the second generation has the root disk as its unit 0, and this one as its unit 1."""
CONFIG: Dict[str, Any] = {
    "disk_setup": {"ephemeral0": {"table_type": "gpt", "layout": [100], "overwrite": True}},
    "fs_setup": [{"filesystem": "ext4", "device": "ephemeral0.1"}],
}
"""What it is made by the first boot of an instance, unless the owner says otherwise."""


def resource_disk(files: FileView) -> str:
    """Its path, empty on a machine that has none."""
    for link in LINKS:
        if files.has(link):
            return link
    for name in files.names(BUS):
        told = files.line(f"{BUS}/{name}/device_id").lower()
        if told == SECOND_GENERATION or told.startswith(FIRST_GENERATION):
            found = _behind(files, f"{BUS}/{name}", UNIT if told == SECOND_GENERATION else "")
            if found:
                return found
    return ""


def _behind(files: FileView, controller: str, unit: str) -> str:
    """The disk that is this ``unit`` of a controller, or any where it is not said."""
    for adapter in (n for n in files.names(controller) if n.startswith("host")):
        for target in (n for n in files.names(f"{controller}/{adapter}") if n.startswith("target")):
            for place in files.names(f"{controller}/{adapter}/{target}"):
                if place.count(":") == 3 and unit in ("", place.rpartition(":")[2]):
                    for disk in files.names(f"{controller}/{adapter}/{target}/{place}/block"):
                        return f"/dev/{disk}"
    return ""
