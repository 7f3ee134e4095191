"""What a NetworkManager connection says of its kind of device: hardware, bond, bridge, vlan, tunnel and their kin."""

from __future__ import annotations

from cloudboot.network.losses import unmatched
from cloudboot.network.parameters import bond_word, words
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Mapping

    from cloudboot.network.ini import Ini
    from cloudboot.network.model import Device

TARGET = "NetworkManager"
TYPES = {"physical": "ethernet", "infiniband": "infiniband", "bond": "bond", "bridge": "bridge", "vlan": "vlan",
         "vrf": "vrf", "dummy": "dummy", "veth": "veth", "loopback": "loopback", "tunnel": ""}  # fmt: skip
TUNNEL_MODES = {"ipip": 1, "gre": 2, "sit": 3, "isatap": 4, "vti": 5, "ip6ip6": 6, "ipip6": 7, "ip6gre": 8, "vti6": 9,
                "gretap": 10, "ip6gretap": 11}  # fmt: skip
BRIDGE = (("stp", "stp"), ("bridgeprio", "priority"), ("ageing", "ageing-time"), ("fd", "forward-delay"),
          ("hello", "hello-time"), ("maxage", "max-age"))  # fmt: skip
PORT = (("pathcost", "path-cost"), ("portprio", "priority"))
VXLAN = (("id", "id"), ("local", "local"), ("remote", "remote"), ("ttl", "ttl"), ("type-of-service", "tos"),
         ("ageing", "ageing"), ("aging", "ageing"), ("limit", "limit"), ("mac-learning", "learning"),
         ("arp-proxy", "proxy"), ("short-circuit", "rsc"), ("port", "destination-port"))  # fmt: skip
MAGIC = 64
RANGES = {"priority": (0, 65535), "ageing-time": (0, 1000000), "forward-delay": (2, 30), "hello-time": (1, 10),
          "max-age": (6, 40)}  # fmt: skip
IDLE = ("forward-delay", "hello-time", "max-age")
"""What may be 0 on a bridge that spans no tree."""
BY_ARP = ("arp_interval", "arp_ip_target", "arp_validate", "arp_all_targets")


def own_sections(
    file: Ini, device: Device, named: Mapping[str, Device], uuid: Callable[[Device], str], warnings: List[str]
) -> None:
    """Adds the sections of a device's kind; what they cannot hold is added to ``warnings``."""
    hardware = "infiniband" if device.kind == "infiniband" else "ethernet"
    if device.kind in ("physical", "infiniband") and not file.has(hardware):
        file.new(hardware)
    file.add(hardware, "mtu", next((s.mtu for s in device.subnets if s.mtu and not s.v6), device.mtu))
    if device.kind in ("physical", "infiniband"):
        file.add(hardware, "mac-address", device.match.mac.upper().replace("-", ":"))
    file.add(*(("bridge", "mac-address") if device.kind == "bridge" else (hardware, "cloned-mac-address")),
             device.mac.upper())  # fmt: skip
    file.add("ethernet", "wake-on-lan", MAGIC if device.wakeonlan else None)
    if device.kind == "infiniband":
        file.add("infiniband", "transport-mode", device.settings.get("infiniband-mode", "datagram"))
    elif device.kind == "bond":
        _bond(file, device, warnings)
    elif device.kind == "bridge":
        _bridge(file, device, warnings)
    elif device.kind == "vlan":
        parent = named.get(device.link)
        file.add("vlan", "id", device.vlan_id)
        file.add("vlan", "parent", uuid(parent) if parent else device.link)
    elif device.kind == "vrf":
        file.add("vrf", "table", device.options.get("table"))
    elif device.kind == "veth":
        file.add("veth", "peer", device.options.get("peer"))
    elif device.kind == "tunnel":
        _tunnel(file, device, warnings)
    elif device.kind in ("dummy", "loopback"):
        file.new(device.kind)
    bridge = named.get(device.bridge)
    for option, key in PORT:
        file.add("bridge-port", key, (bridge.parameters.get(option) or {}).get(device.name) if bridge else None)


