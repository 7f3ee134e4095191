"""lxd: installs LXD and sets it up.

    lxd:
      init:
        network_address: 0.0.0.0
        network_port: 8443
        storage_backend: zfs
        storage_pool: datapool
        storage_create_loop: 10
        trust_password: an example of a password
      bridge:
        mode: new
        name: lxdbr0
        ipv4_address: 10.0.8.1
        ipv4_netmask: 24
        ipv4_dhcp_first: 10.0.8.2
        ipv4_dhcp_last: 10.0.8.254
        ipv4_nat: true
        domain: lxd

Or ``preseed`` alone, a document for `lxd init --preseed`. LXD is installed as a snap, and with it what the storage
needs. A new bridge has no address of a family that is not given; an existing one is only what containers are joined to.
Where the kernel has no thin pools, LVM is set up without. ``ipv4_dhcp_leases`` means nothing to LXD any more. All of it
can run again: what is there is brought to what is asked for.
"""

from __future__ import annotations

from cloudboot.admin import packages
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, Choice, Int, SecretText, Text
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

READY_SECONDS, INSTALL_SECONDS = 300, 900.0
TOOLS = {"zfs": ("zfs", "zfsutils-linux"), "lvm": ("lvcreate", "lvm2"), "btrfs": ("mkfs.btrfs", "btrfs-progs")}
"""The program and the package of each storage that LXD does not bring itself."""


class Init(Noun):
    network_address: str = option(Text, default="", help="the address that LXD listens on")
    network_port: Optional[int] = option(Int, default=None, help="the port")
    storage_backend: str = option(Choice("zfs", "dir", "lvm", "btrfs"), default="dir", help="what the storage is")
    storage_create_device: str = option(Text, default="", help="the block device for it")
    storage_create_loop: Optional[int] = option(Int, default=None, help="the size in GiB of a file for it")
    storage_pool: str = option(Text, default="", help="the name of the storage")
    trust_password: Optional[Secret] = option(SecretText, default=None, help="what a new client has to know")


class Bridge(Noun):
    mode: str = option(Choice("none", "existing", "new"), required=True, default="none", help="whether there is one")
    name: str = option(Text, default="lxdbr0", help="its name")
    mtu: int = option(Int(least=-1), default=-1, help="the largest packet; -1 leaves it to LXD")
    ipv4_address: str = option(Text, default="", help="its IPv4 address")
    ipv4_netmask: Optional[int] = option(Int, default=None, help="the length of its prefix")
    ipv4_dhcp_first: str = option(Text, default="", help="the first address to lease")
    ipv4_dhcp_last: str = option(Text, default="", help="the last address to lease")
    ipv4_dhcp_leases: Optional[int] = option(Int, default=None, help="how many addresses to lease")
    ipv4_nat: bool = option(Bool, default=False, help="whether IPv4 is translated")
    ipv6_address: str = option(Text, default="", help="its IPv6 address")
    ipv6_netmask: Optional[int] = option(Int, default=None, help="the length of its prefix")
    ipv6_nat: bool = option(Bool, default=False, help="whether IPv6 is translated")
    domain: str = option(Text, default="", help="the domain of the containers' names")


class Options(Noun):
    _least = 1
    init: Optional[Init] = option(Init, default=None, help="how LXD is set up")
    bridge: Optional[Bridge] = option(Bridge, default=None, help="the network of the containers")
    preseed: str = option(Text, default="", help="a document for `lxd init --preseed`, in place of the others")


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.preseed and (options.init or options.bridge):
        raise CloudbootError("lxd.preseed stands alone", "take lxd.init and lxd.bridge out, or say it all with them")
    _install(system, options, boot)
    if options.preseed:
        _seed(system, options.preseed)
        return
    init, bridge = options.init, options.bridge
    thick = init if init and init.storage_backend == "lvm" and not _has_thin_pools(system, boot) else None
    if thick:
        system.warn(
            "this kernel has no thin pools: LVM is set up without, and copies of containers take their full size"
        )
        _seed_as(system, _thick_storage(thick))
    if init:
        system.run("lxd", "init", "--auto", *_words(init if not thick else init.but(storage_backend="")),
                   timeout=READY_SECONDS)  # fmt: skip
        if init.trust_password:
            _seed_as(system, {"config": {"core.trust_password": init.trust_password.reveal()}})
    if bridge and bridge.mode != "none":
        device = {"name": "eth0", "type": "nic", "nictype": "bridged", "parent": bridge.name}
        new = {"networks": [_network(bridge)]} if bridge.mode == "new" else {}
        _seed_as(system, {**new, "profiles": [{"name": "default", "devices": {"eth0": device}}]})


