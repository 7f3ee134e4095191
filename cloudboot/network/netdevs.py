"""systemd.netdev(5) files: what networkd builds of software, bonds, bridges, vlans, tunnels and their kin."""

from __future__ import annotations

from cloudboot.network import HEADER
from cloudboot.network.addresses import is_v6
from cloudboot.network.ini import Ini
from cloudboot.network.losses import unmatched
from cloudboot.network.parameters import BOND, BRIDGE, MILLISECONDS, SWITCHES, bond_word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileSpec

if TYPE_CHECKING:
    from typing import Any, List, Mapping, Optional, Sequence

    from cloudboot.network.model import Device

TARGET = "networkd"
KINDS = {"bond": "bond", "bridge": "bridge", "vlan": "vlan", "vrf": "vrf", "dummy": "dummy", "veth": "veth"}
TUNNELS = {mode: mode for mode in ("sit", "gre", "gretap", "ip6gre", "ip6gretap", "ipip", "vti", "vti6", "vxlan",
                                   "wireguard")}  # fmt: skip
TUNNELS.update({"ipip6": "ip6tnl", "ip6ip6": "ip6tnl"})
VXLAN = (("id", "VNI"), ("local", "Local"), ("ttl", "TTL"), ("type-of-service", "TOS"), ("ageing", "FDBAgeingSec"),
         ("aging", "FDBAgeingSec"), ("limit", "MaximumFDBEntries"), ("mac-learning", "MacLearning"),
         ("arp-proxy", "ReduceARPProxy"), ("short-circuit", "RouteShortCircuit"), ("port", "DestinationPort"),
         ("flow-label", "FlowLabel"), ("do-not-fragment", "IPDoNotFragment"))  # fmt: skip
NOTIFICATIONS = {"l2-miss": "L2MissNotification", "l3-miss": "L3MissNotification"}
CHECKSUMS = {"udp": "UDPChecksum", "zero-udp6-tx": "UDP6ZeroChecksumTx", "zero-udp6-rx": "UDP6ZeroChecksumRx",
             "remote-tx": "RemoteChecksumTx", "remote-rx": "RemoteChecksumRx"}  # fmt: skip
EXTENSIONS = {"group-policy": "GroupPolicyExtension", "generic-protocol": "GenericProtocolExtension"}


def netdev_file(device: Device, named: Mapping[str, Device], warnings: List[str]) -> Optional[FileSpec]:
    """The file that has a device built; None for one that is hardware, or that its peer's file builds."""
    mode = str(device.options.get("mode", ""))
    kind = TUNNELS.get(mode, "") if device.kind == "tunnel" else KINDS.get(device.kind, "")
    if device.kind == "tunnel" and not kind:
        warnings.append(f"{device.id}: mode: {TARGET} knows no such tunnel; nothing builds it")
    if not kind or _built_by_peer(device, named):
        return None
    file = Ini()
    for key, value in (("Name", device.name), ("Kind", kind), ("MTUBytes", device.mtu), ("MACAddress", device.mac)):
        file.add("NetDev", key, value)
    if kind == "bond":
        _bond(file, device, warnings)
    elif kind == "bridge":
        _bridge(file, device, warnings)
    elif kind == "vlan":
        file.add("VLAN", "Id", device.vlan_id)
    elif kind == "vrf":
        file.add("VRF", "Table", device.options.get("table"))
    elif kind == "veth":
        file.add("Peer", "Name", device.options.get("peer"))
    elif kind == "vxlan":
        _vxlan(file, device.options, bool(device.link))
    elif kind == "wireguard":
        _wireguard(file, device.options)
    elif device.kind == "tunnel":
        _tunnel(file, mode, device.options)
    # the daemon does not run as root, and keys are nobody else's business
    locked = kind == "wireguard"
    return FileSpec(f"/etc/systemd/network/10-cloudboot-{device.name}.netdev", file.text(HEADER).encode(),
                    0o640 if locked else 0o644, "root:systemd-network" if locked else None, locked)  # fmt: skip


