"""configdrive: a disk that OpenStack, and many who copy it, attach with all that the machine needs to know.

    datasource:
      ConfigDrive:
        dsmode: local

The disk is labelled ``config-2``: ISO 9660 or FAT, a whole disk or a partition. It is read in user space and never
mounted. Folders of an image are seeds of the same layout: ``/var/lib/cloudboot/seed/config_drive``,
``/var/lib/cloud/seed/config_drive``, ``/config-drive``. The layout from before 2012 (``meta.js`` and files below
``etc`` and ``root``, on an unlabelled FAT disk) is read where the image names this datasource alone. In its metadata
``dsmode`` may say ``local``, ``net`` (act when the network is up), or ``pass`` and ``disabled`` (leave it to others).
Sources: nova's "Config drives"; the datasources reference.
"""

from __future__ import annotations

import os

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, CloudbootError
from cloudboot.metadata import instance_id, mapping, same_uuid, ssh_keys
from cloudboot.metadata import openstack as documents
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, Mapping, Optional, Tuple

    from cloudboot.datasource import Probe

    Read = Callable[[str], Optional[bytes]]
    Names = Callable[[str], Tuple[str, ...]]

OLD_KEYS, OLD_NETWORK, OLD_META = "root/.ssh/authorized_keys", "etc/network/interfaces", "meta.js"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    """A labelled disk or a seed; an unlabelled FAT disk may be one of the old layout."""
    for top in documents.seeds(host):
        return Evidence(f"{top} holds a seed")
    for disk in documents.drives(host):
        return Evidence(f"{disk.device} is labelled {disk.label or disk.fat_label}")
    for disk in _unlabelled(host):
        return Evidence(f"{disk.device} has no label, and may be of the old layout", sure=False)
    return None


def _unlabelled(host: Host) -> Iterator[Any]:
    """Whole disks of FAT without a label, last first. (Partitions are part of a system: EFI has one such.)"""
    for disk in sorted(host.disks, key=lambda d: d.device, reverse=True):
        if disk.type == "vfat" and not disk.label and not disk.fat_label and not disk.device[-1:].isdigit():
            yield disk


def fetch(probe: Probe) -> Instance:
    """The first of seeds and disks that holds an instance."""
    problems = []
    for where, load in _places(probe):
        try:
            return load(probe, where)
        except CloudbootError as problem:
            problems.append(problem.reason if where in problem.reason else f"{where}: {problem.reason}")
    raise Absent("; ".join(problems) or "there is no config drive")


def _places(probe: Probe) -> Iterator[Tuple[str, Callable[[Probe, str], Instance]]]:
    """Where an instance may be, and how it is read there."""
    yield from ((top, _seed) for top in documents.seeds(probe.host))
    for disk in (*documents.drives(probe.host), *_unlabelled(probe.host)):
        yield disk.device, _disk


def _seed(probe: Probe, top: str) -> Instance:
    return _read(probe, lambda p: probe.read(f"{top}/{p}"), lambda p: probe.names(f"{top}/{p}"), "seed-dir", top)


def _disk(probe: Probe, device: str) -> Instance:
    from cloudboot.media import open_media

    fd = probe.open_device(device)
    try:
        medium = open_media(fd)
        return _read(probe, medium.read, medium.names, "config-disk", device)
    finally:
        os.close(fd)


def _read(probe: Probe, read: Read, names: Names, kind: str, where: str) -> Instance:
    version = documents.newest(names("openstack"))
    if version:
        instance = documents.instance(read, version, where, probe.host.nics, probe.warn)
    else:
        instance = _old(read, where, probe.warn)
    if probe.settings.get("dsmode") == "net":
        instance = instance.but(local=False)
    return instance.but(cloud_name="configdrive", subplatform=f"{kind} ({where})")


def _old(read: Read, where: str, warn: Callable[[str], None]) -> Instance:
    """The layout from before 2012."""
    keys, interfaces, raw = read(OLD_KEYS), read(OLD_NETWORK), read(OLD_META)
    if keys is None and interfaces is None and raw is None:
        raise Absent(f"{where}: it holds no config drive")
    meta = dict(mapping(raw or b"{}", f"{where}: {OLD_META}"))
    mode = meta.get("dsmode", "local")
    if mode in ("disabled", "pass"):
        raise Absent(f"{where}: its dsmode is {mode}")
    user_data = meta.pop("user-data", "")
    return Instance(
        instance_id(meta.get("instance-id", "iid-dsconfigdrive"), where),
        ssh_keys=ssh_keys(meta.get("public-keys") or (keys or b"").decode("utf-8", "replace")),
        user_data=user_data.encode() if isinstance(user_data, str) else b"",
        network=documents.interfaces(interfaces, where, warn),
        metadata=meta,
        platform="openstack",
        local=mode != "net",
    )


def same(host: Host, instance: Instance) -> Optional[bool]:
    """Nova gives a virtual machine its own id as the system's UUID."""
    return same_uuid(host.dmi.product_uuid, instance.id) or None


DATASOURCE = Datasource(
    "configdrive",
    "OpenStack config drive",
    Needs.NOTHING,
    detect,
    fetch,
    same,
    signs="a disk labelled config-2",
    clues={"files": documents.SEEDS, "disks": ("config-2", "vfat:")},
    settings={
        "dsmode": Setting("local or net", "the stage in which the instance begins to act", "local"),
    },
)
