"""cloudstack: Apache CloudStack, whose virtual routers serve EC2's tree and passwords.

    datasource:
      CloudStack:
        metadata_url: http://192.0.2.1
        max_wait: 120
        timeout: 10

The router is the server that gave the DHCP lease, or the default router; where neither is known, the host
``data-server``. It wants the slash at the end of ``meta-data/``. Sources: CloudStack's "User data and meta data"; the
datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Absent
from cloudboot.http.domu import password
from cloudboot.metadata import host_name, instance_id, ssh_keys, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Iterator, List, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

NAME = "CloudStack metadata"
TOP, PORT = "/latest", 8080
LEASES = (
    ("/run/systemd/netif/leases", "SERVER_ADDRESS=", "DOMAINNAME="),
    ("/run/NetworkManager/devices", "dhcp_server_identifier=", "domain_name="),
    ("/var/lib/dhcp", "option dhcp-server-identifier ", "option domain-name "),
    ("/var/lib/dhclient", "option dhcp-server-identifier ", "option domain-name "),
)
"""Where the clients of DHCP keep leases, and how each writes who gave one, and the domain."""
ROUTES = "/proc/net/route"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.product_name.startswith("CloudStack"):
        return Evidence("the product is CloudStack's")
    return None


def routers(host: Host) -> List[str]:
    """Addresses that may be the virtual router's, best first."""
    found = [*_lessors(host), *_default(host)]
    return list(dict.fromkeys(f"http://{address}" for address in found)) or ["http://data-server"]


def _lessors(host: Host) -> Iterator[str]:
    """Who gave the leases, the newest of each file."""
    return (told for told in _leased(host, 1) if _address(told))


def _leased(host: Host, which: int) -> Iterator[str]:
    """What the newest lease of each file says, by its place in `LEASES`."""
    for about in LEASES:
        for name in host.files.names(about[0]):
            text = (host.files.read(f"{about[0]}/{name}") or b"").decode("utf-8", "replace")
            lines = [line.strip() for line in text.splitlines()]
            told = [line[len(about[which]) :].strip(" ;\"'") for line in lines if line.startswith(about[which])]
            if told:
                yield told[-1]


def _full(name: Optional[str], host: Host) -> Optional[str]:
    """A short name, in the domain of the lease."""
    domain = host_name(next(_leased(host, 2), "").split(" ")[0])
    return f"{name}.{domain}" if name and domain and "." not in name else name


def _default(host: Host) -> Iterator[str]:
    for line in (host.files.read(ROUTES) or b"").decode("ascii", "replace").splitlines()[1:]:
        words = line.split()
        if len(words) > 2 and words[1] == "00000000" and len(words[2]) == 8 and words[2] != "00000000":
            yield ".".join(str(b) for b in reversed(bytes.fromhex(words[2])))


def _address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(p.isdecimal() and int(p) < 256 for p in parts)


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach
    from cloudboot.http.tree import walk

    service = reach(probe, NAME, routers(probe.host))
    try:
        tree = walk(service.find_all, f"{TOP}/meta-data/")
        user_data = service.find(f"{TOP}/user-data") or b""
    finally:
        service.close()
    passwords = f"http://{service.place.host}:{probe.settings.get('password_server_port', PORT)} /"
    if not tree:
        raise Absent(f"{NAME}: the router has nothing for this machine")
    config = password(probe, NAME, passwords)
    return Instance(
        instance_id(tree.get("instance-id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        hostname=_full(host_name(tree.get("local-hostname")), probe.host),
        ssh_keys=ssh_keys(tree.get("public-keys")),
        user_data=user_data,
        metadata={**tree, "password-server": passwords} if config else tree,
        config=config,
        cloud_name="cloudstack",
        platform="cloudstack",
        availability_zone=word(tree.get("availability-zone")),
    )


def _password_is_set(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import thanks

    thanks.password_is_set(system, probe, instance)


DATASOURCE = Datasource(
    "cloudstack",
    "Apache CloudStack",
    Needs.NETWORK,
    detect,
    fetch,
    signals=(Signal("password", Stage.NETWORK, Every.BOOT, _password_is_set, lambda told: bool(told.config)),),
    signs="a product whose name begins with CloudStack",
    clues={"product_name": ("cloudstack",)},
    settings={
        "password_server_port": Setting("number", "the port that the router serves passwords on", "8080"),
    },
)
