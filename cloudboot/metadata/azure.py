"""Azure's documents: ``ovf-env.xml`` of the provisioning disc, and what the instance metadata service says.

Facts: "Azure" in the datasources reference, after Microsoft's "Azure Instance Metadata Service" and public agents.
"""

from __future__ import annotations

from cloudboot.errors import Absent, Unreachable
from cloudboot.metadata import number, records, section, unbase64
from cloudboot.metadata.markup import child, children, document, text
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
    from xml.etree.ElementTree import Element

    from cloudboot.values import Nic

OVF, WA = "http://schemas.dmtf.org/ovf/environment/1", "http://schemas.microsoft.com/windowsazure"
LONGEST_PASSWORD = 72
REDACTED = "REDACTED"
METRIC = 100
KEY_TYPES = ("ssh-", "ecdsa-", "sk-")


class Environment(Noun):
    """What the disc says. ``passwords`` tells whether SSH takes passwords, None where it does not say; ``keys`` are
    public keys as text, ``fingerprints`` those of certificates that have to be fetched; ``pool`` is the kind of a
    machine that is started ahead of its owner, empty for all others."""

    hostname: Optional[str] = None
    user: Optional[str] = None
    password: Optional[Secret] = None
    custom_data: bytes = b""
    passwords: Optional[bool] = None
    keys: Tuple[str, ...] = ()
    fingerprints: Tuple[str, ...] = ()
    pool: str = ""
    proxy_agent: bool = False


def environment(raw: bytes, where: str) -> Environment:
    """The ``ovf-env.xml``. Raises `Absent` where it is not one of Azure's, `Unreachable` where it is broken."""
    root = document(raw, where)
    provisioning = child(root, WA, "ProvisioningSection", where)
    if root.tag != f"{{{OVF}}}Environment" or provisioning is None:
        raise Absent(f"{where}: it is not a document of Azure's")
    linux = child(provisioning, WA, "LinuxProvisioningConfigurationSet", where)
    if linux is None:
        raise Unreachable(f"{where}: it has no configuration for Linux")
    platform = child(child(root, WA, "PlatformSettingsSection", where), WA, "PlatformSettings", where)
    password = text(linux, WA, "UserPassword", where)
    if password and len(password) > LONGEST_PASSWORD:
        raise Unreachable(f"{where}: the password has more than {LONGEST_PASSWORD} characters")
    disabled = _bool(text(linux, WA, "DisableSshPasswordAuthentication", where))
    custom = text(linux, WA, "CustomData", where)
    keys, fingerprints = _keys(linux, where)
    pool = text(platform, WA, "PreprovisionedVMType", where) or ""
    if pool in ("", "None"):
        pool = "Running" if _bool(text(platform, WA, "PreprovisionedVm", where)) else ""
    return Environment(
        text(linux, WA, "HostName", where),
        text(linux, WA, "UserName", where),
        Secret(password) if password and password != REDACTED else None,
        unbase64(custom, always=True) if custom else b"",
        None if disabled is None else not disabled,
        keys,
        fingerprints,
        pool,
        bool(_bool(text(platform, WA, "ProvisionGuestProxyAgent", where))),
    )


def _keys(linux: Element, where: str) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    listed = child(child(linux, WA, "SSH", where), WA, "PublicKeys", where)
    keys, fingerprints = [], []
    for key in children(listed, WA, "PublicKey") if listed is not None else ():
        value, fingerprint = text(key, WA, "Value", where), text(key, WA, "Fingerprint", where)
        if value:
            keys.append(value)
        elif fingerprint:
            fingerprints.append(fingerprint)
    return tuple(keys), tuple(fingerprints)


def _bool(word: Optional[str]) -> Optional[bool]:
    return {"true": True, "1": True, "false": False, "0": False}.get((word or "").lower())


