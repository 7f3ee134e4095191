"""digitalocean: DigitalOcean's metadata service, which droplets of older images have instead of a config drive.

    datasource:
      DigitalOcean:
        metadata_url: http://169.254.169.254
        retries: 30
        timeout: 2

Source: DigitalOcean's "Metadata API"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.metadata import records, section
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "DigitalOcean metadata"
PATH = "/metadata/v1.json"
NAMES = {"public": "eth0", "private": "eth1"}


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the maker is DigitalOcean") if host.dmi.sys_vendor == "DigitalOcean" else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.document import described

    instance = described(probe, NAME, PATH, "digitalocean", id="droplet_id")
    return instance.but(network=network(instance.metadata))


def network(meta: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    """A version 1 document. An anchor address has no way out: what a floating address gets arrives there."""
    config: List[Dict[str, Any]] = []
    for kind, name in NAMES.items():
        for nic in records(section(meta, "interfaces").get(kind))[:1]:
            subnets = [_subnet(nic, "ipv4", kind), _subnet(nic, "ipv6", kind), _subnet(nic, "anchor_ipv4", ""),
                       _subnet(nic, "anchor_ipv6", "")]  # fmt: skip
            mac = str(nic.get("mac", "")).lower()
            entry = {"type": "physical", "name": name, "mac_address": mac, "subnets": [s for s in subnets if s]}
            config.append(entry)
    servers = section(meta, "dns").get("nameservers")
    if config and isinstance(servers, list):
        config.append({"type": "nameserver", "address": servers})
    return {"version": 1, "config": config} if config else None


def _subnet(nic: Mapping[str, Any], family: str, kind: str) -> Optional[Dict[str, Any]]:
    about = section(nic, family)
    address = about.get("ip_address")
    if not address:
        return None
    subnet = {"type": "static", "control": "auto", "address": address}
    if "netmask" in about:
        subnet["netmask"] = about["netmask"]
    else:
        subnet["address"] = f"{address}/{about.get('cidr', 64)}"
    if kind == "public" and about.get("gateway"):
        subnet["gateway"] = about["gateway"]
    return subnet


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The serial number is the droplet's id."""
    return host.dmi.product_serial == instance.id if host.dmi.product_serial else None


DATASOURCE = Datasource(
    "digitalocean",
    "DigitalOcean",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    updates=("boot-new-instance", "boot"),
    signs="DigitalOcean as the maker",
    clues={"sys_vendor": ("digitalocean",)},
)
