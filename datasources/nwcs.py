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
from cloudboot.metadata import records
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "NWCS metadata"
PATH = "/api/v1/metadata"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the maker is NWCS") if host.dmi.sys_vendor == "NWCS" else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.document import described

    instance = described(
        probe, NAME, PATH, "nwcs", id="instance-id", keys="public-keys", user_data="userdata", vendor_data="vendordata"
    )
    return instance.but(network=network(instance.metadata, probe.host))


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
