"""vultr: Vultr's virtual machines and bare metal.

    datasource:
      Vultr:
        url: http://169.254.169.254
        retries: 30
        timeout: 10

Bare metal is told by ``vultr`` on the kernel command line or by ``/etc/vultr``. Sources: Vultr's "Metadata API"; the
datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.metadata import as_bytes, host_name, instance_id, mapping, records, section, ssh_keys, vendor_parts
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "Vultr metadata"
URLS = ("http://169.254.169.254",)
PATH = "/v1.json"
HEADERS = {"Metadata-Token": "cloudinit"}
RESOLVERS = ["108.61.10.10", "2001:19f0:300:1704::6"]


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.sys_vendor == "Vultr":
        return Evidence("the maker is Vultr")
    if "vultr" in host.cmdline.split():
        return Evidence("the kernel command line says vultr")
    return Evidence("/etc/vultr is there") if host.files.has("/etc/vultr") else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, URLS, headers=HEADERS)
    try:
        meta = dict(mapping(service.get(PATH), NAME))
    finally:
        service.close()
    region = section(meta, "region")
    where = region.get("countrycode") or region.get("regioncode")
    script = as_bytes(meta.pop("startup-script", ""))
    return Instance(
        instance_id(meta.get("instance-v2-id") or meta.get("instanceid"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(meta.get("hostname")) or "guest",
        ssh_keys=ssh_keys(meta.get("public-keys")),
        user_data=as_bytes(meta.get("user-data")),
        vendor_data=(*vendor_parts(meta.get("vendor-data")), *((script,) if script.startswith(b"#") else ())),
        network=network(meta, probe.host),
        metadata=meta,
        cloud_name="vultr",
        platform="vultr",
        region=where.lower() if isinstance(where, str) else None,
    )


def network(meta: Mapping[str, Any], host: Host) -> Optional[Dict[str, Any]]:
    """The version 1 document that Vultr has ready, but for the names; else one made of its interfaces."""
    names = {nic.mac.lower(): nic.name for nic in host.nics}
    ready = meta.get("cloud_interfaces")
    if isinstance(ready, dict) and isinstance(ready.get("config"), list):
        config = [_named(entry, names) for entry in records(ready["config"])]
        return {**ready, "config": config}
    config = [{"type": "nameserver", "address": RESOLVERS}]
    for i, about in enumerate(records(meta.get("interfaces"))):
        mac = str(about.get("mac", "")).lower()
        if mac in names and not (i and about.get("unconfigured")):
            config.append(_interface(about, names[mac], mac, public=i == 0))
    return {"version": 1, "config": config} if len(config) > 1 else None


def _named(entry: Mapping[str, Any], names: Mapping[str, str]) -> Dict[str, Any]:
    name = names.get(str(entry.get("mac_address", "")).lower())
    return {**entry, "name": name} if entry.get("type") == "physical" and name else dict(entry)


def _interface(about: Mapping[str, Any], name: str, mac: str, public: bool) -> Dict[str, Any]:
    """The first has the machine's own address by DHCP and router advertisements, others are static."""
    v4 = section(about, "ipv4")
    subnets: List[Dict[str, Any]] = []
    if public:
        subnets += [{"type": "dhcp", "control": "auto"}, {"type": "ipv6_slaac", "control": "auto"}]
    elif v4.get("address"):
        subnets.append({"type": "static", "address": v4["address"], "netmask": v4.get("netmask")})
    for more in records(v4.get("additional")):
        subnets.append({"type": "static", "address": more.get("address"), "netmask": more.get("netmask")})
    for more in records(section(about, "ipv6").get("additional")):
        subnets.append({"type": "static6", "address": f"{more.get('network')}/{more.get('prefix', 64)}"})
    entry: Dict[str, Any] = {"type": "physical", "name": name, "mac_address": mac, "subnets": subnets}
    if public:
        entry["accept-ra"] = True
    entry.update({key: about[key] for key in ("mtu", "accept-ra") if key in about})
    return entry


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The serial number is the older id, which is kept beside the newer one."""
    old = str(instance.metadata.get("instanceid", ""))
    return host.dmi.product_serial == old if host.dmi.sys_vendor == "Vultr" and old else None


DATASOURCE = Datasource(
    "vultr",
    "Vultr",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    signs="Vultr as the maker, or on the kernel command line",
    clues={"sys_vendor": ("vultr",), "cmdline": ("vultr",), "files": ("/etc/vultr",)},
)
