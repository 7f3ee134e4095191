"""cloudsigma: CloudSigma, which answers over a serial line.

    datasource:
      CloudSigma:
        serial_device: /dev/ttyS1

Source: CloudSigma's "Server context"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent
from cloudboot.metadata import as_bytes, host_name, instance_id, mapping, section, ssh_keys, unbase64, vendor_parts
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.datasource import Probe

NAME = "CloudSigma context"
SERIAL = "/dev/ttyS1"
QUESTION, END = b"<\n\n>", b"\x04"
SECONDS, SAY_SECONDS = 60.0, 5.0
LONGEST = 61


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    return Evidence("the product is CloudSigma's") if "cloudsigma" in host.dmi.product_name.lower() else None


def fetch(probe: Probe) -> Instance:
    from cloudboot.host.line import Line

    if detect(probe.host, probe.settings) is None:
        raise Absent("this is no machine of CloudSigma")
    line = Line(probe.host, str(probe.settings.get("serial_device", SERIAL)))
    try:
        line.say(QUESTION, SAY_SECONDS)
        context = mapping(line.hear(float(probe.settings.get("serial_timeout", SECONDS))).rstrip(END), NAME)
    finally:
        line.close()
    meta = section(context, "meta")
    if meta.get("cloudinit-dsmode") == "disabled":
        raise Absent(f"{NAME}: its dsmode is disabled")
    packed = str(meta.get("base64_fields", "")).replace(" ", "").split(",")
    user_data = as_bytes(meta.get("cloudinit-user-data"))
    id = instance_id(context.get("uuid"), NAME)
    return Instance(
        id,
        subplatform=f"serial ({line.path})",
        hostname=_name(context.get("name")) or id.partition("-")[0],
        ssh_keys=ssh_keys(meta.get("ssh_public_key")),
        user_data=unbase64(user_data, always=True) if "cloudinit-user-data" in packed else user_data,
        vendor_data=vendor_parts(section(context, "vendor_data").get("cloudinit")),
        metadata=context,
        cloud_name="cloudsigma",
        platform="cloudsigma",
        local=meta.get("cloudinit-dsmode") != "net",
    )


def _name(value: object) -> Optional[str]:
    """The server's name, if it can be a host's."""
    name = host_name(value)
    return name[:LONGEST] if name and name.replace("-", "").replace(".", "").isalnum() and name.isascii() else None


DATASOURCE = Datasource(
    "cloudsigma",
    "CloudSigma",
    Needs.NOTHING,
    detect,
    fetch,
    signs="a product of CloudSigma's",
    clues={"product_name": ("cloudsigma",)},
    settings={
        "serial_device": Setting("path", "the serial line that the host listens at", SERIAL),
        "serial_timeout": Setting("seconds", "how long the answer may take", "60"),
    },
)
