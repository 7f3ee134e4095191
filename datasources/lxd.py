"""lxd: LXD and Incus, which talk to their containers and machines over a socket.

    datasource:
      LXD:
        metadata_url: unix:///dev/lxd/sock

Of ``cloud-init.user-data`` and ``user.user-data`` the first counts where both are there; the same holds for
vendor-data and network-config. A virtual machine has no socket before LXD's own agent has started. At the end of each
boot LXD is told that the instance is ready. Sources: LXD's "devlxd" API; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import NotYet, Unreachable
from cloudboot.metadata import from_json, from_yaml, host_name, instance_id, mapping, ssh_keys
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.http.service import Service
    from cloudboot.system.door import System

NAME = "LXD"
SOCKETS = ("/dev/lxd/sock", "/dev/incus/sock")
PORTS = "/sys/class/virtio-ports"
PORT_NAMES = ("com.canonical.lxd", "org.linuxcontainers.lxd", "org.linuxcontainers.incus")
CONFIG = "/1.0/config"
DOCUMENTS = ("user-data", "vendor-data", "network-config")
READY = b'{"state":"Ready"}'
KEYS = "cloud-init.ssh-keys."
MOST_KEYS = 200


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    for path in SOCKETS:
        if host.files.has(path):
            return Evidence(f"{path} is there")
    if host.virt in ("kvm", "qemu"):
        for name in host.files.names(PORTS):
            if host.files.line(f"{PORTS}/{name}/name") in PORT_NAMES:
                return Evidence(f"the virtio port {name} is LXD's")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    host = probe.host
    paths = [path for path in SOCKETS if host.files.has(path)]
    if not paths and probe.stage == "local":
        raise NotYet("LXD's agent has not started")
    urls = [f"unix://{host.root.rstrip('/')}{path}" for path in paths or SOCKETS]
    service = reach(probe, NAME, urls, budget=60)
    try:
        about = mapping(service.get("/1.0"), NAME)
        meta = from_yaml(service.get("/1.0/meta-data"), NAME)
        config = _config(service)
        devices = from_json(service.find("/1.0/devices") or b"{}", NAME)
    finally:
        service.close()
    if not isinstance(meta, dict):
        raise Unreachable(f"{NAME}: its meta-data is no mapping")
    given = {name: config.get(f"cloud-init.{name}") or config.get(f"user.{name}") or "" for name in DOCUMENTS}
    network = _network(given["network-config"], probe)
    vendor = given["vendor-data"].encode()
    return Instance(
        instance_id(meta.get("instance-id"), NAME),
        subplatform=f"LXD socket API v. {about.get('api_version', '1.0')} ({service.place.host})",
        hostname=host_name(meta.get("local-hostname")),
        ssh_keys=ssh_keys([meta.get("public-keys") or meta.get("public_keys") or "", *_keys(config, probe.user)]),
        user_data=given["user-data"].encode(),
        vendor_data=(vendor,) if vendor else (),
        network=network,
        metadata={**meta, "1.0": about, "config": config, "devices": devices},
        cloud_name="lxd",
        platform="lxd",
    )


def _config(service: Service) -> Dict[str, str]:
    """The keys that an instance may see, and what they hold."""
    listed = from_json(service.find(CONFIG) or b"[]", NAME)
    found: Dict[str, str] = {}
    for path in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        if isinstance(path, str) and path.startswith(f"{CONFIG}/") and path.isprintable() and " " not in path:
            raw = service.find(path)
            if raw is not None:
                found[path[len(CONFIG) + 1 :]] = raw.decode("utf-8", "replace")
    return found


def _keys(config: Mapping[str, str], user: str) -> Iterator[str]:
    """``cloud-init.ssh-keys.NAME`` is ``USER:KEY``; those of the default user count, the others' accounts are not ours
    to make. An id at Launchpad or GitHub in the place of a key is for ``ssh_import_id``."""
    for name, value in config.items():
        who, colon, key = value.partition(":")
        if name.startswith(KEYS) and colon and who.strip() == user and " " in key.strip():
            yield key.strip()


def _network(text: str, probe: Probe) -> Optional[Mapping[str, Any]]:
    if not text.strip():
        return None
    try:
        document = from_yaml(text.encode(), f"{NAME}: network-config")
    except Unreachable as problem:
        probe.warn(f"{problem.reason}; the network is set up without it")
        return None
    if isinstance(document, dict) and isinstance(document.get("network"), dict):
        document = document["network"]
    return document if isinstance(document, dict) else None


def _ready(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import thanks

    thanks.offer(system, thanks.service(instance), "/1.0", READY, "PATCH", {"Content-Type": "application/json"})


DATASOURCE = Datasource(
    "lxd",
    "LXD and Incus",
    Needs.NOTHING,
    detect,
    fetch,
    aliases=("incus",),
    signals=(Signal("ready", Stage.FINAL, Every.BOOT, _ready),),
    signs=f"the socket {SOCKETS[0]}, or a virtio port of LXD's",
    clues={"files": SOCKETS, "virtio-ports": PORT_NAMES},
)
