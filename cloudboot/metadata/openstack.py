"""OpenStack's documents, which its metadata service and its config drives hold alike.

    openstack/latest/meta_data.json      who the machine is; the only one that is always there
    openstack/latest/user_data, vendor_data.json, vendor_data2.json, network_data.json
    openstack/content/0000               a file to be put where meta_data.json says

Facts: "OpenStack metadata service" and "config drive" in the datasources reference, after nova's own code.
"""

from __future__ import annotations

from cloudboot.errors import Absent, CloudbootError, Unreachable
from cloudboot.metadata import (
    from_json,
    host_name,
    instance_id,
    mapping,
    number,
    records,
    ssh_keys,
    unbase64,
    vendor_parts,
    word,
)
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Instance

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

    from cloudboot.values import Disk, Host, Nic

    Find = Callable[[str], Optional[bytes]]
    Warn = Callable[[str], None]

VERSIONS = ("2025-04-04", "2020-10-14", "2018-08-27", "2017-02-22", "2016-10-06", "2016-06-30", "2015-10-15",
            "2013-10-17", "2013-04-04", "2012-08-10")  # fmt: skip
NAMES = ("meta_data.json", "user_data", "vendor_data.json", "vendor_data2.json", "network_data.json")
LABELS = ("config-2", "CONFIG-2")
SEEDS = ("/var/lib/cloudboot/seed/config_drive", "/var/lib/cloud/seed/config_drive", "/config-drive")
IBM_UUID = "9796-932E"
MOST_FILES = 100


def newest(offered: Iterable[str]) -> str:
    """The newest of these versions that is known; ``latest`` where none is; empty where that is not there either."""
    names = {name.strip().rstrip("/") for name in offered}
    return next((v for v in (*VERSIONS, "latest") if v in names), "")


def drives(host: Host) -> Tuple[Disk, ...]:
    """The disks that are labelled as config drives, last first: clouds attach them at the end."""
    found = [d for d in host.disks if (d.label in LABELS or d.fat_label in LABELS) and not _ibm(host, d)]
    return tuple(sorted((d for d in found if d.type in ("", "vfat", "iso9660")), key=lambda d: d.device, reverse=True))


def _ibm(host: Host, disk: Disk) -> bool:
    """A disk that IBM's classic machines have, and which means something else there."""
    return host.virt == "xen" and disk.uuid == IBM_UUID


def seeds(host: Host) -> Tuple[str, ...]:
    """Folders of the image that hold what a config drive would."""
    return tuple(
        top
        for top in SEEDS
        if any(host.files.has(f"{top}/openstack/{v}/meta_data.json") for v in host.files.names(f"{top}/openstack"))
    )


def instance(find: Find, version: str, where: str, nics: Tuple[Nic, ...], warn: Warn) -> Instance:
    """The instance that the documents describe. ``find`` reads a path, and says None where there is nothing.

    Raises `Absent` where ``meta_data.json`` is not there, or says that this is not to be used; `Unreachable` where it
    is not what it should be. What else is broken is left out, with a warning.
    """
    top = f"openstack/{version}"
    raw = find(f"{top}/meta_data.json")
    if raw is None:
        raise Absent(f"{where}: no meta_data.json")
    meta = dict(mapping(raw, f"{where}: meta_data.json"))
    about = meta.get("meta")
    mode = about.get("dsmode") if isinstance(about, dict) else None
    if mode in ("disabled", "pass"):
        raise Absent(f"{where}: its dsmode is {mode}")
    seed = meta.pop("random_seed", None)
    ec2 = mapping(find("ec2/latest/meta-data.json") or b"{}", f"{where}: meta-data.json")
    if "block-device-mapping" in ec2:
        meta["block-device-mapping"] = ec2["block-device-mapping"]
    if isinstance(meta.get("files"), list):
        meta["injected-files"] = _contents(meta["files"], find, where, warn)
    return Instance(
        instance_id(meta.get("uuid"), f"{where}: meta_data.json"),
        hostname=host_name(meta.get("hostname")) or host_name(meta.get("name")),
        ssh_keys=_keys(meta),
        user_data=find(f"{top}/user_data") or b"",
        vendor_data=_vendor(find, f"{top}/vendor_data.json", where, warn),
        vendor_data2=_vendor(find, f"{top}/vendor_data2.json", where, warn),
        network=_network(find(f"{top}/network_data.json"), where, nics, warn)
        or interfaces(_older_network(meta, find), where, warn),
        metadata=meta,
        platform="openstack",
        availability_zone=word(meta.get("availability_zone")),
        launch_index=number(meta.get("launch_index")),
        random_seed=unbase64(seed) if isinstance(seed, str) else b"",
        local=mode != "net",
    )


