"""bigstep: Bigstep, whose image holds the address of one document with all there is to know.

    datasource:
      Bigstep: {}

Source: the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent
from cloudboot.metadata import as_bytes, host_name, instance_id, mapping, section, ssh_keys, vendor_parts
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "Bigstep metadata"
PLACES = ("/var/lib/cloudboot/seed/bigstep/url", "/var/lib/cloud/data/seed/bigstep/url")


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    for path in PLACES:
        if host.files.has(path):
            return Evidence(f"{path} is there")
    return None


def fetch(probe: Probe) -> Instance:
    address = next((line for line in map(probe.host.files.line, PLACES) if line), "")
    if not address:
        raise Absent("no file holds the address of the metadata")
    told = mapping(probe.url(address), NAME)
    meta = section(told, "metadata")
    return Instance(
        instance_id(meta.get("instance-id"), NAME),
        subplatform="metadata",
        hostname=host_name(meta.get("local-hostname")),
        ssh_keys=ssh_keys(meta.get("public-keys")),
        user_data=as_bytes(told.get("userdata_raw")),
        vendor_data=vendor_parts(told.get("vendordata_raw")),
        metadata=meta,
        cloud_name="bigstep",
        platform="bigstep",
    )


DATASOURCE = Datasource(
    "bigstep",
    "Bigstep",
    Needs.NETWORK,
    detect,
    fetch,
    signs=f"the file {PLACES[1]}",
    clues={"files": PLACES},
)