def _built_by_peer(device: Device, named: Mapping[str, Device]) -> bool:
    """Of two interfaces that name each other as peers, the first by name builds both."""
    peer = named.get(str(device.options.get("peer"))) if device.kind == "veth" else None
    return peer is not None and peer.kind == "veth" and peer.name < device.name


def _bond(file: Ini, device: Device, warnings: List[str]) -> None:
    held = {row[0] for row in BOND if row[2]} | {"primary"}
    warnings.extend(unmatched(device.parameters, held, device, TARGET))
    for name, _, word in BOND:
        value = device.parameters.get(name)
        if value is None or not word:
            continue
        value = bond_word(name, value)
        if name in SWITCHES:
            value = str(value).lower() in ("1", "true", "yes", "on")
        elif name in MILLISECONDS and str(value).isdigit():
            value = f"{value}ms"
        elif name == "arp_ip_target":
            value = " ".join(value) if isinstance(value, tuple) else str(value).replace(",", " ")
        file.add("Bond", word, value)


def _bridge(file: Ini, device: Device, warnings: List[str]) -> None:
    held = {row[0] for row in BRIDGE}
    warnings.extend(unmatched(device.parameters, held, device, TARGET))
    for name, _, word in BRIDGE:
        value = device.parameters.get(name)
        if word and value is not False:  # what networkd does anyway
            file.add("Bridge", word, value)


def _tunnel(file: Ini, mode: str, options: Mapping[str, Any]) -> None:
    file.add("Tunnel", "Independent", True)
    file.add("Tunnel", "Mode", mode if mode in ("ipip6", "ip6ip6") else None)
    for key, word in (("local", "Local"), ("remote", "Remote"), ("ttl", "TTL")):
        file.add("Tunnel", word, options.get(key))
    keys = options.get("keys", options.get("key"))
    if isinstance(keys, dict):
        file.add("Tunnel", "InputKey", keys.get("input"))
        file.add("Tunnel", "OutputKey", keys.get("output"))
    elif keys is not None:
        for word in ("InputKey", "OutputKey"):
            file.add("Tunnel", word, keys)


def _vxlan(file: Ini, options: Mapping[str, Any], linked: bool) -> None:
    remote = str(options.get("remote", ""))
    group = remote.lower().startswith("ff") if is_v6(remote) else 224 <= int(remote.partition(".")[0] or 0) < 240
    file.add("VXLAN", "Group" if group else "Remote", remote)
    for key, word in VXLAN:
        file.add("VXLAN", word, options.get(key))
    if isinstance(options.get("port-range"), (list, tuple)):
        file.add("VXLAN", "PortRange", "-".join(str(p) for p in options["port-range"]))
    for key, table in (("notifications", NOTIFICATIONS), ("checksums", CHECKSUMS), ("extensions", EXTENSIONS)):
        for item in options.get(key) or ():
            file.add("VXLAN", table.get(str(item), ""), True) if str(item) in table else None
    file.add("VXLAN", "Independent", None if linked else True)


def _wireguard(file: Ini, options: Mapping[str, Any]) -> None:
    keys = options.get("keys", options.get("key"))
    private = keys.get("private") if isinstance(keys, dict) else keys
    file.add("WireGuard", "PrivateKeyFile" if str(private)[:1] == "/" else "PrivateKey", private)
    file.add("WireGuard", "ListenPort", options.get("port"))
    file.add("WireGuard", "FirewallMark", options.get("mark"))
    for peer in _mappings(options.get("peers")):
        keys = peer["keys"] if isinstance(peer.get("keys"), dict) else {}
        shared, allowed = keys.get("shared"), ",".join(str(a) for a in peer.get("allowed-ips") or ())
        file.new("WireGuardPeer", ("PublicKey", keys.get("public")), ("AllowedIPs", allowed),
                 ("Endpoint", peer.get("endpoint")), ("PersistentKeepalive", peer.get("keepalive")),
                 ("PresharedKeyFile" if str(shared)[:1] == "/" else "PresharedKey", shared))  # fmt: skip


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, (list, tuple)) else []
