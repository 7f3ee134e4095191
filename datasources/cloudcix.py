"""cloudcix: CloudCIX.

    datasource:
      CloudCIX:
        metadata_url: http://169.254.169.254
        retries: 3
        timeout: 5

Source: the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.metadata import host_name, instance_id, mapping, ssh_keys, unbase64
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "CloudCIX metadata"
URLS = ("http://169.254.169.254",)


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the product is CloudCIX") if host.dmi.product_name == "CloudCIX" else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, URLS, attempt=5)
    try:
        meta = mapping(service.get("/v1/metadata"), NAME)
        user_data = unbase64(service.find("/v1/userdata") or b"")
    finally:
        service.close()
    network = meta.get("network")
    return Instance(
        instance_id(meta.get("instance_id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")),
        ssh_keys=ssh_keys(meta.get("public_keys")),
        user_data=user_data,
        network=network if isinstance(network, dict) else None,
        metadata=meta,
        cloud_name="cloudcix",
        platform="cloudcix",
    )


DATASOURCE = Datasource(
    "cloudcix",
    "CloudCIX",
    Needs.NETWORK,
    detect,
    fetch,
    signs="CloudCIX as the product",
    clues={"product_name": ("cloudcix",)},
)
