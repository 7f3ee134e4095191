"""none: the datasource of last resort, for a machine that no cloud knows.

    datasource:
      None:
        metadata: {local-hostname: web1}
        userdata_raw: |
          #cloud-config
          timezone: UTC

It finds nothing, so it is used only where the image's ``datasource_list`` says so, or after a datasource that turned
out not to be this machine's. Source: the None datasource reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs, Probe
from cloudboot.metadata import as_bytes
from cloudboot.noun import TYPE_CHECKING
from cloudboot.seed import Seed, instance
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

ID = "iid-datasource-none"


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return None


def fetch(probe: Probe) -> Instance:
    """What the configuration holds; on any machine there is an instance, if an empty one."""
    told = probe.settings.get("metadata")
    seed = Seed(told if isinstance(told, dict) else {}, as_bytes(probe.settings.get("userdata_raw")))
    return instance(seed, ID).but(datasource="none", platform="none", subplatform="config")


DATASOURCE = Datasource(
    "none",
    "None",
    Needs.NOTHING,
    detect,
    fetch,
    signs="its name in datasource_list",
    clues={"settings": ()},
    settings={
        "metadata": Setting("mapping", "the machine's meta-data: instance-id, local-hostname and so on"),
        "userdata_raw": Setting("text", "its user-data"),
    },
)
