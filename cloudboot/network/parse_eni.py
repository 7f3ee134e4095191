"""Text of ifupdown, as interfaces(5) has it, made a version 1 document.

    auto eth0
    iface eth0 inet static
        address 192.0.2.10/24
        gateway 192.0.2.1

Some config drives and injected files describe the network so. Facts: netconfig reference, section 9.
"""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.network.parse_v1 import parse_v1
from cloudboot.network.reading import settled
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

    from cloudboot.network.model import Network
    from cloudboot.schema import Problem

    Sources = Callable[[str, bool], List[Tuple[str, str]]]

METHODS = {("inet", "dhcp"): "dhcp4", ("inet6", "dhcp"): "dhcp6", ("inet", "static"): "static",
           ("inet6", "static"): "static6", ("inet6", "auto"): "ipv6_slaac", ("inet", "manual"): "manual",
           ("inet6", "manual"): "manual", ("inet", "loopback"): "loopback",
           ("inet6", "loopback"): "loopback"}  # fmt: skip
SUBNET = {"address": "address", "netmask": "netmask", "broadcast": "broadcast", "gateway": "gateway",
          "metric": "metric", "pointopoint": "pointopoint", "scope": "scope"}  # fmt: skip
LISTS = {"dns-nameservers": "dns_nameservers", "dns-nameserver": "dns_nameservers", "dns-search": "dns_search"}
UP, DOWN = ("up", "post-up"), ("down", "pre-down", "post-down")
DEPTH, ETHERNET = 5, len("00:00:00:00:00:00")


def parse_eni(text: str, sources: Optional[Sources] = None, path: str = "") -> Network:
    """The network that the text, of the file at ``path``, describes. Raises `Invalid` with the line."""
    warnings: List[str] = []
    found: List[Problem] = []
    network = parse_v1(eni_config(text, warnings, sources, path), found)
    return settled(network.but(warnings=tuple(warnings)), found)


def eni_config(text: str, warnings: List[str], sources: Optional[Sources] = None, path: str = "") -> Mapping[str, Any]:
    """The same as a version 1 document. ``sources(pattern, folder)`` gives (path, text) of the files that a line
    ``source`` or, where ``folder``, ``source-directory`` names; without it such lines are left out with a warning."""
    controls: Dict[str, str] = {}
    devices: Dict[str, Dict[str, Any]] = {}
    _read(text, path, controls, devices, warnings, sources, 0)
    for device in devices.values():
        for subnet in device["subnets"]:
            subnet["control"] = controls.get(subnet.pop("name"), "manual")
        _typed(device)
    members = {d["bond-master"]: [] for d in devices.values() if "bond-master" in d}  # type: Dict[str, List[str]]
    for device in devices.values():
        master = device.pop("bond-master", "")
        if master:
            members[master].append(device["name"])
    for name, names in members.items():
        if name in devices:
            devices[name].update(type="bond", bond_interfaces=names, params=devices[name].get("params", {}))
    return {"version": 1, "config": list(devices.values())}


