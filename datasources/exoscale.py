"""exoscale: Exoscale, whose tree is EC2's, with a server of passwords beside it.

    datasource:
      Exoscale:
        metadata_url: http://169.254.169.254
        password_server_port: 8080
        max_wait: 120
        timeout: 10

Sources: Exoscale's "Instance metadata"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.http.domu import password
from cloudboot.metadata import host_name, instance_id, section, ssh_keys, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

NAME = "Exoscale metadata"
ADDRESS = "http://169.254.169.254"
TOP, PORT = "/1.0", 8080


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.product_name.startswith("Exoscale"):
        return Evidence("the product is Exoscale's")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach
    from cloudboot.http.tree import walk

    service = reach(probe, NAME, [ADDRESS])
    try:
        tree = walk(service.find_all, f"{TOP}/meta-data/")
        user_data = service.find(f"{TOP}/user-data") or b""
    finally:
        service.close()
    passwords = f"http://{service.place.host}:{probe.settings.get('password_server_port', PORT)} {TOP}/"
    config = password(probe, NAME, passwords)
    return Instance(
        instance_id(tree.get("instance-id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(tree.get("local-hostname")),
        ssh_keys=ssh_keys(tree.get("public-keys")),
        user_data=user_data,
        metadata={**tree, "password-server": passwords} if config else tree,
        config=config,
        cloud_name="exoscale",
        platform="exoscale",
        availability_zone=word(section(tree, "placement").get("availability-zone") or tree.get("availability-zone")),
    )


def _password_is_set(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import thanks

    thanks.password_is_set(system, probe, instance)


DATASOURCE = Datasource(
    "exoscale",
    "Exoscale",
    Needs.NETWORK,
    detect,
    fetch,
    signals=(Signal("password", Stage.NETWORK, Every.BOOT, _password_is_set, lambda told: bool(told.config)),),
    signs="a product whose name begins with Exoscale",
    clues={"product_name": ("exoscale",)},
    settings={
        "password_server_port": Setting("number", "the port of the server of passwords", "8080"),
    },
)
