"""openstack: OpenStack's metadata service.

    datasource:
      OpenStack:
        metadata_urls: ["http://169.254.169.254"]
        max_wait: 120
        timeout: 10
        apply_network_config: true
        post_password: false

A config drive, where there is one, says the same without a network, and is asked instead. Machines that are not x86
have no DMI to tell them by, and bare metal of Ironic has no mark at all: name the datasource in the image's
configuration. With ``post_password`` the default user gets a password at the first boot, which ``nova get-password``
shows to the holder of the machine's RSA key. A service that has no documents of OpenStack's own is read as EC2's.
Sources: nova's "Metadata service" pages; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Missing
from cloudboot.metadata import host_name, instance_id, number, same_uuid, section, ssh_keys, word
from cloudboot.metadata import openstack as documents
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Mapping, Optional, Sequence

    from cloudboot.datasource import Probe
    from cloudboot.http.service import Service
    from cloudboot.system.door import System

NAME = "OpenStack metadata"
PASSWORD_URL = "password-url"
"""In the metadata: the service that is to have a password, where the image wants that."""
IPV4, LINK_LOCAL = "http://169.254.169.254", "http://[fe80::a9fe:a9fe%25{}]"
PRODUCTS = ("OpenStack Nova", "OpenStack Compute")
CHASSIS = (*PRODUCTS, "OpenTelekomCloud", "HUAWEICLOUD", "SAP CCloud VM", "Samsung Cloud Platform")
X86 = ("x86_64", "i386", "i486", "i586", "i686", "amd64")


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    """Marks of OpenStack, on a machine without a config drive."""
    if documents.drives(host) or documents.seeds(host):
        return None
    if host.dmi.product_name in PRODUCTS:
        return Evidence(f"the product is {host.dmi.product_name}")
    if host.dmi.chassis_asset_tag in CHASSIS:
        return Evidence(f"the chassis asset tag is {host.dmi.chassis_asset_tag}")
    if b"product_name=OpenStack Nova" in (host.files.read("/proc/1/environ") or b"").split(b"\0"):
        return Evidence("the environment of the first process says OpenStack Nova")
    if host.arch and host.arch not in X86 and not host.container:
        return Evidence(f"{host.arch} machines of OpenStack have no mark", sure=False)
    return None


def urls(host: Host) -> Sequence[str]:
    """The address that every release serves first; over IPv6 the service has one on each link."""
    links = [nic.name for nic in host.nics if nic.kind == "physical" and nic.up]
    return [IPV4, *(LINK_LOCAL.format(name) for name in links)]


def fetch(probe: Probe) -> Instance:
    """The documents of the newest version that both sides know, over one connection."""
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, urls(probe.host))
    try:
        offered = service.find("/openstack")
        version = documents.newest((offered or b"").decode("utf-8", "replace").splitlines()) or "latest"
        # an id of another kind would make this another machine: one 404 is not taken for a service without documents
        if offered is None and service.find(f"/openstack/{version}/meta_data.json") is None:
            instance = _as_ec2(service)
        else:
            find = _asked_at_once(service, version)
            instance = documents.instance(find, version, NAME, probe.host.nics, probe.warn)
            instance = instance.but(metadata={**instance.metadata, **_devices(service)})
    finally:
        service.close()
    if str(probe.settings.get("post_password", False)).lower() == "true":
        instance = instance.but(metadata={**instance.metadata, PASSWORD_URL: service.place.url})
    if str(probe.settings.get("apply_network_config", True)).lower() == "false":
        instance = instance.but(network=None)
    return instance.but(cloud_name="openstack", subplatform=f"metadata (http://{service.place.name})")


def _asked_at_once(service: Service, version: str) -> Callable[[str], Optional[bytes]]:
    """Finds a document by its path on a config drive; all but the files to inject have come together."""
    paths = [f"openstack/{version}/{name}" for name in documents.NAMES]
    known = dict(zip(paths, service.find_all([f"/{path}" for path in paths])))
    known["ec2/latest/meta-data.json"] = None
    return lambda path: known[path] if path in known else service.find(f"/{path}")


def _devices(service: Service) -> Dict[str, Any]:
    """The names of ephemeral disks and swap, which only the EC2 form of the metadata has."""
    from cloudboot.http.tree import walk

    try:
        return {"block-device-mapping": walk(service.find_all, "/latest/meta-data/block-device-mapping/")}
    except Missing:
        return {}


def _as_ec2(service: Service) -> Instance:
    from cloudboot.http.tree import walk

    tree = walk(service.find_all, "/latest/meta-data/")
    return Instance(
        instance_id(tree.get("instance-id"), NAME),
        hostname=host_name(tree.get("local-hostname")) or host_name(tree.get("hostname")),
        ssh_keys=ssh_keys(tree.get("public-keys")),
        user_data=service.find("/latest/user-data") or b"",
        metadata=tree,
        platform="openstack",
        availability_zone=word(section(tree, "placement").get("availability-zone")),
        launch_index=number(tree.get("ami-launch-index")),
    )


def _post_password(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds.openstack_password import post

    post(system, probe, instance, str(instance.metadata[PASSWORD_URL]))


def same(host: Host, instance: Instance) -> Optional[bool]:
    """Nova gives a virtual machine its own id as the system's UUID; bare metal keeps its maker's."""
    return same_uuid(host.dmi.product_uuid, instance.id) or None


DATASOURCE = Datasource(
    "openstack",
    "OpenStack metadata service",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    signs="OpenStack as the product or chassis, and no config drive",
    clues={
        "product_name": ("openstack",),
        "chassis_asset_tag": tuple(mark.lower() for mark in CHASSIS),
        "environ": ("openstack nova",),
        "other-arch": X86,
    },
    signals=(
        Signal("password", Stage.FINAL, Every.INSTANCE, _post_password, lambda told: PASSWORD_URL in told.metadata),
    ),
    settings={
        "post_password": Setting("true or false", "make a password and post it, encrypted", "false"),
        "apply_network_config": Setting("true or false", "take the network from the service", "true"),
    },
)
