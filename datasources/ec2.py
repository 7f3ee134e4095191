"""ec2: Amazon EC2, and the clouds that serve its metadata.

    datasource:
      Ec2:
        metadata_urls: ["http://169.254.169.254"]
        max_wait: 120
        timeout: 50
        strict_id: true
        apply_full_imds_network_config: true

Amazon is asked with a token (IMDSv2) and never without one; Brightbox, ZStack, e24cloud, Tilaa and 3DS Outscale have
marks of their own and no tokens. Eucalyptus, UEC and other clones have no mark: ``strict_id: false`` (or ``warn``)
lets a machine without one be asked all the same. Sources: Amazon's "Use IMDSv2", "Instance metadata categories" and
"Identify EC2 instances"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Missing
from cloudboot.metadata import from_json, host_name, instance_id, number, section, ssh_keys, unbase64
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.http.tree import FindAll

    Known = Dict[str, Optional[bytes]]

URLS = ("http://169.254.169.254", "http://[fd00:ec2::254]")
VERSIONS, OLDEST = ("2021-03-23", "2018-09-24", "2016-09-02"), "2009-04-04"
TOKEN_PATH, TOKEN_HEADER = "/latest/api/token", "X-aws-ec2-metadata-token"
TOKEN_TTL = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
IDENTITY = "dynamic/instance-identity/document"
FIRST = ("meta-data/", "meta-data/network/interfaces/macs/", IDENTITY, "user-data")
HYPERVISOR = "/sys/hypervisor/uuid"
REMEDY = "see whether the instance metadata service is on, and that its hop limit reaches this machine"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    """Marks of Amazon or of a clone that has one; without any, only when ``strict_id`` is off."""
    cloud, why = recognise(host)
    if cloud:
        return Evidence(why)
    strict = _strict(settings)
    if strict in ("false", "warn", "no", "off") and not host.container:
        return Evidence("strict_id is off: any machine may be a clone of EC2", sure=False)
    return None


def _strict(settings: Mapping[str, Any]) -> str:
    """What the image says of machines without a mark; seconds to wait after a warning are passed over."""
    return str(settings.get("strict_id", "true")).lower().partition(",")[0]


def recognise(host: Host) -> tuple[str, str]:
    """The cloud and the mark that tells it; both empty where there is none."""
    dmi = host.dmi
    if dmi.product_name == "Alibaba Cloud ECS":
        return "", ""
    if host.files.line(HYPERVISOR).startswith("ec2"):
        return "aws", f"{HYPERVISOR} begins with ec2"
    uuid = dmi.product_uuid.lower()
    if uuid.startswith("ec2") or _swapped(uuid).startswith("ec2"):
        makers = f"{dmi.sys_vendor} {dmi.bios_vendor} {dmi.bios_version}".lower()
        if dmi.product_serial.lower() == uuid or "amazon" in makers:
            return "aws", "the product UUID begins with ec2, and the serial number or maker agrees"
    if "Amazon EC2" in (dmi.sys_vendor, dmi.chassis_asset_tag):
        return "aws", "the maker is Amazon EC2"
    if dmi.product_serial.endswith(".brightbox.com"):
        return "brightbox", "the serial number ends in .brightbox.com"
    if dmi.chassis_asset_tag.endswith(".zstack.io"):
        return "zstack", "the chassis asset tag ends in .zstack.io"
    if dmi.sys_vendor in ("e24cloud", "Tilaa"):
        return dmi.sys_vendor.lower(), f"the maker is {dmi.sys_vendor}"
    if (dmi.product_name, dmi.sys_vendor) == ("3DS Outscale VM", "3DS Outscale"):
        return "outscale", "the product is 3DS Outscale VM"
    return "", ""


def _swapped(uuid: str) -> str:
    """The first group of a UUID as firmware before SMBIOS 2.6 wrote it."""
    return uuid[6:8] + uuid[4:6] + uuid[2:4] + uuid[:2]


def fetch(probe: Probe) -> Instance:
    """The whole metadata tree but for credentials, over one connection, in few round trips."""
    from cloudboot.http.reach import reach
    from cloudboot.http.token import Tokened
    from cloudboot.http.tree import walk
    from cloudboot.network.from_ec2 import ec2_network

    cloud = recognise(probe.host)[0]
    if not cloud and _strict(probe.settings) == "warn":
        probe.warn("this machine has no mark of EC2, and is asked for its metadata since strict_id is warn")
    service = reach(probe, "EC2 metadata", URLS, budget=240, attempt=10)
    find_all: FindAll = service.find_all
    if cloud == "aws":
        find_all = Tokened(service, TOKEN_PATH, TOKEN_TTL, TOKEN_HEADER, REMEDY).find_all
    try:
        top, known = _top(find_all)
        tree = walk(find_all, f"{top}/meta-data/", known)
    finally:
        service.close()
    identity = section(from_json(known[f"{top}/{IDENTITY}"] or b"{}", f"EC2 metadata: {IDENTITY}"))
    user_data = unbase64(known[f"{top}/user-data"] or b"")
    macs = section(tree, "network", "interfaces", "macs")
    full = str(probe.settings.get("apply_full_imds_network_config", True)).lower() != "false"
    zone = _text(tree, "placement", "availability-zone") or identity.get("availabilityZone")
    region = _text(tree, "placement", "region") or identity.get("region") or (zone[:-1] if zone else None)
    return Instance(
        instance_id(tree.get("instance-id"), "EC2 metadata"),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(tree.get("local-hostname")),
        ssh_keys=ssh_keys(tree.get("public-keys")),
        user_data=user_data,
        network=ec2_network(macs, probe.host.nics, full),
        metadata={**tree, "dynamic": {"instance-identity": {"document": identity}}} if identity else tree,
        cloud_name=cloud or "unknown",
        platform="ec2",
        region=region,
        availability_zone=zone,
        launch_index=number(tree.get("ami-launch-index")),
    )


def _top(find_all: FindAll) -> tuple[str, Known]:
    """The newest version of the tree that both sides know, and what is at the places where a tree begins.

    Amazon knows the newest, so that asking for the list of versions first would only cost a round trip. A clone may
    answer whatever is asked: a tree is what lists an instance id.
    """
    known = _begun(find_all, VERSIONS[0])
    if known:
        return f"/{VERSIONS[0]}", known
    offered = (find_all(["/"])[0] or b"").decode("utf-8", "replace").split()
    if OLDEST in offered or "latest" in offered:
        likely = [next((v for v in (*VERSIONS[1:], OLDEST) if v in offered), "latest")]
    else:
        likely = [*VERSIONS[1:], OLDEST]
    for version in likely:
        known = _begun(find_all, version)
        if known:
            return f"/{version}", known
    raise Missing("EC2 metadata: no instance id is listed in it", "see whether the service is what it seems")


def _begun(find_all: FindAll, version: str) -> Known:
    paths = [f"/{version}/{place}" for place in FIRST]
    known = dict(zip(paths, find_all(paths)))
    listed = (known[paths[0]] or b"").split()
    return known if b"instance-id" in listed else {}


def _text(tree: Mapping[str, Any], folder: str, name: str) -> Optional[str]:
    value = section(tree, folder).get(name)
    return value if isinstance(value, str) and value else None


def same(host: Host, instance: Instance) -> Optional[bool]:
    """Nitro writes the instance id into the board's asset tag; elsewhere only the service knows it."""
    tag = host.dmi.board_asset_tag
    return tag == instance.id if tag.startswith("i-") else None


DATASOURCE = Datasource(
    "ec2",
    "Amazon EC2 and compatible",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    updates=("boot-new-instance", "hotplug"),
    signs="a product UUID of Amazon's, or the mark of a cloud that serves the same metadata",
    clues={
        "product_uuid": ("ec",),
        "sys_vendor": ("amazon", "e24cloud", "tilaa", "outscale"),
        "chassis_asset_tag": ("amazon", "zstack"),
        "product_serial": ("brightbox",),
        "settings": ("strict_id",),
        "files": (HYPERVISOR,),
    },
    settings={
        "strict_id": Setting("true, false or warn", "ask only machines that bear a mark of a known cloud", "true"),
        "apply_full_imds_network_config": Setting("true or false", "configure all interfaces and addresses", "true"),
    },
)
