"""akamai: Akamai's cloud, which was Linode's.

    datasource:
      Akamai:
        metadata_urls: ["http://169.254.169.254", "http://[fd00:a9fe:a9fe::1]"]
        max_wait: 30

A machine whose service does not answer, or has nothing for it, is known by its serial number alone. Its label is a
name for people, and no host name. Sources: Akamai's
"Metadata service API"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Unreachable
from cloudboot.metadata import from_json, instance_id, mapping, section, ssh_keys, unbase64, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "Akamai metadata"
URLS = ("http://[fd00:a9fe:a9fe::1]", "http://169.254.169.254")
MAKERS = ("Linode", "Akamai")
TOKEN_PATH, TOKEN_HEADER = "/v1/token", "Metadata-Token"
TOKEN_TTL = {"Metadata-Token-Expiry-Seconds": "300"}
JSON = {"Accept": "application/json"}


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence(f"the maker is {host.dmi.sys_vendor}") if host.dmi.sys_vendor in MAKERS else None


def fetch(probe: Probe) -> Instance:
    """What the service has; without it, what the machine itself tells."""
    from cloudboot.http.reach import reach
    from cloudboot.http.token import Tokened

    serial = probe.host.dmi.product_serial
    service = reach(probe, NAME, URLS, budget=30)
    tokened = Tokened(service, TOKEN_PATH, TOKEN_TTL, TOKEN_HEADER)
    try:
        meta = mapping(tokened.get("/v1/instance", JSON), NAME)
        user_data = unbase64(tokened.find("/v1/user-data") or b"")
        keys = from_json(tokened.find("/v1/ssh-keys", JSON) or b"{}", NAME)
    except Unreachable as problem:
        if not serial or detect(probe.host, probe.settings) is None:
            raise
        probe.warn(f"{problem.reason}; only what the firmware says is known of this machine")
        id = instance_id(serial, "the serial number")
        return Instance(id, metadata={"id": id}, cloud_name="akamai", platform="akamai", subplatform="dmi")
    finally:
        service.close()
    return Instance(
        instance_id(meta.get("id"), NAME),
        subplatform=f"metadata (http://{service.place.name})",
        ssh_keys=ssh_keys(section(keys, "users")),
        user_data=user_data,
        metadata=meta,
        cloud_name="akamai",
        platform="akamai",
        region=word(meta.get("region")),
    )


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The serial number is the instance's id."""
    return host.dmi.product_serial == instance.id if host.dmi.product_serial else None


DATASOURCE = Datasource(
    "akamai",
    "Akamai (Linode)",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    signs="Linode or Akamai as the maker",
    clues={"sys_vendor": ("linode", "akamai")},
)