def _lines(text: str) -> Iterator[Tuple[int, List[str]]]:
    """The number and words of each line; a backslash at the end joins the next to it."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if joined else number
        if line.rstrip().endswith("\\") and not line.lstrip().startswith("#"):
            joined += line.rstrip()[:-1] + " "
            continue
        words = (joined + line).split()
        joined = ""
        if words and not words[0].startswith("#"):
            yield start, words


def _read(text: str, path: str, controls: Dict[str, str], devices: Dict[str, Dict[str, Any]], warnings: List[str],
          sources: Optional[Sources], depth: int) -> None:  # fmt: skip
    current: Optional[Tuple[Dict[str, Any], Dict[str, Any]]] = None
    for number, words in _lines(text):
        place = f"{path}:{number}:1" if path else f"line {number}"
        key, rest = words[0], words[1:]
        if key in ("auto", "allow-auto"):
            controls.update((name, "auto") for name in rest)
        elif key == "allow-hotplug":
            for name in rest:
                controls.setdefault(name, "hotplug")
        elif key in ("source", "source-directory"):
            if sources is None or depth == DEPTH or not rest:
                warnings.append(f"{place}: {key}: other files are not read here; left out")
                continue
            for inner, more in sources(rest[0], key == "source-directory"):
                _read(more, inner, controls, devices, warnings, sources, depth + 1)
        elif key == "iface":
            if len(rest) < 3:
                raise Invalid(f"{place}: iface needs a name, a family and a method", "such as iface eth0 inet dhcp")
            current = _stanza(rest, place, devices, warnings)
        elif key == "mapping" or key.startswith(("allow-", "no-")):
            current = None
            warnings.append(f"{place}: {key}: not understood; left out")
        elif current:
            _option(key, rest, *current, place, warnings)
        else:
            raise Invalid(f"{place}: an option stands outside of every stanza", "put an iface line before it")


def _stanza(words: List[str], place: str, devices: Dict[str, Dict[str, Any]],
            warnings: List[str]) -> Tuple[Dict[str, Any], Dict[str, Any]]:  # fmt: skip
    name, family, method = words[:3]
    kind = METHODS.get((family, method))
    if kind is None:
        warnings.append(f"{place}: {family} {method}: no such method here; the stanza counts as manual")
        kind = "manual"
    plain = name.partition(":")[0]
    device = devices.setdefault(plain, {"type": "loopback" if plain == "lo" else "physical", "name": plain,
                                        "subnets": []})  # fmt: skip
    subnet: Dict[str, Any] = {"type": kind, "name": name}
    device["subnets"].append(subnet)
    return device, subnet


def _option(key: str, rest: List[str], device: Dict[str, Any], subnet: Dict[str, Any], place: str,
            warnings: List[str]) -> None:  # fmt: skip
    plain, value = key.replace("_", "-"), " ".join(rest)
    if plain in SUBNET:
        subnet[SUBNET[plain]] = value
    elif plain in LISTS:
        subnet[LISTS[plain]] = subnet.get(LISTS[plain], []) + rest
    elif plain == "hwaddress":
        device["mac_address"] = rest[-1] if rest else ""
        if len(device["mac_address"]) > ETHERNET and device["type"] == "physical":
            device["type"] = "infiniband"
    elif plain == "mtu":
        device.setdefault("mtu", value)
    elif plain == "accept-ra":
        device["accept-ra"] = value != "0"
    elif plain == "ethernet-wol":
        device["wakeonlan"] = value not in ("d", "")
    elif plain == "dhcp" and subnet["type"] == "ipv6_slaac":
        subnet["type"] = "ipv6_dhcpv6-stateless" if value == "1" else "ipv6_slaac"
    elif plain in ("vlan-raw-device", "vlan-id"):
        device["vlan_link" if plain == "vlan-raw-device" else "vlan_id"] = value
    elif plain == "bond-master":
        device["bond-master"] = value
    elif plain == "bond-slaves":
        device.setdefault("bond_interfaces", [r for r in rest if r != "none"])
    elif plain == "bridge-ports":
        device["bridge_interfaces"] = [r for r in rest if r != "none"]
    elif plain.startswith(("bond-", "bridge-")):
        params = device.setdefault("params", {})
        several = plain in ("bridge-pathcost", "bridge-portprio", "bridge-waitport")
        params[plain] = params.get(plain, []) + [value] if several else value
    elif key in UP and _route(rest):
        subnet.setdefault("routes", []).append(_route(rest))
    elif not (key in DOWN and _route([w if w != "del" else "add" for w in rest])):
        warnings.append(f"{place}: {key}: not understood; left out")


def _route(words: List[str]) -> Optional[Dict[str, Any]]:
    """What a command ``ip route add NETWORK via GATEWAY [metric N]`` adds, None for any other command."""
    while words[-2:] == ["||", "true"]:
        words = words[:-2]
    if words[:1] not in (["ip"], ["/sbin/ip"]):
        return None
    rest, v6 = words[1:], False
    while rest and rest[0].startswith("-"):
        v6 = v6 or rest[0] == "-6" or rest[:2] == ["-family", "inet6"]
        rest = rest[2 if rest[0] == "-family" else 1 :]
    if rest[:2] not in (["route", "add"], ["r", "add"]) or len(rest) < 3:
        return None
    said = dict(zip(rest[3::2], rest[4::2]))
    if "via" not in said or set(said) - {"via", "metric", "dev"}:
        return None
    route = {"destination": rest[2], "gateway": said["via"]}
    if rest[2] == "default":
        route["destination"] = "::/0" if v6 or ":" in said["via"] else "0.0.0.0/0"
    if "metric" in said:
        route["metric"] = said["metric"]
    return route


def _typed(device: Dict[str, Any]) -> None:
    """What kind of interface its options make it."""
    if "vlan_link" in device:
        device["type"] = "vlan"
        device.setdefault("vlan_id", device["name"].rpartition(".")[2])
    elif "bridge_interfaces" in device:
        device["type"] = "bridge"
    elif "bond_interfaces" in device:
        device["type"] = "bond"
    if device["type"] not in ("bond", "bridge"):
        device.pop("params", None)