def _bond(file: Ini, device: Device, warnings: List[str]) -> None:
    idle = set(_idle(device.parameters))
    kept = {name: value for name, value in device.parameters.items() if name not in idle}
    warnings.extend(f"{device.id}: {name}: {TARGET} refuses it in a bond of these options; left out"
                    for name in device.parameters if name in idle)  # fmt: skip
    if not kept:
        file.new("bond")
    for name, value in kept.items():
        file.add("bond", name, words(value))


def _idle(said: Mapping[str, Any]) -> Iterator[str]:
    """Options that a bond of this mode has no use for, or has another way for. The kernel passes over them, where
    NetworkManager refuses the whole connection."""
    mode = str(bond_word("mode", said.get("mode", "balance-rr")))
    if mode not in ("active-backup", "balance-tlb", "balance-alb"):
        yield "primary"
    if mode != "802.3ad" and bond_word("lacp_rate", said.get("lacp_rate")) == "fast":
        yield "lacp_rate"
    if str(said.get("miimon", "")) == "0":
        yield from (name for name in ("updelay", "downdelay") if str(said.get(name, 0)) != "0")
    watched = all(str(said.get(name, "0")) not in ("0", "()", "") for name in ("arp_interval", "arp_ip_target"))
    if not watched or mode in ("802.3ad", "balance-tlb", "balance-alb") or str(said.get("miimon", "0")) != "0":
        yield from BY_ARP


def _bridge(file: Ini, device: Device, warnings: List[str]) -> None:
    held = {*(option for option, _ in BRIDGE), *(option for option, _ in PORT)}
    warnings.extend(unmatched(device.parameters, held, device, TARGET))
    if not any(option in device.parameters for option, _ in BRIDGE):
        file.new("bridge")
    for option, key in BRIDGE:
        value = device.parameters.get(option)
        low, high = RANGES.get(key, (0, 0))
        number = int(str(value)) if key in RANGES and str(value).isdigit() else low
        if low <= number <= high or (number == 0 and key in IDLE and device.parameters.get("stp") is False):
            file.add("bridge", key, _true(value))
        else:
            warnings.append(f"{device.id}: {option}: {TARGET} takes {low} to {high}; left out")


def _tunnel(file: Ini, device: Device, warnings: List[str]) -> None:
    options, mode = device.options, str(device.options.get("mode"))
    if mode == "wireguard":
        _wireguard(file, options)
    elif mode == "vxlan":
        for option, key in VXLAN:
            file.add("vxlan", key, _true(options.get(option)))
        file.add("vxlan", "parent", device.link)
    elif mode in TUNNEL_MODES:
        file.add("ip-tunnel", "mode", TUNNEL_MODES[mode])
        for key in ("local", "remote", "ttl"):
            file.add("ip-tunnel", key, options.get(key))
        keys = options.get("keys", options.get("key"))
        both = keys if isinstance(keys, dict) else {"input": keys, "output": keys}
        file.add("ip-tunnel", "input-key", both.get("input"))
        file.add("ip-tunnel", "output-key", both.get("output"))
    else:
        warnings.append(f"{device.id}: mode: {TARGET} knows no such tunnel; nothing builds it")


def _wireguard(file: Ini, options: Mapping[str, Any]) -> None:
    keys = options.get("keys", options.get("key"))
    file.add("wireguard", "private-key", keys.get("private") if isinstance(keys, dict) else keys)
    file.add("wireguard", "listen-port", options.get("port"))
    file.add("wireguard", "fwmark", options.get("mark"))
    for peer in options.get("peers") or ():
        known = peer.get("keys") if isinstance(peer, dict) else None
        if not isinstance(known, dict):
            continue
        allowed = "".join(f"{a};" for a in peer.get("allowed-ips") or ())
        file.new(f"wireguard-peer.{known.get('public')}", ("endpoint", peer.get("endpoint")),
                 ("persistent-keepalive", peer.get("keepalive")), ("preshared-key", known.get("shared")),
                 ("preshared-key-flags", 0 if known.get("shared") else None), ("allowed-ips", allowed))  # fmt: skip


def _true(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
