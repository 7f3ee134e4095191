"""oracle: Oracle Cloud Infrastructure.

    datasource:
      Oracle:
        configure_secondary_nics: false
        max_wait: 30
        timeout: 5

Version 2 of the service is asked first; version 1, which can be switched off, needs no header. A machine whose root is
on iSCSI keeps the network that its initramfs made. Sources: Oracle's "Getting instance metadata"; the datasources
reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Missing
from cloudboot.http.service import Refused
from cloudboot.metadata import from_json, host_name, instance_id, mapping, records, section, ssh_keys, unbase64, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.http.service import Service

NAME = "Oracle metadata"
URLS = ("http://169.254.169.254", "http://[fd00:c1::a9fe:a9fe]")
HEADERS = {"Authorization": "Bearer Oracle"}
TAG = "OracleCloud.com"
MTU = 9000
IBFT = "/sys/firmware/ibft"
VALID_AND_CHOSEN = 0x3


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence(f"the chassis asset tag is {TAG}") if host.dmi.chassis_asset_tag == TAG else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, URLS, headers=HEADERS)
    try:
        top, raw = _instance(service)
        meta = mapping(raw, NAME)
        vnics = from_json(service.find(f"{top}/vnics/") or b"[]", NAME)
    finally:
        service.close()
    given = section(meta, "metadata")
    user_data = given.get("user_data")
    return Instance(
        instance_id(meta.get("id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")) or host_name(meta.get("displayName")),
        ssh_keys=ssh_keys(given.get("ssh_authorized_keys")),
        user_data=unbase64(user_data) if isinstance(user_data, str) else b"",
        network=network(vnics, probe),
        metadata={**meta, "vnics": vnics, "system_uuid": probe.host.dmi.product_uuid},
        cloud_name="oracle",
        platform="oracle",
        region=word(meta.get("canonicalRegionName")) or word(meta.get("region")),
        availability_zone=word(meta.get("ociAdName")) or word(meta.get("availabilityDomain")),
    )


def _instance(service: Service) -> tuple[str, bytes]:
    try:
        return "/opc/v2", service.get("/opc/v2/instance/")
    except (Missing, Refused):
        return "/opc/v1", service.get("/opc/v1/instance/")


def network(vnics: Any, probe: Probe) -> Optional[Dict[str, Any]]:
    """A version 2 document: the first interface by DHCP, others as told, where the image wants them."""
    host = probe.host
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    listed = records(vnics)
    if not listed or from_iscsi(host):
        return None
    ethernets: Dict[str, Any] = {}
    for i, vnic in enumerate(listed):
        mac = str(vnic.get("macAddr", "")).lower()
        if mac not in names:
            continue
        entry: Dict[str, Any] = {"match": {"macaddress": mac}, "set-name": names[mac], "mtu": MTU}
        if i == 0:
            only6 = bool(vnic.get("ipv6VirtualRouterIp")) and not vnic.get("privateIp")
            entry.update(dhcp4=not only6, dhcp6=only6)
        elif probe.settings.get("configure_secondary_nics") and "nicIndex" not in vnic:
            entry.update(dhcp4=False, dhcp6=False, addresses=_addresses(vnic))
        else:
            continue
        ethernets[names[mac]] = entry
    return {"version": 2, "ethernets": ethernets} if ethernets else None


def _addresses(vnic: Mapping[str, Any]) -> List[str]:
    found = []
    for address, subnet in (
        (vnic.get("privateIp"), vnic.get("subnetCidrBlock")),
        (
            (vnic.get("ipv6Addresses") or [None])[0],
            vnic.get("ipv6SubnetCidrBlock") or vnic.get("ipv6CidrBlock") or "/128",
        ),
    ):
        if address and subnet:
            found.append(f"{address}/{str(subnet).partition('/')[2]}")
    return found


def from_iscsi(host: Host) -> bool:
    """Did the firmware boot this machine from a disk in the network?"""
    for name in host.files.names(IBFT):
        flags = host.files.line(f"{IBFT}/{name}/flags") if name.startswith("target") else ""
        if flags.isdecimal() and int(flags) & VALID_AND_CHOSEN == VALID_AND_CHOSEN:
            return True
    return False


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The id is not known here, but an instance keeps its system's UUID."""
    return host.dmi.product_uuid == instance.metadata.get("system_uuid") if host.dmi.product_uuid else None


DATASOURCE = Datasource(
    "oracle",
    "Oracle Cloud Infrastructure",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    signs=f"{TAG} as the chassis asset tag",
    clues={"chassis_asset_tag": (TAG.lower(),)},
    settings={
        "configure_secondary_nics": Setting("true or false", "configure the other interfaces too", "false"),
    },
)
