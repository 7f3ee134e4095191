"""rbxcloud: HyperOne and Rootbox, whose machines have a FAT disk ``CLOUDMD``.

    datasource:
      RbxCloud: {}

Source: the datasources reference.
"""

from __future__ import annotations

import os
from time import monotonic

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Absent
from cloudboot.metadata import host_name, instance_id, mapping, records, section, ssh_keys, word
from cloudboot.network.from_rackspace import prefix
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System
    from cloudboot.values import Disk

LABELS = ("CLOUDMD", "cloudmd")
META, USER = "cloud.json", "user.data"
ANNOUNCE_SECONDS = 20.0
"""For all the routers together, which may not be there at all."""


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    disk = _disk(host)
    return Evidence(f"{disk.device} is labelled {disk.label}") if disk else None


def _disk(host: Host) -> Optional[Disk]:
    return next((d for d in host.disks if d.label in LABELS and d.type in ("vfat", "")), None)


def fetch(probe: Probe) -> Instance:
    from cloudboot.media import open_media

    disk = _disk(probe.host)
    if disk is None:
        raise Absent("no disk is labelled CLOUDMD")
    fd = probe.open_device(disk.device)
    try:
        medium = open_media(fd)
        raw, user_data = medium.read(META), medium.read(USER)
    finally:
        os.close(fd)
    if raw is None:
        raise Absent(f"{disk.device}: it holds no {META}")
    meta = mapping(raw, f"{disk.device}: {META}")
    more, vm = section(meta, "additionalMetadata"), section(meta, "vm")
    user: Dict[str, Any] = {}
    if word(more.get("username")):
        user["name"] = more["username"]
    hashed = word(section(more, "password").get("sha512"))
    if hashed:
        user.update(hashed_passwd=hashed, lock_passwd=False)
    return Instance(
        instance_id(vm.get("_id"), f"{disk.device}: {META}"),
        subplatform=f"config-disk ({disk.device})",
        hostname=host_name(vm.get("name")),
        ssh_keys=ssh_keys(more.get("sshKeys")),
        user_data=user_data or b"",
        network=network(meta, probe.host),
        metadata={key: value for key, value in meta.items() if key != "additionalMetadata"},
        config={"ssh_pwauth": True, "system_info": {"default_user": user}} if user else {},
        cloud_name="rbxcloud",
        platform="rbxcloud",
    )


def network(meta: Mapping[str, Any], host: Host) -> Optional[Dict[str, Any]]:
    """A version 1 document for the interfaces that both sides have."""
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    config: List[Dict[str, Any]] = []
    for nic in records(meta.get("netadp")):
        mac = str(nic.get("macaddress", "")).lower()
        if mac not in names:
            continue
        about = section(nic, "network")
        subnets: List[Dict[str, Any]] = []
        for ip in records(nic.get("ip")):
            subnet: Dict[str, Any] = {
                "type": "static",
                "address": f"{ip.get('address')}/{prefix(about.get('netmask'), 32)}",
            }
            servers = section(about, "dns").get("nameservers")
            subnet.update({"gateway": about["gateway"]} if about.get("gateway") else {})
            subnet.update({"dns_nameservers": servers} if isinstance(servers, list) else {})
            subnets.append(subnet)
        config.append({"type": "physical", "name": names[mac], "mac_address": mac, "subnets": subnets})
    return {"version": 1, "config": config} if config else None


def _announce(system: System, probe: Probe, instance: Instance) -> None:
    """Tells the routers of each network, which may know another machine by an address, whose it is now."""
    if not system.which("arping"):
        return
    end = monotonic() + ANNOUNCE_SECONDS
    for entry in records((instance.network or {}).get("config")):
        for subnet in records(entry.get("subnets")):
            address, gateway = str(subnet.get("address", "")).partition("/")[0], str(subnet.get("gateway", ""))
            for router in _routers(gateway) if address[:1].isdecimal() and gateway[:1].isdecimal() else ():
                if monotonic() >= end:
                    system.warn("not all routers were told which addresses are this machine's: it took too long")
                    return
                for option in ("-s", "-S"):  # there are two programs of this name
                    if not system.run("arping", "-c", "2", option, address, router, timeout=5, check=False).code:
                        break


def _routers(gateway: str) -> List[str]:
    """The gateway, and the two and three addresses behind it, which stand in for it."""
    front, dot, last = gateway.rpartition(".")
    return [f"{front}.{int(last) + n}" for n in (0, 2, 3) if int(last) + n < 255] if dot and last.isdecimal() else []


DATASOURCE = Datasource(
    "rbxcloud",
    "HyperOne and Rootbox",
    Needs.NOTHING,
    detect,
    fetch,
    updates=("boot-new-instance", "boot", "boot-legacy"),
    signals=(Signal("addresses", Stage.NETWORK, Every.BOOT, _announce, lambda told: bool(told.network)),),
    signs="a FAT disk labelled CLOUDMD",
    clues={"disks": ("cloudmd",)},
)
