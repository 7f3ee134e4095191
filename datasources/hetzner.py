"""hetzner: Hetzner Cloud.

    datasource:
      Hetzner:
        metadata_url: http://169.254.169.254
        max_wait: 120
        timeout: 2

The service must tell the id that is also the machine's serial number. Private networks get their addresses by DHCP.
Source: Hetzner's "Server metadata"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, Unreachable
from cloudboot.metadata import from_yaml, host_name, instance_id, records, ssh_keys, unbase64, vendor_parts, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "Hetzner metadata"
IPV4, LINK_LOCAL = "http://169.254.169.254", "http://[fe80::a9fe:a9fe%25{}]"
TOP = "/hetzner/v1"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the maker is Hetzner") if host.dmi.sys_vendor == "Hetzner" and host.dmi.product_serial else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    links = [LINK_LOCAL.format(nic.name) for nic in probe.host.nics if nic.kind == "physical" and nic.up]
    service = reach(probe, NAME, [IPV4, *links], attempt=5)
    try:
        meta = from_yaml(service.get(f"{TOP}/metadata"), NAME)
        if not isinstance(meta, dict):
            raise Unreachable(f"{NAME}: its answer is no mapping")
        user_data = unbase64(service.find(f"{TOP}/userdata") or b"")
        private = from_yaml(service.find(f"{TOP}/metadata/private-networks") or b"[]", NAME)
    finally:
        service.close()
    id = instance_id(meta.get("instance-id"), NAME)
    serial = probe.host.dmi.product_serial
    if serial and serial != id:
        raise Absent(f"{NAME}: it speaks of another machine than this one")
    return Instance(
        id,
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")),
        ssh_keys=ssh_keys(meta.get("public-keys")),
        user_data=user_data,
        vendor_data=vendor_parts(meta.get("vendor_data")),
        network=network(meta, private, probe.host),
        metadata={**meta, "private-networks": private},
        cloud_name="hetzner",
        platform="hetzner",
        region=word(meta.get("region")),
        availability_zone=word(meta.get("availability-zone")),
    )


def network(meta: Mapping[str, Any], private: Any, host: Host) -> Optional[Dict[str, Any]]:
    """The document that Hetzner has ready, and an entry for each private network."""
    given = meta.get("network-config")
    if not isinstance(given, dict) or not isinstance(given.get("config"), list):
        return None
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    more: List[Dict[str, Any]] = []
    for entry in records(private):
        mac = str(entry.get("mac_address", "")).lower()
        if mac in names:
            subnets = [{"type": "dhcp"}]
            more.append({"type": "physical", "name": names[mac], "mac_address": mac, "subnets": subnets})
    return {**given, "config": [*given["config"], *more]}


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The serial number is the server's id."""
    return host.dmi.product_serial == instance.id if host.dmi.product_serial else None


DATASOURCE = Datasource(
    "hetzner",
    "Hetzner Cloud",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    updates=("boot-new-instance", "boot", "hotplug"),
    signs="Hetzner as the maker, and a serial number",
    clues={"sys_vendor": ("hetzner",)},
)