def _install(system: System, options: Options, boot: Boot) -> None:
    import re

    backends = {options.init.storage_backend} if options.init else set()
    backends.update(re.findall(r"(?m)^[\s-]*driver:\s*[\"']?(zfs|lvm|btrfs)\b", options.preseed))
    missing = [TOOLS[name][1] for name in sorted(backends) if name in TOOLS and not system.which(TOOLS[name][0])]
    if missing:
        packages.ensure(system, boot.host.os, *missing)
    if not system.which("snap"):
        packages.ensure(system, boot.host.os, "snapd")
    if system.query("snap", "list", "lxd").code:
        system.run("snap", "install", "lxd", timeout=INSTALL_SECONDS, stream=True, machine=True)
    system.run("lxd", "waitready", f"--timeout={READY_SECONDS}", timeout=READY_SECONDS + 10.0, machine=True)


def _words(init: Init) -> List[str]:
    """The options of `lxd init`; those of the storage only where it is not set up yet."""
    storage = ("storage_backend", "storage_create_device", "storage_create_loop", "storage_pool")
    names = ("network_address", "network_port", *(storage if init.storage_backend else ()))
    return [f"--{name.replace('_', '-')}={getattr(init, name)}" for name in names if getattr(init, name)]


def _thick_storage(init: Init) -> Dict[str, Any]:
    pool = init.storage_pool or "default"
    config = {"lvm.use_thinpool": "false"}
    if init.storage_create_device:
        config["source"] = init.storage_create_device
    elif init.storage_create_loop:
        config["size"] = f"{init.storage_create_loop}GiB"
    root = {"type": "disk", "path": "/", "pool": pool}
    return {"storage_pools": [{"name": pool, "driver": "lvm", "config": config}],
            "profiles": [{"name": "default", "devices": {"root": root}}]}  # fmt: skip


def _network(bridge: Bridge) -> Dict[str, Any]:
    config: Dict[str, str] = {}
    four = "ipv4", bridge.ipv4_address, bridge.ipv4_netmask or 24, bridge.ipv4_nat
    six = "ipv6", bridge.ipv6_address, bridge.ipv6_netmask or 64, bridge.ipv6_nat
    for family, address, mask, nat in (four, six):
        config[f"{family}.address"] = f"{address}/{mask}" if address else "none"
        if address:
            config[f"{family}.nat"] = str(nat).lower()
    if bridge.ipv4_dhcp_first and bridge.ipv4_dhcp_last:
        config["ipv4.dhcp.ranges"] = f"{bridge.ipv4_dhcp_first}-{bridge.ipv4_dhcp_last}"
    if bridge.domain:
        config["dns.domain"] = bridge.domain
    if bridge.mtu != -1:
        config["bridge.mtu"] = str(bridge.mtu)
    return {"name": bridge.name, "type": "bridge", "config": config}


def _seed_as(system: System, wanted: Mapping[str, Any]) -> None:
    from cloudboot import json

    _seed(system, json.dumps(wanted, indent=1))


def _seed(system: System, document: str) -> None:
    """Brings LXD to what a document says; it may hold passwords."""
    system.run("lxd", "init", "--preseed", stdin=Secret(document), timeout=READY_SECONDS, quiet=True)


def _has_thin_pools(system: System, boot: Boot) -> bool:
    folder = f"/lib/modules/{boot.host.kernel}"
    if "/dm-thin-pool.ko" in (system.text(f"{folder}/modules.builtin") or ""):
        return True
    return any(name.startswith("dm-thin-pool.ko") for name in system.names(f"{folder}/kernel/drivers/md"))


MODULE = Module("lxd", Stage.FINAL, Every.INSTANCE, Options, apply, key="lxd", distros=("ubuntu",),
                after=("landscape", "package_update_upgrade_install"))  # fmt: skip
