"""scaleway: Scaleway's virtual machines and bare metal.

    datasource:
      Scaleway:
        metadata_urls: ["http://169.254.42.42", "http://[fd00:42::42]"]
        timeout: 10
        retries: 3

User-data is only given to a client whose port is below 1024, which is root's to use. At the end of each boot the
machine's state is told. Sources: Scaleway's "Instance metadata"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.metadata import host_name, instance_id, mapping, records, section, ssh_keys, vendor_parts, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

NAME = "Scaleway metadata"
URLS = ("http://169.254.42.42", "http://[fd00:42::42]")
PRIVILEGED = range(1, 1024)
CONF, USER, VENDOR = "/conf?format=json", "/user_data/cloud-init", "/vendor_data/cloud-init"
STATE, BOOTED = "/state", b'{"state_detail":"booted"}'
KEY_TAG = "AUTHORIZED_KEY="
ROUTE, GATEWAY = "169.254.42.42/32", "62.210.0.1"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.sys_vendor == "Scaleway":
        return Evidence("the maker is Scaleway")
    if "scaleway" in host.cmdline.split():
        return Evidence("the kernel command line says scaleway")
    for path in ("/var/run/scaleway", "/run/scaleway"):
        if host.files.has(path):
            return Evidence(f"{path} is there")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, URLS, source_ports=PRIVILEGED)
    try:
        meta = mapping(service.get(CONF), NAME)
        user_data = service.find(USER) or b""
        vendor_data = service.find(VENDOR) or b""
    finally:
        service.close()
    zone = word(meta.get("zone")) or word(section(meta, "location").get("zone_id"))
    return Instance(
        instance_id(meta.get("id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")),
        ssh_keys=ssh_keys([*_keys(meta)]),
        user_data=user_data,
        vendor_data=vendor_parts(vendor_data),
        network=network(meta, probe.host),
        metadata=meta,
        cloud_name="scaleway",
        platform="scaleway",
        region=zone.rpartition("-")[0] if zone else None,
        availability_zone=zone,
    )


def _keys(meta: Mapping[str, Any]) -> Iterator[str]:
    """The project's keys, and those in tags, which cannot hold blanks."""
    for key in records(meta.get("ssh_public_keys")):
        yield str(key.get("key", ""))
    tags = meta.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and tag.startswith(KEY_TAG):
            yield tag[len(KEY_TAG) :].replace("_", " ")


def network(meta: Mapping[str, Any], host: Host) -> Optional[Dict[str, Any]]:
    """A version 2 document for the first interface: an address that DHCP gives, others static, and the way to the
    service over any of them."""
    nic = next((n for n in host.nics if n.kind == "physical" and n.up), None)
    if nic is None or "public_ips" not in meta:
        return None
    entry: Dict[str, Any] = {"match": {"macaddress": nic.mac}, "set-name": nic.name, "dhcp4": True}
    addresses: List[str] = []
    routes: List[Dict[str, Any]] = [{"to": ROUTE, "via": GATEWAY, "on-link": True}]
    for ip in records(meta["public_ips"]):
        if not ip.get("address") or ip.get("provisioning_mode") == "dhcp" or ip.get("dynamic"):
            continue
        six = ip.get("family") == "inet6" or ":" in str(ip["address"])
        addresses.append(f"{ip['address']}/{ip.get('netmask') or (64 if six else 32)}")
        if six and ip.get("gateway"):
            routes.append({"to": "::/0", "via": ip["gateway"], "on-link": True})
    entry.update({"addresses": addresses, "routes": routes} if addresses else {"routes": routes[:1]})
    return {"version": 2, "ethernets": {nic.name: entry}}


def _booted(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import thanks

    thanks.offer(system, thanks.service(instance), STATE, BOOTED, "PATCH", {"Content-Type": "application/json"})


DATASOURCE = Datasource(
    "scaleway",
    "Scaleway",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    updates=("boot-new-instance", "boot", "boot-legacy"),
    signals=(Signal("booted", Stage.FINAL, Every.BOOT, _booted),),
    signs="Scaleway as the maker, or on the kernel command line",
    clues={"sys_vendor": ("scaleway",), "cmdline": ("scaleway",), "files": ("/var/run/scaleway", "/run/scaleway")},
)
