"""What documents, templates and people may ask about an instance: ``v1.*`` standard keys, ``ds.*`` as the cloud says.

The names are those that templates in the field use; both spellings of a hyphenated key are there.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Tuple

    from cloudboot.values import Host, Instance

HIDDEN = "redacted for non-root user"
SENSITIVE = {"merged_cfg", "merged_system_cfg", "combined_cloud_config", "security-credentials", "injected-files"}
WORDS = ("password", "adminpass", "secret", "token", "authkey", "userdata", "vendordata", "customdata",
         "startscript")  # fmt: skip
"""What makes a name sensitive, wherever it is in it: ``cloud-init.user-data``, ``legacy-user-data``."""
REGIONS = (("cn-", "aws", "aws-china"), ("us-gov-", "aws", "aws-gov"), ("china", "azure", "azure-china"))


def cloud_id(instance: Instance) -> str:
    """The cloud's name, told apart from its sisters in other jurisdictions."""
    name = instance.cloud_name or instance.datasource
    for start, cloud, special in REGIONS:
        if name == cloud and (instance.region or "").startswith(start):
            return special
    return name


def describe(host: Host, instance: Instance, config: Mapping[str, Any]) -> Dict[str, Any]:
    """All of it, secrets too: what root may know. ``config`` is the image's merged configuration."""
    encoded: List[str] = []
    metadata = _plain(dict(instance.metadata), "ds/meta_data", encoded)
    platform = instance.platform or instance.cloud_name or instance.datasource
    v1: Dict[str, Any] = {
        "_beta_keys": ["subplatform"],
        "availability_zone": instance.availability_zone,
        "cloud_id": cloud_id(instance),
        "cloud_name": instance.cloud_name or instance.datasource,
        "distro": host.os.id,
        "distro_release": host.os.codename,
        "distro_version": host.os.version,
        "instance_id": instance.id,
        "kernel_release": host.kernel,
        "local_hostname": instance.hostname,
        "machine": host.arch,
        "platform": platform,
        "public_ssh_keys": list(instance.ssh_keys),
        "python_version": _python(),
        "region": instance.region,
        "subplatform": instance.subplatform or "unknown",
        "system_platform": f"Linux-{host.kernel}-{host.arch}",
        "variant": host.os.id,
    }
    for name in ("availability_zone", "cloud_name", "instance_id", "local_hostname"):
        v1[name.replace("_", "-")] = v1[name]
    user_data = _plain(instance.user_data, "ds/user_data", encoded)
    data: Dict[str, Any] = {
        "ds": {"meta_data": metadata, "user_data": user_data},
        "features": {"NETWORK_CONFIG_V1": True, "NETWORK_CONFIG_V2": True},
        "merged_system_cfg": _plain(dict(config), "merged_system_cfg", encoded),
        "merged_cfg": _plain(dict(config), "merged_cfg", encoded),
        "sys_info": {
            "dist": [host.os.id, host.os.version, host.os.codename],
            "platform": f"Linux-{host.kernel}-{host.arch}",
            "python": _python(),
            "release": host.kernel,
            "system": "Linux",
            "uname": ["Linux", instance.hostname or "", host.kernel, "", host.arch, ""],
            "variant": host.os.id,
        },
        "v1": v1,
    }
    data["base64_encoded_keys"] = encoded
    data["sensitive_keys"] = sorted(_sensitive(data, ""))
    return data


def redacted(data: Mapping[str, Any]) -> Dict[str, Any]:
    """The same for everybody: what is sensitive is replaced by a mark."""
    hidden = set(data.get("sensitive_keys", ()))
    return {k: _redact(v, k, hidden) for k, v in data.items()}


def _redact(value: Any, path: str, hidden: Any) -> Any:
    if path in hidden:
        return HIDDEN
    if isinstance(value, dict):
        return {k: _redact(v, f"{path}/{k}", hidden) for k, v in value.items()}
    if isinstance(value, list):
        return [_redact(v, f"{path}/{i}", hidden) for i, v in enumerate(value)]
    return value


def _sensitive(value: Any, path: str) -> Any:
    """Paths of everything whose name says that it is nobody's business."""
    pairs: Tuple[Tuple[Any, Any], ...] = ()
    if isinstance(value, dict):
        pairs = tuple(value.items())
    elif isinstance(value, list):
        pairs = tuple(enumerate(value))
    for key, inner in pairs:
        inside = f"{path}/{key}" if path else str(key)
        name = str(key).lower()
        plain = name.replace("-", "").replace("_", "")
        if name in SENSITIVE or plain.endswith("script") or any(word in plain for word in WORDS):
            yield inside
        else:
            yield from _sensitive(inner, inside)


def _plain(value: Any, path: str, encoded: List[str]) -> Any:
    """As JSON can hold it; bytes that are no text are in base64 and their path is noted."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            from binascii import b2a_base64

            encoded.append(path)
            return b2a_base64(value, newline=False).decode()
    if isinstance(value, dict):
        return {str(k): _plain(v, f"{path}/{k}", encoded) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v, f"{path}/{i}", encoded) for i, v in enumerate(value)]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def _python() -> str:
    from sys import version_info

    return ".".join(map(str, version_info[:3]))
