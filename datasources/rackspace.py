"""rackspace: Rackspace's Cloud Servers on Xen, told by their host through xenstore.

    datasource:
      Rackspace:
        apply_network_config: true
        agent_seconds: 30

Name, network and place come from xenstore; keys, user-data and vendor-data from a config drive, where the owner asked
for one. At the end of the first boot the host, which may have a password and files for this machine, is given
``agent_seconds`` to say so (0: it is not listened to), and at that of each later one what waits is done. Newer flavours
are OpenStack without xenstore, and none of this datasource's. Source: the agents that Rackspace published; "Rackspace
Cloud Servers" in the datasources reference.
"""

from __future__ import annotations

from cloudboot import json
from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Absent, CloudbootError, Unreachable
from cloudboot.metadata import from_json, host_name, instance_id, number
from cloudboot.metadata import openstack as documents
from cloudboot.network.from_rackspace import rackspace_network
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

PROVIDER, REGION = "vm-data/provider_data/provider", "vm-data/provider_data/region"
NAME, HOSTNAME, GROW = "name", "vm-data/hostname", "vm-data/auto-disk-config"
NETWORKING, METADATA = "vm-data/networking", "vm-data/user-metadata"
PREFIX = "instance-"
AGENT_SECONDS, AGENT_PAUSE = 30, 15.0
NOTE = "listened"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    """Only a Xen guest is asked for the key: elsewhere there is nobody to ask."""
    if host.container or not (host.virt == "xen" or host.files.line("/sys/hypervisor/type") == "xen"):
        return None
    if _text(host, PROVIDER).lower() == "rackspace":
        return Evidence(f"xenstore has Rackspace as {PROVIDER}")
    return None


def fetch(probe: Probe) -> Instance:
    host = probe.host
    if detect(host, probe.settings) is None:
        raise Absent("xenstore does not say that this is Rackspace")
    name = _text(host, NAME)
    id = name[len(PREFIX) :] if name.startswith(PREFIX) else name or host.dmi.product_uuid.lower()
    base = _drive(probe) or Instance(instance_id(id, "xenstore"))
    interfaces = _interfaces(probe)
    network = rackspace_network(interfaces, host.nics) or base.network
    told = {key: _value(host, f"{METADATA}/{key}") for key in host.xenstore.names(METADATA)}
    grow = _text(host, GROW)
    return base.but(
        id=instance_id(id, "xenstore"),
        subplatform="xenstore",
        hostname=host_name(_text(host, HOSTNAME)) or base.hostname,
        network=network if probe.settings.get("apply_network_config", True) is not False else None,
        metadata={**base.metadata, "user-metadata": told, "networking": interfaces},
        config={"growpart": {"mode": "off"}, "resize_rootfs": False} if grow == "False" else {},
        cloud_name="rackspace",
        platform="xenstore",
        region=_text(host, REGION) or None,
    )


def _text(host: Host, key: str) -> str:
    return (host.xenstore.read(key) or b"").decode("utf-8", "replace").strip()


def _value(host: Host, key: str) -> Any:
    """An item of the owner's metadata: JSON when it was there at first boot, plain text when it was set later."""
    text = _text(host, key)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _interfaces(probe: Probe) -> List[Dict[str, Any]]:
    found = []
    for mac in probe.host.xenstore.names(NETWORKING):
        raw = probe.host.xenstore.read(f"{NETWORKING}/{mac}") or b""
        try:
            about = from_json(raw, f"xenstore: {NETWORKING}")
        except Unreachable as problem:
            probe.warn(f"{problem.reason}; this interface is left out")
            continue
        if isinstance(about, dict):
            found.append(about)
    return found


def _drive(probe: Probe) -> Optional[Instance]:
    """What the config drive has, None without one, or with a broken one."""
    for disk in documents.drives(probe.host):
        try:
            return documents.on_drive(probe.open_device, disk.device, probe.host.nics, probe.warn)
        except CloudbootError as problem:
            probe.warn(f"{disk.device}: {problem.reason}; it is left out")
    return None


def _listen(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import nova_agent

    seconds = number(probe.settings.get("agent_seconds"))
    if seconds == 0:
        return
    known = probe.notes.get(NOTE) == instance.id
    probe.waiting("requests of the host, in xenstore", 0.0)
    nova_agent.listen(system, probe.host, 0.0 if known else float(seconds or AGENT_SECONDS), AGENT_PAUSE)
    probe.remember(NOTE, instance.id)


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The domain's name is the server's id."""
    name = _text(host, NAME)
    return name == PREFIX + instance.id if name.startswith(PREFIX) else None


DATASOURCE = Datasource(
    "rackspace",
    "Rackspace Cloud Servers (xenstore)",
    Needs.NOTHING,
    detect,
    fetch,
    same,
    signals=(Signal("agent", Stage.FINAL, Every.BOOT, _listen),),
    signs=f"a Xen guest whose xenstore has Rackspace as {PROVIDER}",
    clues={"files": ("/sys/hypervisor/type",), "virt": ("xen",)},
    settings={
        "apply_network_config": Setting("true or false", "take the network from xenstore", "true"),
        "agent_seconds": Setting("seconds", "how long the host may take to ask for something at first boot", "30"),
    },
)