def on_drive(open_device: Callable[[str], int], device: str, nics: Tuple[Nic, ...], warn: Warn) -> Instance:
    """The instance on a config drive. Raises `Absent` where it holds none, else as `instance`."""
    import os

    from cloudboot.media import open_media

    fd = open_device(device)
    try:
        medium = open_media(fd)
        version = newest(medium.names("openstack"))
        if not version:
            raise Absent(f"{device}: it holds no config drive")
        return instance(medium.read, version, device, nics, warn)
    finally:
        os.close(fd)


def _keys(meta: Mapping[str, Any]) -> Tuple[str, ...]:
    typed = [key.get("data") for key in records(meta.get("keys")) if key.get("type") == "ssh"]
    return ssh_keys([meta.get("public_keys"), typed])


def _vendor(find: Find, path: str, where: str, warn: Warn) -> Tuple[bytes, ...]:
    raw = find(path)
    try:
        return vendor_parts(from_json(raw, f"{where}: {path}")) if raw and raw.strip() else ()
    except Unreachable as problem:
        warn(problem.reason)
        return ()


def _network(raw: Optional[bytes], where: str, nics: Tuple[Nic, ...], warn: Warn) -> Optional[Mapping[str, Any]]:
    """A version 1 document. A machine with a broken one shall still be reached: it is left to the fallback."""
    if not raw or not raw.strip():
        return None
    from cloudboot.network.parse_openstack import openstack_config

    notes: List[str] = []
    try:
        document = openstack_config(mapping(raw, f"{where}: network_data.json"), nics, notes)
    except CloudbootError as problem:
        warn(f"{where}: network_data.json: {problem}; the network is set up without it")
        return None
    for note in notes:
        warn(f"{where}: network_data.json: {note}")
    return document


def _older_network(meta: Mapping[str, Any], find: Find) -> Optional[bytes]:
    """What came before network_data.json: a text for ifupdown."""
    entry = meta.get("network_config")
    place = entry.get("content_path") if isinstance(entry, dict) else None
    return find(f"openstack{place}") if isinstance(place, str) and _inside(place) else None


def interfaces(text: Optional[bytes], where: str, warn: Warn) -> Optional[Mapping[str, Any]]:
    """A text for ifupdown as a version 1 document, as `_network`."""
    if not text:
        return None
    from cloudboot.network.parse_eni import eni_config

    notes: List[str] = []
    try:
        return eni_config(text.decode("utf-8", "replace"), notes)
    except CloudbootError as problem:
        warn(f"{where}: {problem}; the network is set up without it")
        return None
    finally:
        for note in notes:
            warn(f"{where}: {note}")


def _contents(files: List[Any], find: Find, where: str, warn: Warn) -> List[Dict[str, Any]]:
    """The files to be injected: ``path``, and ``content`` as base64."""
    from binascii import b2a_base64

    found = []
    for entry in files[:MOST_FILES]:
        path, place = (entry.get("path"), entry.get("content_path")) if isinstance(entry, dict) else (None, None)
        data = find(f"openstack{place}") if isinstance(place, str) and _inside(place) else None
        if data is None or not isinstance(path, str) or not path:
            warn(f"{where}: a file that is to be injected is not there")
            continue
        found.append({"path": path, "content": b2a_base64(data, newline=False).decode()})
    return found


def _inside(path: str) -> bool:
    return path.startswith("/content/") and ".." not in path and path.isprintable() and " " not in path
