"""upcloud: UpCloud.

    datasource:
      UpCloud:
        metadata_url: http://169.254.169.254
        retries: 30
        timeout: 2

Source: UpCloud's "Metadata service"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.metadata import (
    records,
    same_uuid,
    section,
)
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "UpCloud metadata"
PATH = "/metadata/v1.json"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the maker is UpCloud") if host.dmi.sys_vendor == "UpCloud" else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.document import described

    instance = described(probe, NAME, PATH, "upcloud")
    return instance.but(network=network(instance.metadata, probe.host))


def network(meta: Mapping[str, Any], host: Host) -> Optional[Dict[str, Any]]:
    """A version 1 document for the interfaces that cloud and machine both have."""
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    about = section(meta, "network")
    config: List[Dict[str, Any]] = []
    for nic in records(about.get("interfaces")):
        mac = str(nic.get("mac", "")).lower()
        if mac in names:
            subnets = [_subnet(ip) for ip in records(nic.get("ip_addresses"))]
            config.append({"type": "physical", "name": names[mac], "mac_address": mac, "subnets": subnets})
    if config and about.get("dns"):
        config.append({"type": "nameserver", "address": about["dns"]})
    return {"version": 1, "config": config} if config else None


def _subnet(ip: Mapping[str, Any]) -> Dict[str, Any]:
    if ip.get("dhcp"):
        return {"type": "dhcp" if ip.get("family") == "IPv4" else "ipv6_dhcpv6-stateless"}
    prefix = str(ip.get("network", "")).partition("/")[2]
    subnet = {
        "type": "static" if ip.get("family") == "IPv4" else "static6",
        "address": f"{ip.get('address')}/{prefix}" if prefix else ip.get("address"),
    }
    subnet.update({"gateway": ip["gateway"]} if ip.get("gateway") else {})
    subnet.update({"dns_nameservers": ip["dns"]} if ip.get("dns") else {})
    return subnet


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The system's UUID is the server's id."""
    return same_uuid(host.dmi.product_uuid, instance.id) or None


DATASOURCE = Datasource(
    "upcloud",
    "UpCloud",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    signs="UpCloud as the maker",
    clues={"sys_vendor": ("upcloud",)},
)
