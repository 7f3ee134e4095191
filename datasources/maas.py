"""maas: Metal as a Service, whose machines are told where to ask by their image's configuration.

    datasource:
      MAAS:
        metadata_url: http://192.0.2.1:5240/MAAS/metadata
        consumer_key: key
        token_key: token
        token_secret: secret
        max_wait: 120
        timeout: 50

Requests are signed (OAuth 1.0, PLAINTEXT) with the time of this machine's clock, which may be wrong: the server's, from
its refusal, is taken then. Sources: MAAS's metadata API; RFC 5849; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, Missing
from cloudboot.http.oauth import clock_ahead, signed
from cloudboot.http.service import Refused
from cloudboot.metadata import from_yaml, host_name, instance_id, ssh_keys, vendor_parts
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Callable, Collection, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.http.service import Service

NAME = "MAAS metadata"
TOP = "/2012-03-01"
NOT_YET = (404,)  # to what each machine has: the region does not know it yet
NEEDED = ("/meta-data/instance-id", "/meta-data/local-hostname")
SEEDS = ("/var/lib/cloudboot/seed/maas", "/var/lib/cloud/seed/maas")
KEYS = ("consumer_key", "consumer_secret", "token_key", "token_secret")


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if settings.get("metadata_url"):
        return Evidence("the configuration says where its metadata is")
    for top in SEEDS:
        if host.files.has(f"{top}/meta-data/instance-id"):
            return Evidence(f"a seed in {top}")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.http.reach import reach

    for top in SEEDS:
        if probe.read(f"{top}/meta-data/instance-id") is not None:
            return _instance(lambda path: probe.read(top + path), f"seed-dir ({top})")  # noqa: B023
    if not probe.settings.get("metadata_url"):
        raise Absent("the configuration does not say where MAAS is: datasource: MAAS: metadata_url")
    service = reach(probe, NAME, (), attempt=50)
    signed = Signed(service, probe.settings)
    try:
        return _instance(lambda path: signed.read(TOP + path), f"seed-dir (http://{service.place.name})")
    finally:
        service.close()


def _instance(read: Callable[[str], Optional[bytes]], where: str) -> Instance:
    """What ``read`` gives by its path, which are the same in a seed's folder and at the service."""
    id = instance_id(read("/meta-data/instance-id"), NAME)
    name = (read("/meta-data/local-hostname") or b"").decode("utf-8", "replace").strip()
    keys = (read("/meta-data/public-keys") or b"").decode("utf-8", "replace")
    return Instance(
        id,
        subplatform=where,
        hostname=host_name(name),
        ssh_keys=ssh_keys(keys),
        vendor_data=_vendor(read("/meta-data/vendor-data")),
        user_data=read("/user-data") or read("/user-data") or b"",
        metadata={"instance-id": id, "local-hostname": name, "public-keys": keys},
        cloud_name="maas",
        platform="maas",
    )


def _vendor(raw: Optional[bytes]) -> tuple[bytes, ...]:
    """A document, or YAML that holds one below ``cloud-init``."""
    if not raw:
        return ()
    if raw.startswith(b"#"):
        return (raw,)
    value = from_yaml(raw, NAME)
    return vendor_parts(value) if isinstance(value, (dict, list)) else (raw,)


class Signed:
    """A service whose requests carry a signature. ``skew`` is how many seconds its clock is ahead of ours."""

    def __init__(self, service: Service, settings: Mapping[str, Any]) -> None:
        self._service = service
        self._about = {k: str(settings.get(k) or "") for k in KEYS}
        self.skew = 0.0

    def get(self, path: str, also: Collection[int] = ()) -> bytes:
        """What is at a path. Raises as `Service.ask` does."""
        try:
            return self._service.ask("GET", path, signed(self._about, self.skew), also=also).body
        except Refused as refused:
            skew = clock_ahead(refused.reply.headers.get("date", "")) if refused.status in (401, 403) else None
            if skew is None or abs(skew - self.skew) < 5:
                raise
            self.skew = skew
            return self._service.ask("GET", path, signed(self._about, self.skew), also=also).body

    def read(self, path: str) -> Optional[bytes]:
        """What is at a path. What each machine has is asked for again where it is not there yet, the rest is not."""
        if path[len(TOP) :] in NEEDED:
            return self.get(path, NOT_YET)
        return self.find(path)

    def find(self, path: str) -> Optional[bytes]:
        try:
            return self.get(path)
        except Missing:
            return None


DATASOURCE = Datasource(
    "maas",
    "MAAS",
    Needs.NETWORK,
    detect,
    fetch,
    signs="metadata_url in the image's configuration, or a seed in /var/lib/cloud/seed/maas",
    clues={"settings": ("metadata_url",), "files": tuple(f"{top}/meta-data/instance-id" for top in SEEDS)},
    settings={
        **{name: Setting("text", "a part of the key that requests are signed with") for name in KEYS},
    },
)
