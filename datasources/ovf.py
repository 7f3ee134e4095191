"""ovf: the environment document that OVF appliances get, on a disc or from the hypervisor.

    datasource:
      OVF: {}

Looked for as a seed in the image, as ``guestinfo.ovfEnv`` of a VMware guest, and on a disc: one labelled as OVF's
transport, or a small one whose content names OVF's environment. Its properties are instance-id, hostname, public-keys,
password, user-data (base64 or not) and network-config (base64). Sources: DMTF's DSP0243; the datasources reference.
"""

from __future__ import annotations

import os

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, CloudbootError, NotYet, Unreachable
from cloudboot.metadata import from_yaml, host_name, instance_id, ssh_keys, unbase64
from cloudboot.metadata.markup import children, document
from cloudboot.noun import TYPE_CHECKING
from cloudboot.seed import REMOTE, Seed, read_seed, reader
from cloudboot.text import safe_url
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

    from cloudboot.datasource import Probe
    from cloudboot.values import Disk

SPACE = "http://schemas.dmtf.org/ovf/environment/1"
FILES = ("ovf-env.xml", "ovf_env.xml", "OVF_ENV.XML", "OVF-ENV.XML")
FOLDERS = ("/var/lib/cloudboot/seed/ovf", "/var/lib/cloud/seed/ovf", "/var/lib/cloud/seed")
AZURE = "7783-7084-3265-9085-8269-3286-77"
LABELS = ("ovf-transport", "ovfenv", "ovf env", "ovf_env")
OTHERS = ("config-2", "cidata")
MOST_SECTORS = 20480
"""10 MB in sectors of 512: a disc that holds more than a document is somebody else's."""
DEFAULT_ID = "iid-dsovf"
NEEDED = ("user-data",)


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.chassis_asset_tag == AZURE:
        return None
    for path in _seeds(host):
        return Evidence(f"{path} is there")
    if host.virt == "none" or host.container:
        return None
    if host.virt == "vmware" and (host.guestinfo.read("ovfEnv") or b"").lstrip().startswith(b"<?xml"):
        return Evidence("the hypervisor has guestinfo.ovfEnv")
    for disk in _discs(host):
        return Evidence(f"{disk.device} is a disc with an OVF environment")
    return None


def _seeds(host: Host) -> Iterator[str]:
    for folder in FOLDERS:
        yield from (f"{folder}/{name}" for name in FILES if host.files.has(f"{folder}/{name}"))


def _discs(host: Host) -> Iterator[Disk]:
    for disk in host.disks:
        name, label = disk.device.rpartition("/")[2], disk.label.lower()
        if disk.type != "iso9660" or not name.startswith(("sr", "hd", "xvd")):
            continue
        if label in OTHERS or label.startswith("rd_rdfe_stable"):
            continue
        if label in LABELS or _names_it(host, disk.device, name):
            yield disk


def _names_it(host: Host, device: str, name: str) -> bool:
    """Does a small disc hold the name of the document's namespace?"""
    size = host.files.line(f"/sys/class/block/{name}/size")
    if not size.isdecimal() or int(size) > MOST_SECTORS:
        return False
    try:
        fd = host.files.open(device)
    except CloudbootError:
        return False
    try:
        return SPACE.encode() in _all(fd, int(size) * 512)
    except OSError:
        return False
    finally:
        os.close(fd)


def _all(fd: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = os.pread(fd, min(1 << 20, size - len(data)), len(data))
        if not piece:
            break
        data += piece
    return data


def fetch(probe: Probe) -> Instance:
    for where, raw, network in _documents(probe):
        try:
            return _instance(properties(raw, where), where, probe, network)
        except Unreachable as problem:
            probe.warn(problem.reason)
    raise Absent("no OVF environment is there")


def _documents(probe: Probe) -> Iterator[Tuple[str, bytes, bool]]:
    """Where a document is, the document, and whether its network counts."""
    for path in _seeds(probe.host):
        yield path, probe.read(path) or b"", False
    told = probe.host.guestinfo.read("ovfEnv") if probe.host.virt == "vmware" else None
    if told:
        yield "guestinfo.ovfEnv", told, True
    for disk in _discs(probe.host):
        from cloudboot.media import open_media

        fd = probe.open_device(disk.device)
        try:
            medium = open_media(fd)
            raw = next((raw for raw in map(medium.read, FILES) if raw is not None), None)
        except CloudbootError as problem:
            probe.warn(f"{disk.device}: {problem.reason}")
            continue
        finally:
            os.close(fd)
        if raw is not None:
            yield disk.device, raw, True


def properties(raw: bytes, where: str) -> Dict[str, str]:
    """Keys and values of the machine's own properties, not of its siblings'. Raises `Unreachable`."""
    root = document(raw, where)
    found: Dict[str, str] = {}
    for section in list(children(root, SPACE, "PropertySection"))[:1]:
        for entry in children(section, SPACE, "Property"):
            key, value = entry.get(f"{{{SPACE}}}key"), entry.get(f"{{{SPACE}}}value")
            if key and value is not None:
                found[key] = value
    if root.tag != f"{{{SPACE}}}Environment":
        raise Unreachable(f"{where}: it is no OVF environment")
    return found


def _instance(given: Mapping[str, str], where: str, probe: Probe, network: bool) -> Instance:
    user_data, vendor_data = unbase64(given.get("user-data", "")), None
    if given.get("seedfrom"):
        seed = _seed(given["seedfrom"], probe)
        user_data, vendor_data = seed.user_data or b"", seed.vendor_data
        given = {**{k: v for k, v in seed.metadata.items() if isinstance(v, str)}, **given}
    known = ("user-data", "password", "network-config")
    return Instance(
        instance_id(given.get("instance-id", DEFAULT_ID), where),
        subplatform=f"ovf ({where})",
        hostname=host_name(given.get("hostname")) or host_name(given.get("local-hostname")),
        ssh_keys=ssh_keys(given.get("public-keys")),
        user_data=user_data,
        vendor_data=(vendor_data,) if vendor_data else (),
        network=_network(given.get("network-config", ""), where, probe) if network else None,
        metadata={k: v for k, v in given.items() if k not in known},
        config={"password": given["password"]} if given.get("password") else {},
        cloud_name="ovf",
        platform="ovf",
    )


def _seed(source: str, probe: Probe) -> Seed:
    if source.startswith(REMOTE) and probe.stage == "local":
        raise NotYet(f"the seed is at {safe_url(source)}")
    found = read_seed(reader(source, probe.read, probe.url, probe.warn), f"{safe_url(source)}/", probe.warn, NEEDED)
    if found is None:
        raise Unreachable(f"{safe_url(source)} has no user-data")
    return found


def _network(text: str, where: str, probe: Probe) -> Optional[Mapping[str, Any]]:
    if not text:
        return None
    try:
        told = from_yaml(unbase64(text, always=True), f"{where}: network-config")
    except Unreachable as problem:
        probe.warn(f"{problem.reason}; the network is set up without it")
        return None
    inner = told.get("network") if isinstance(told, dict) else None
    return inner if isinstance(inner, dict) else None


DATASOURCE = Datasource(
    "ovf",
    "OVF environment",
    Needs.NOTHING,
    detect,
    fetch,
    signs="an OVF environment on a disc or from the hypervisor",
    clues={
        "files": tuple(f"{folder}/{name}" for folder in FOLDERS for name in FILES),
        "disks": ("iso9660:*",),
        "virt": ("vmware",),
    },
)
