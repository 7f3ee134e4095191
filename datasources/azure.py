"""azure: Microsoft Azure.

    datasource:
      Azure:
        apply_network_config: true
        apply_network_config_set_name: true
        apply_network_config_for_secondary_ips: true
        max_wait: 300
        timeout: 30

A disc (UDF) holds what the owner gave: name, account, custom data. The instance metadata service knows keys, network
and place; a machine boots without it, if it has its disc. What an earlier boot kept of the disc is not read again: it
has no password any more, and may be of the machine that an image was made of. Sources: Microsoft's "Azure Instance
Metadata Service"; the datasources reference.
"""

from __future__ import annotations

import os

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, CloudbootError, Unreachable
from cloudboot.metadata import azure as documents
from cloudboot.metadata import host_name, instance_id, mapping, same_uuid, section, unbase64, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Optional, Tuple

    from cloudboot.probe import Probe

NAME = "Azure metadata"
URLS = ("http://169.254.169.254",)
TAG = "7783-7084-3265-9085-8269-3286-77"
SEEDS = ("/var/lib/cloudboot/seed/azure/ovf-env.xml", "/var/lib/cloud/seed/azure/ovf-env.xml")
FILES = ("ovf-env.xml", "ovf_env.xml")
"""The second is what is left of the first on a disc without long names."""
INSTANCE = "/metadata/instance?api-version=2021-08-01&extended=true"
OLDER_INSTANCE = "/metadata/instance?api-version=2019-06-01"
AGAIN = (404, 408, 410, 429, 500, 502, 503, 504)
SEED = "/sys/firmware/acpi/tables/OEM0"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.chassis_asset_tag == TAG:
        return Evidence(f"the chassis asset tag is {TAG}")
    for path in SEEDS:
        if host.files.has(path):
            return Evidence(f"{path} is there")
    return None


def fetch(probe: Probe) -> Instance:
    where, env = _environment(probe)
    try:
        imds = _imds(probe)
    except Unreachable as problem:
        if not where:
            raise
        probe.warn(f"{problem.reason}; only what is on the disc is known of this machine")
        imds = {}
    compute = section(imds, "compute")
    id = instance_id(probe.host.dmi.product_uuid.lower() or compute.get("vmId"), NAME)
    encoded = compute.get("userData")
    user_data = env.custom_data or (unbase64(encoded, always=True) if isinstance(encoded, str) else b"")
    if section(imds, "extended", "compute").get("hasCustomData") and not env.custom_data:
        probe.warn("the owner gave custom data, which is on no disc that could be read")
    settings = probe.settings
    network = documents.network(
        imds,
        probe.host.nics,
        settings.get("apply_network_config_set_name", True) is not False,
        settings.get("apply_network_config_for_secondary_ips", True) is not False,
    )
    name = section(compute, "osProfile").get("computerName") or env.hostname
    return Instance(
        id,
        subplatform=f"seed-dir ({where})"
        if where.startswith("/var")
        else f"config-disk ({where})"
        if where
        else "imds",
        hostname=host_name(name),
        ssh_keys=documents.openssh_keys(compute) or env.keys,
        user_data=user_data,
        network=network if settings.get("apply_network_config", True) is not False else None,
        metadata={"imds": imds, "instance-id": id, "local-hostname": name},
        config=documents.account(compute, env, id),
        cloud_name="azure",
        platform="azure",
        region=word(compute.get("location")),
        availability_zone=word(compute.get("platformFaultDomain")),
        random_seed=probe.read(SEED) or b"",
    )


def _environment(probe: Probe) -> Tuple[str, documents.Environment]:
    """Where the owner's document is, and what it says; empty where there is none."""
    for where, raw in _documents(probe):
        try:
            return where, documents.environment(raw, where)
        except Absent:
            continue
    return "", documents.Environment()


def _documents(probe: Probe) -> Iterator[Tuple[str, bytes]]:
    for path in SEEDS:
        raw = probe.read(path)
        if raw is not None:
            yield path, raw
    discs = [d.device for d in probe.host.disks if d.type in ("udf", "iso9660")]
    for device in sorted(discs, key=lambda device: (device != "/dev/sr0", device)):
        try:
            raw = _on_disc(probe, device)
        except CloudbootError as problem:
            probe.warn(f"{device}: {problem.reason}")
            continue
        if raw is not None:
            yield device, raw


def _on_disc(probe: Probe, device: str) -> Optional[bytes]:
    from cloudboot.media import open_media

    fd = probe.open_device(device)
    try:
        medium = open_media(fd)
        return next((raw for raw in map(medium.read, FILES) if raw is not None), None)
    finally:
        os.close(fd)


def _imds(probe: Probe) -> Mapping[str, Any]:
    """What the service knows of this machine; Azure Stack's is older than most."""
    from cloudboot.http.reach import reach
    from cloudboot.http.service import Refused

    service = reach(probe, NAME, URLS, attempt=30, again=AGAIN, headers={"Metadata": "true"})
    try:
        return mapping(service.get(INSTANCE), NAME)
    except Refused as refused:
        if refused.status != 400:
            raise
        return mapping(service.get(OLDER_INSTANCE), NAME)
    finally:
        service.close()


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The system's UUID is the id. Kernels before 4.15, and firmware of the first generation, write it otherwise."""
    return same_uuid(host.dmi.product_uuid, instance.id) if host.dmi.product_uuid else None


DATASOURCE = Datasource(
    "azure",
    "Microsoft Azure",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    updates=("boot-new-instance", "boot"),
    signs=f"the chassis asset tag {TAG}, which all of Azure's machines have",
    clues={"chassis_asset_tag": (TAG,), "files": SEEDS},
)