def openssh_keys(compute: Mapping[str, Any]) -> Tuple[str, ...]:
    """The service's keys, if all of them are OpenSSH's; a line break inside one is a slip of the portal's."""
    keys = [str(k.get("keyData", "")).replace("\r\n", "").strip() for k in records(compute.get("publicKeys"))]
    return tuple(keys) if all(key.startswith(KEY_TYPES) and " " in key for key in keys) else ()


def account(compute: Mapping[str, Any], env: Environment, id: str) -> Dict[str, Any]:
    """The configuration of the administrator that the owner named. The password is kept as a hash, whose salt is the
    machine's own, so that asking twice gives the same."""
    profile = section(compute, "osProfile")
    user: Dict[str, Any] = {}
    name = profile.get("adminUsername") or env.user
    if name:
        user["name"] = str(name)
    if env.password is not None:
        from hashlib import sha256

        from cloudboot.metadata.crypt import sha512_crypt

        user["lock_passwd"] = False
        user["hashed_passwd"] = sha512_crypt(env.password.reveal(), sha256(id.encode()).hexdigest())
    disabled = _bool(str(profile.get("disablePasswordAuthentication", "")))
    allowed = env.passwords if disabled is None else not disabled
    if allowed is None and env.password is not None:
        allowed = True
    config: Dict[str, Any] = {"system_info": {"default_user": user}} if user else {}
    if allowed is not None:
        config["ssh_pwauth"] = allowed
    return config


def network(imds: Mapping[str, Any], nics: Sequence[Nic], names: bool, secondary: bool) -> Optional[Dict[str, Any]]:
    """A version 2 document: each interface by DHCP, the first with the name servers and the smallest metric; further
    addresses static, where ``secondary`` ones are wanted. Without ``names`` interfaces keep the names they have."""
    ethernets: Dict[str, Any] = {}
    for i, about in enumerate(records(section(imds, "network").get("interface"))):
        mac = _mac(str(about.get("macAddress", "")))
        v4, v6 = _addresses(about, "ipv4"), _addresses(about, "ipv6")
        if not mac or not (v4 or v6):
            continue
        overrides: Dict[str, Any] = {"route-metric": METRIC * (i + 1), **({"use-dns": False} if i else {})}
        entry: Dict[str, Any] = {"dhcp4": True, "dhcp4-overrides": overrides, "dhcp6": bool(v6)}
        entry["match"] = {"macaddress": mac, **_driver(mac, nics)}
        if v6:
            entry["dhcp6-overrides"] = overrides
        more = [f"{ip}/{_prefix(about, 'ipv4', 24)}" for ip in v4[1:]]
        more += [f"{ip}/{_prefix(about, 'ipv6', 128)}" for ip in v6[1:]]
        if secondary and more:
            entry["addresses"] = more
        name = f"eth{i}" if names else f"enx{mac.replace(':', '')}"
        if names:
            entry["set-name"] = name
        ethernets[name] = entry
    return {"version": 2, "ethernets": ethernets} if ethernets else None


def _mac(text: str) -> str:
    plain = text.lower().replace(":", "").replace("-", "")
    return ":".join(plain[i : i + 2] for i in range(0, 12, 2)) if len(plain) == 12 and plain.isalnum() else ""


def _driver(mac: str, nics: Sequence[Nic]) -> Dict[str, str]:
    """A virtual function shares the MAC address of the synthetic interface that it speeds up."""
    return {"driver": "hv_netvsc"} if any(n.mac.lower() == mac and n.driver == "hv_netvsc" for n in nics) else {}


def _addresses(about: Mapping[str, Any], family: str) -> List[str]:
    found = [ip.get("privateIpAddress") for ip in records(section(about, family).get("ipAddress"))]
    return [ip for ip in found if isinstance(ip, str) and ip]


def _prefix(about: Mapping[str, Any], family: str, otherwise: int) -> int:
    subnets = records(section(about, family).get("subnet"))
    return (number(subnets[0].get("prefix")) if subnets else None) or otherwise
