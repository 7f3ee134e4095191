"""nwcs: NWCS.

    datasource:
      NWCS:
        metadata_url: http://169.254.169.254
        retries: 30
        timeout: 5

Source: the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.metadata import as_bytes, host_name, instance_id, mapping, records, ssh_keys, vendor_parts
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.probe import Probe

NAME = "NWCS metadata"
URLS = ("http://169.254.169.254",)
PATH = "/api/v1/metadata"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the maker is NWCS") if host.dmi.sys_vendor == "NWCS" else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, URLS, attempt=5)
    try:
        meta = mapping(service.get(PATH), NAME)
    finally:
        service.close()
    return Instance(
        instance_id(meta.get("instance-id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")),
        ssh_keys=ssh_keys(meta.get("public-keys")),
        user_data=as_bytes(meta.get("userdata")),
        vendor_data=vendor_parts(meta.get("vendordata")),
        network=network(meta, probe.host),
        metadata=meta,
        cloud_name="nwcs",
        platform="nwcs",
    )


def network(meta: Mapping[str, Any], host: Host) -> Optional[Dict[str, Any]]:
    """The version 1 document that NWCS has ready, with the names that this machine has for its interfaces."""
    given = meta.get("network")
    if not isinstance(given, dict) or "config" not in given:
        return None
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    config = []
    for entry in records(given["config"]):
        name = names.get(str(entry.get("mac_address", "")).lower())
        config.append({**entry, "name": name} if name and entry.get("type") == "physical" else entry)
    return {"version": 1, "config": config}


DATASOURCE = Datasource(
    "nwcs",
    "NWCS",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    signs="NWCS as the maker",
    clues={"sys_vendor": ("nwcs",)},
)
