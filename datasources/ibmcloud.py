"""ibmcloud: IBM Cloud's classic infrastructure (once SoftLayer).

    datasource:
      IBMCloud: {}

Machines made from IBM's own images have a config drive with a UUID that tells it; those made from templates have a
disc ``METADATA`` and a network that is already set up. While the platform still provisions the machine, nothing is
done. (VPC machines have a ``cidata`` disc, Power machines a plain config drive.) Source: the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent
from cloudboot.metadata import openstack as documents
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.values import Disk

PROVISIONING, INSTALLED = "/root/provisioningConfiguration.cfg", "/root/swinstall.log"
TEMPLATE = "METADATA"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if provisioning(host):
        return None
    disk = _disk(host)
    return Evidence(f"{disk.device} is IBM's: {disk.label} {disk.uuid}".rstrip()) if disk else None


def provisioning(host: Host) -> bool:
    """Is the platform still at work? Its log appears when it is done."""
    return host.files.has(PROVISIONING) and not host.files.has(INSTALLED)


def _disk(host: Host) -> Optional[Disk]:
    """The disc of a template, else the config drive that has IBM's UUID. Only Xen guests have either."""
    if host.virt != "xen":
        return None
    template = next((d for d in host.disks if d.label.upper() == TEMPLATE), None)
    return template or next(
        (d for d in host.disks if d.label in documents.LABELS and d.uuid == documents.IBM_UUID), None
    )


def fetch(probe: Probe) -> Instance:
    disk = _disk(probe.host)
    if disk is None or provisioning(probe.host):
        raise Absent("there is no disc of IBM's, or the platform still provisions this machine")
    instance = documents.on_drive(probe.open_device, disk.device, probe.host.nics, probe.warn)
    template = disk.label.upper() == TEMPLATE
    return instance.but(
        subplatform=f"{'template' if template else 'os-code'} ({disk.device})",
        network={"version": 1, "config": "disabled"} if template else instance.network,
        cloud_name="ibmcloud",
        platform="ibmcloud",
    )


DATASOURCE = Datasource(
    "ibmcloud",
    "IBM Cloud (classic)",
    Needs.NOTHING,
    detect,
    fetch,
    signs=f"a Xen guest with a disc {TEMPLATE}, or a config drive with the UUID {documents.IBM_UUID}",
    clues={"virt": ("xen",)},
)
