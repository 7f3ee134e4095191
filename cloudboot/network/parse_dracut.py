"""What the kernel command line says of the network in the words of dracut and of the kernel: a version 1 document.

    ip=192.0.2.10::192.0.2.1:255.255.255.0:web1:eth0:none nameserver=192.0.2.53
    ip=bond0.5:dhcp bond=bond0:eth0,eth1:mode=active-backup,miimon=100 vlan=bond0.5:bond0

Facts: command line reference, sections 5.1 and 5.3; dracut.cmdline(7).
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence

    from cloudboot.values import Nic

AUTO = {"dhcp": ("dhcp4",), "on": ("dhcp4",), "any": ("dhcp4",), "single-dhcp": ("dhcp4",), "dhcp6": ("dhcp6",),
        "auto6": ("ipv6_slaac",), "either6": ("ipv6_slaac",), "link6": (), "none": (), "off": (), "ibft": (),
        "bootp": ("dhcp4",), "both": ("dhcp4",), "rarp": ("dhcp4",)}  # fmt: skip
LATER = ("off", "none", "ibft", "rd.neednet", "")


def dracut_config(words: Sequence[str], nics: Sequence[Nic] = (), first: str = "") -> Optional[Mapping[str, Any]]:
    """A document from the words of a command line. A word that names no interface means ``bootdev=``, or that of the
    MAC address in ``BOOTIF=`` among ``nics``, or the ``first``. None where no word asks for a network. Raises `Invalid`
    for one that makes no sense."""
    said: Dict[str, List[str]] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            said.setdefault(key, []).append(value)
    devices: Dict[str, Dict[str, Any]] = {}
    for value in said.get("bond", ()):
        _bond(_fields(value), devices)
    for value in said.get("bridge", ()):
        name, ports, *_ = [*_fields(value), "", ""]
        _add(devices, name or "br0", type="bridge", bridge_interfaces=(ports or "eth0").split(","), params={})
    for value in said.get("vlan", ()):
        name, parent, *_ = [*_fields(value), ""]
        _add(devices, name, type="vlan", vlan_link=parent, vlan_id=_vlan_id(name))
    boot = _boot_interface(said, nics)
    asked = [_ip(value, devices, boot or first) for value in said.get("ip", ()) if boot or "BOOTIF" not in value]
    if not any(asked):
        return None
    for value in said.get("ifname", ()):
        name, _, mac = value.partition(":")
        _add(devices, name, mac_address=mac)
    config = list(devices.values())
    for value in said.get("rd.route", ()):
        _route(_fields(value), devices, config)
    servers = [_bare(value) for value in said.get("nameserver", ())]
    if servers:
        config.append({"type": "nameserver", "address": servers})
    return {"version": 1, "config": config}


def _boot_interface(said: Mapping[str, List[str]], nics: Sequence[Nic]) -> str:
    if said.get("bootdev"):
        return said["bootdev"][-1]
    mac = said.get("BOOTIF", [""])[-1].lower().replace("-", ":")
    return next((n.name for n in nics if mac and n.mac.lower() == mac[-17:]), "")


def _fields(value: str) -> List[str]:
    """What stands between colons; those inside of brackets part nothing."""
    found, depth = [""], 0
    for char in value:
        depth += (char == "[") - (char == "]")
        if char == ":" and not depth:
            found.append("")
        else:
            found[-1] += char
    return found


def _bare(text: str) -> str:
    """An address without the brackets of IPv6."""
    return text.strip("[]")


def _add(devices: Dict[str, Dict[str, Any]], name: str, **more: Any) -> Dict[str, Any]:
    device = devices.setdefault(name, {"type": "physical", "name": name, "subnets": []})
    device.update(more)
    return device


def _bond(fields: List[str], devices: Dict[str, Dict[str, Any]]) -> None:
    name, members, options, mtu, *_ = [*fields, "", "", "", ""]
    params = dict(option.partition("=")[::2] for option in (options or "mode=balance-rr").split(",") if option)
    if "arp_ip_target" in params:
        params["arp_ip_target"] = params["arp_ip_target"].replace(";", ",")
    more = {"mtu": int(mtu)} if mtu.isdigit() else {}
    _add(devices, name or "bond0", type="bond", bond_interfaces=(members or "eth0,eth1").split(","),
         params={f"bond-{key}": value for key, value in params.items()}, **more)  # fmt: skip


def _vlan_id(name: str) -> int:
    """vlan0005, vlan5, eth0.0005 and eth0.5 are all 5."""
    tail = name.rpartition(".")[2] if "." in name else name.replace("vlan", "", 1)
    if not tail.isdigit():
        raise Invalid("vlan= on the kernel command line: the name has no number", "write vlan5 or eth0.5")
    return int(tail)


def _ip(value: str, devices: Dict[str, Dict[str, Any]], first: str) -> bool:
    """One ``ip=`` word; False for one that asks for nothing."""
    fields = _fields(value)
    if len(fields) == 1:
        auto, name, rest = fields[0], first, []
    elif fields[1] and fields[1].partition(",")[0] in AUTO:
        name, auto, rest = fields[0], fields[1], fields[2:]
    elif len(fields) >= 6:
        return _whole(fields, devices, first)
    else:
        raise Invalid("ip= on the kernel command line makes no sense", "see dracut.cmdline(7)")
    auto = auto.partition(",")[0]
    if auto in LATER:
        return False
    if auto not in AUTO:
        raise Invalid("ip= on the kernel command line names no way to get an address", f"there are {', '.join(AUTO)}")
    if not name:
        return False
    device = _add(devices, name)
    device["subnets"] += [{"type": kind} for kind in AUTO[auto]]
    _link(device, rest)
    return True


def _whole(fields: List[str], devices: Dict[str, Dict[str, Any]], first: str) -> bool:
    """client:peer:gateway:netmask:hostname:interface:how[:mtu[:mac]] or, behind it, name servers."""
    client, _, gateway, mask, _, name, *tail = fields
    auto = tail[0].partition(",")[0] if tail else ""
    if not (name or first):
        return False
    device = _add(devices, first if name == "BOOTIF" else name or first)
    if client:
        subnet: Dict[str, Any] = {
            "type": "static",
            "address": _bare(client),
            "netmask": mask,
            "gateway": _bare(gateway),
        }
        more = tail[1:]
        if more and any(c in more[0] for c in ".["):
            subnet["dns_nameservers"] = [_bare(server) for server in more[:2] if server]
            more = []
        device["subnets"].append({key: value for key, value in subnet.items() if value})
        _link(device, more)
    else:
        device["subnets"] += [{"type": kind} for kind in AUTO.get(auto or "dhcp", ())]
        _link(device, tail[1:])
    return bool(device["subnets"])


def _link(device: Dict[str, Any], rest: List[str]) -> None:
    """The size, and the address that stands in as many fields as a MAC address has."""
    if rest and rest[0].isdigit():
        device["mtu"] = int(rest[0])
    mac = ":".join(rest[1:7])
    if mac:
        device["mac_address"] = mac


def _route(fields: List[str], devices: Dict[str, Dict[str, Any]], config: List[Dict[str, Any]]) -> None:
    network, gateway, name, *_ = [*fields, "", ""]
    route = {"destination": _bare(network), "gateway": _bare(gateway)}
    route = {key: value for key, value in route.items() if value}
    subnets = devices.get(name, {}).get("subnets")
    if subnets:
        subnets[0].setdefault("routes", []).append(route)
    else:
        config.append({"type": "route", **route})
