"""gce: Google Compute Engine.

    datasource:
      GCE:
        metadata_url: http://169.254.169.254
        max_wait: 120
        timeout: 10

The service is asked at its address rather than by its name, so that no resolver is in the way. Keys count that are
meant for ``cloudinit`` or for the image's default user, until they expire. The machine's public host keys are told as
guest attributes by ``ssh_publish_host_keys``. Sources: Google's "Metadata server" and "Add SSH keys to VMs"; the
datasources reference.
"""

from __future__ import annotations

from cloudboot import json
from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.metadata import as_bytes, host_name, instance_id, mapping, unbase64
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.http.service import Service

NAME = "Google metadata"
URLS = ("http://169.254.169.254", "http://[fd20:ce::254]")
HEADERS = {"Metadata-Flavor": "Google"}
TOP = "/computeMetadata/v1"
PRODUCTS = ("Google Compute Engine", "Google")


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.product_name in PRODUCTS:
        return Evidence(f"the product is {host.dmi.product_name}")
    if host.dmi.product_serial.startswith("GoogleCloud-"):
        return Evidence("the serial number begins with GoogleCloud-")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    service = reach(probe, NAME, URLS, headers=HEADERS)
    try:
        id = instance_id(service.get(f"{TOP}/instance/id"), NAME)
        zone = _text(service, "instance/zone").rpartition("/")[2]
        name = _text(service, "instance/hostname")
        own, project = _attributes(service, "instance"), _attributes(service, "project")
    finally:
        service.close()
    user_data = as_bytes(own.get("user-data"))
    if own.get("user-data-encoding") == "base64":
        user_data = unbase64(user_data, always=True)
    users = ("cloudinit", probe.user)
    return Instance(
        id,
        subplatform=f"metadata (http://{service.place.name})",
        hostname=host_name(name.partition(".")[0]),
        ssh_keys=tuple(k for text in _texts(own, project) for k in keys(text, users, _today())),
        user_data=user_data,
        metadata={
            "instance-id": id,
            "local-hostname": name,
            "availability-zone": zone,
            "instance-data": own,
            "project-data": project,
        },  # fmt: skip
        cloud_name="gce",
        platform="gce",
        region=zone.rpartition("-")[0] or zone or None,
        availability_zone=zone or None,
    )


def _text(service: Service, path: str) -> str:
    return service.get(f"{TOP}/{path}").decode("utf-8", "replace").strip()


def _attributes(service: Service, which: str) -> Mapping[str, Any]:
    return mapping(service.find(f"{TOP}/{which}/attributes/?recursive=True") or b"{}", NAME)


def _texts(own: Mapping[str, Any], project: Mapping[str, Any]) -> Iterator[str]:
    """Where keys may be. The instance's older attribute, and a word in its newer ones, shut the project's out."""
    yield str(own.get("sshKeys", ""))
    yield str(own.get("ssh-keys", ""))
    if str(own.get("block-project-ssh-keys", "")).lower() != "true" and not own.get("sshKeys"):
        yield str(project.get("ssh-keys", ""))
        yield str(project.get("sshKeys", ""))


def keys(text: str, users: tuple[str, ...], now: str) -> Iterator[str]:
    """The keys in lines ``USER:KEY`` for these users that have not expired ``now`` (a time as in the lines)."""
    for line in text.splitlines():
        user, colon, key = line.strip().partition(":")
        if not colon or not key.strip() or not user or user not in users or not line.isascii():
            continue
        _, mark, about = key.partition(" google-ssh ")
        if mark and _expiry(about) and _expiry(about) < now:
            continue
        yield key.strip()


def _expiry(about: str) -> str:
    """When a key expires, in a form that compares as text; empty where that is not said."""
    try:
        told: Dict[str, Any] = json.loads(about)
        until = str(told.get("expireOn", ""))
    except (ValueError, AttributeError):
        return ""
    return until[:19] if until.endswith(("+0000", "Z")) else ""


def _today() -> str:
    from time import gmtime, strftime

    return strftime("%Y-%m-%dT%H:%M:%S", gmtime())


DATASOURCE = Datasource(
    "gce",
    "Google Compute Engine",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    aliases=("google",),
    updates=("boot-new-instance", "boot"),
    signs="Google Compute Engine as the product, or a serial number of Google's",
    clues={"product_name": ("google",), "product_serial": ("googlecloud",)},
)
