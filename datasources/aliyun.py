"""aliyun: Alibaba Cloud's Elastic Compute Service.

    datasource:
      AliYun:
        metadata_urls: ["http://100.100.100.200"]
        max_wait: 240
        timeout: 10

The whole tree comes in one document; where a service is too old for that, it is walked. Sources: Alibaba's "View
instance metadata"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Missing, Unreachable
from cloudboot.metadata import host_name, instance_id, mapping, section, ssh_keys, unbase64, vendor_parts, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.http.token import Tokened

NAME = "Alibaba metadata"
URLS = ("http://100.100.100.200",)
PRODUCT = "Alibaba Cloud ECS"
TOKEN_PATH, TOKEN_HEADER = "/latest/api/token", "X-aliyun-ecs-metadata-token"
TOKEN_TTL = {"X-aliyun-ecs-metadata-token-ttl-seconds": "21600"}
TOP = "/2016-01-01"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.product_name == PRODUCT:
        return Evidence(f"the product is {PRODUCT}")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach
    from cloudboot.http.token import Tokened
    from cloudboot.network.from_ec2 import ec2_network

    service = reach(probe, NAME, URLS, budget=240)
    try:
        tokened = Tokened(service, TOKEN_PATH, TOKEN_TTL, TOKEN_HEADER)
        user_data = unbase64(tokened.find(f"{TOP}/user-data") or b"")
        vendor_data = vendor_parts(tokened.find(f"{TOP}/vendor-data"))
        tree = _tree(tokened)
    finally:
        service.close()
    macs = section(tree, "network", "interfaces", "macs")
    return Instance(
        instance_id(tree.get("instance-id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(tree.get("hostname")),
        ssh_keys=ssh_keys(tree.get("public-keys")),
        user_data=user_data,
        vendor_data=vendor_data,
        network=ec2_network(_ranked(macs, probe.host), probe.host.nics),
        metadata=tree,
        cloud_name="aliyun",
        platform="aliyun",
        region=word(tree.get("region-id")),
        availability_zone=word(tree.get("zone-id")),
    )


def _tree(tokened: Tokened) -> Mapping[str, Any]:
    from cloudboot.http.tree import walk

    try:
        return mapping(tokened.get(f"{TOP}/meta-data/all"), NAME)
    except Unreachable as problem:
        try:
            return walk(tokened.find_all, f"{TOP}/meta-data/")
        except Missing:
            raise problem from None


def _ranked(macs: Mapping[str, Any], host: Host) -> Dict[str, Any]:
    """Interfaces with their place in the natural order of their names (eth2 before eth10). Their addresses all come
    by DHCP, and Alibaba's router answers for each of them."""
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    ordered = sorted((mac for mac in macs if mac.lower() in names), key=lambda mac: _natural(names[mac.lower()]))
    return {mac: {"network-card": i, "ipv6s": section(macs, mac).get("ipv6s")} for i, mac in enumerate(ordered)}


def _natural(name: str) -> tuple[str, int, str]:
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or 0), name


DATASOURCE = Datasource(
    "aliyun",
    "Alibaba Cloud",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    updates=("boot-new-instance", "boot"),
    signs=f"{PRODUCT} as the product",
    clues={"product_name": ("alibaba",)},
)
