"""altcloud: RHEV and old vSphere, which hand over user-data, and nothing else, on a floppy or disc.

    datasource:
      AltCloud: {}

Told by ``/etc/sysconfig/cloud-info`` or by RHEV as the product; a VMware guest only by its disc ``CDROM``. The id is
the same for all of them, as it always was. Source: the datasources reference.
"""

from __future__ import annotations

import os

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

    from cloudboot.datasource import Probe

INFO = "/etc/sysconfig/cloud-info"
FLOPPY, LABEL = "/dev/fd0", "CDROM"
FILES = ("deltacloud-user-data.txt", "user-data.txt")
ID = "455"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    kind = _kind(host)
    if kind == "RHEV" or (kind and host.files.has(INFO)):
        return Evidence(f"this is {kind}, by {INFO} or the firmware")
    if kind == "VSPHERE" and _devices(host, kind):
        return Evidence(f"a VMware guest with a disc {LABEL}")
    return None


def _kind(host: Host) -> str:
    told = host.files.line(INFO).upper()
    if told in ("RHEV", "VSPHERE"):
        return told
    product = host.dmi.product_name.upper()
    return "RHEV" if product.startswith("RHEV") else "VSPHERE" if product.startswith("VMWARE") else ""


def _devices(host: Host, kind: str) -> Tuple[str, ...]:
    return (FLOPPY,) if kind == "RHEV" else tuple(d.device for d in host.disks if d.label == LABEL)


def fetch(probe: Probe) -> Instance:
    kind = _kind(probe.host)
    for device in _devices(probe.host, kind) if kind else ():
        raw = _user_data(probe, device)
        if raw is not None:
            return Instance(ID, subplatform=f"config-disk ({device})", user_data=raw, cloud_name="altcloud",
                            platform="altcloud", metadata={"instance-id": ID})  # fmt: skip
    raise Absent("no floppy or disc holds user-data")


def _user_data(probe: Probe, device: str) -> Optional[bytes]:
    from cloudboot.media import open_media

    try:
        fd = probe.open_device(device)
    except (CloudbootError, OSError):
        return None
    try:
        medium = open_media(fd)
        return next((raw for raw in map(medium.read, FILES) if raw is not None), None)
    except CloudbootError as problem:
        probe.warn(f"{device}: {problem.reason}")
        return None
    finally:
        os.close(fd)


DATASOURCE = Datasource(
    "altcloud",
    "RHEV and vSphere by floppy or disc",
    Needs.NOTHING,
    detect,
    fetch,
    signs=f"{INFO}, or RHEV as the product",
    clues={"product_name": ("rhev", "vmware"), "files": (INFO,)},
)
