"""Metadata that is one JSON document, as several clouds have it: only what it is called differs."""

from __future__ import annotations

from cloudboot.http.reach import reach
from cloudboot.metadata import as_bytes, host_name, instance_id, mapping, ssh_keys, vendor_parts, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Instance

if TYPE_CHECKING:
    from cloudboot.datasource import Probe

URLS = ("http://169.254.169.254",)
ATTEMPT = 5.0


def described(
    probe: Probe,
    name: str,
    path: str,
    cloud: str,
    *,
    id: str = "instance_id",
    keys: str = "public_keys",
    user_data: str = "user_data",
    vendor_data: str = "vendor_data",
) -> Instance:
    """The instance that the document at ``path`` describes, but for its network; the words are its keys for the rest.

    Raises `Unreachable`.
    """
    service = reach(probe, name, URLS, attempt=ATTEMPT)
    try:
        meta = mapping(service.get(path), name)
    finally:
        service.close()
    return Instance(
        instance_id(meta.get(id), name),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")),
        ssh_keys=ssh_keys(meta.get(keys)),
        user_data=as_bytes(meta.get(user_data)),
        vendor_data=vendor_parts(meta.get(vendor_data)),
        metadata=meta,
        cloud_name=cloud,
        platform=cloud,
        region=word(meta.get("region")),
    )
