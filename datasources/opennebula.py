"""opennebula: the context disc of OpenNebula, a shell script of assignments, which is read and never run.

    datasource:
      OpenNebula:
        dsmode: local

A disc labelled ``CONTEXT`` (or ``CDROM``) holds ``context.sh``; a folder of the image may be a seed:
``/var/lib/cloud/seed/opennebula``. Values are in quotes: ``KEY='it'\\''s'``. Without ``VMID`` all machines have the
same id, as they always had. Sources: OpenNebula's "Contextualization"; the datasources reference.
"""

from __future__ import annotations

import os

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Absent, CloudbootError, Invalid
from cloudboot.metadata import host_name, instance_id, ssh_keys, unbase64
from cloudboot.metadata.assignments import assignments
from cloudboot.network.from_opennebula import opennebula_network
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Optional, Tuple

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

SEEDS = ("/var/lib/cloudboot/seed/opennebula", "/var/lib/cloud/seed/opennebula")
FILE, TOKEN = "context.sh", "token.txt"
LABELS = ("CONTEXT", "CDROM")
DEFAULT_ID = "iid-dsopennebula"
NAMES = ("SET_HOSTNAME", "HOSTNAME", "PUBLIC_IP", "IP_PUBLIC", "ETH0_IP")


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    for top in SEEDS:
        if host.files.has(f"{top}/{FILE}"):
            return Evidence(f"{top} holds {FILE}")
    for disk in host.disks:
        if disk.label == LABELS[0]:
            return Evidence(f"{disk.device} is labelled {LABELS[0]}")
    return None


def fetch(probe: Probe) -> Instance:
    for where, raw in _files(probe, FILE):
        try:
            return _instance(assignments(raw.decode("utf-8", "replace")), where, probe)
        except Invalid as problem:
            probe.warn(f"{where}: {FILE}: {problem}")
    raise Absent(f"no disc holds {FILE}")


def _files(probe: Probe, name: str) -> Iterator[Tuple[str, bytes]]:
    for top in SEEDS:
        raw = probe.read(f"{top}/{name}")
        if raw is not None:
            yield top, raw
    for disk in sorted(
        (d for d in probe.host.disks if d.label in LABELS), key=lambda d: (LABELS.index(d.label), d.device)
    ):
        try:
            raw = _on_disc(probe, disk.device, name)
        except CloudbootError as problem:
            probe.warn(f"{disk.device}: {problem.reason}")
            continue
        if raw is not None:
            yield disk.device, raw


def _on_disc(probe: Probe, device: str, name: str) -> Optional[bytes]:
    from cloudboot.media import open_media

    fd = probe.open_device(device)
    try:
        return open_media(fd).read(name)
    finally:
        os.close(fd)


def _instance(context: Mapping[str, str], where: str, probe: Probe) -> Instance:
    mode = context.get("DSMODE") or probe.settings.get("dsmode")
    if mode == "disabled":
        raise Absent(f"{where}: its dsmode is disabled")
    text = context.get("USER_DATA") or context.get("USERDATA") or ""
    encoding = context.get("USERDATA_ENCODING") or context.get("USER_DATA_ENCODING")
    name = next((context[k] for k in NAMES if context.get(k)), None)
    return Instance(
        instance_id(context.get("INSTANCE_ID") or context.get("VMID") or DEFAULT_ID, where),
        subplatform=f"{'config-disk' if where.startswith('/dev') else 'seed-dir'} ({where})",
        hostname=host_name(name),
        ssh_keys=ssh_keys(context.get("SSH_KEY") or context.get("SSH_PUBLIC_KEY")),
        user_data=unbase64(text, always=True) if encoding == "base64" else text.encode(),
        network=opennebula_network(context, probe.host.nics),
        metadata={
            k: v for k, v in context.items() if k not in ("USER_DATA", "USERDATA", "PASSWORD", "CRYPTED_PASSWORD")
        },
        cloud_name="opennebula",
        platform="opennebula",
        local=mode != "net",
    )


def _ready(system: System, probe: Probe, instance: Instance) -> None:
    """What ``onegate vm update --data READY=YES`` would say, with the token that is on the disc."""
    token = next((raw for where, raw in _files(probe, TOKEN) if where in instance.subplatform), b"")
    headers = {"X-ONEGATE-TOKEN": token.decode("ascii", "replace").strip(),
               "X-ONEGATE-VMID": str(instance.metadata.get("VMID", ""))}  # fmt: skip
    place, _, path = str(instance.metadata["ONEGATE_ENDPOINT"]).partition("://")[2].partition("/")
    path = f"/{path.strip('/')}/vm" if path.strip("/") else "/vm"
    system.tell(f"http://{place}", path, "READY=YES", method="PUT", headers=headers)


def _wants_to_know(told: Instance) -> bool:
    meta = told.metadata
    return meta.get("REPORT_READY") == "YES" and str(meta.get("ONEGATE_ENDPOINT", "")).startswith("http://")


DATASOURCE = Datasource(
    "opennebula",
    "OpenNebula",
    Needs.NOTHING,
    detect,
    fetch,
    signals=(Signal("ready", Stage.FINAL, Every.BOOT, _ready, _wants_to_know),),
    signs="a disc labelled CONTEXT, or a seed with context.sh",
    clues={"files": tuple(f"{top}/{FILE}" for top in SEEDS), "disks": ("context",)},
    settings={
        "dsmode": Setting("local, net or disabled", "the stage in which the instance begins to act", "local"),
    },
)
