"""smartos: SmartOS and Triton, which answer over a serial line or, in zones, over a socket.

    datasource:
      SmartOS:
        serial_device: /dev/ttyS1
        serial_timeout: 60

The host is asked for one key at a time, in version 2 of its protocol, whose frames carry a length and a checksum.
``user-script`` and ``sdc:operator-script`` are run at every boot; what is called user-data there is kept for the
owner's programs, and ``cloud-init:user-data`` is what this agent acts upon. Sources: Joyent's "Metadata Data
Dictionary" and "Metadata Protocol"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Absent, Unreachable
from cloudboot.metadata import host_name, instance_id, ssh_keys, unbase64
from cloudboot.network.from_smartos import smartos_network
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional

    from cloudboot.datasource import Probe
    from cloudboot.host.line import Line
    from cloudboot.system.door import System

SOCKETS = ("/native/.zonecontrol/metadata.sock", "/.zonecontrol/metadata.sock", "/var/run/smartdc/metadata.sock")
SERIAL = "/dev/ttyS1"
KEYS = {
    "sdc:uuid": "instance-id", "hostname": "hostname", "sdc:hostname": "sdc-hostname",
    "root_authorized_keys": "public-keys", "cloud-init:user-data": "user-data", "sdc:vendor-data": "vendor-data",
    "user-script": "user-script", "sdc:operator-script": "operator-script",
    "sdc:datacenter_name": "availability-zone", "sdc:dns_domain": "dns-domain", "sdc:nics": "nics",
    "sdc:resolvers": "resolvers", "sdc:routes": "routes", "user-data": "legacy-user-data",
}  # fmt: skip
PLAIN = ("root_authorized_keys", "user-script", "sdc:operator-script", "user-data")  # never base64
ALL, SOME, ONE = "base64_all", "base64_keys", "b64-"
OWNERS, STARTING, STARTED = "/var/db/mdata-user-data", "/var/svc/provisioning", "/var/svc/provision_success"
DISK = {
    "device_aliases": {"ephemeral0": "/dev/vdb"},
    "disk_setup": {"ephemeral0": {"table_type": "mbr", "layout": False, "overwrite": False}},
    "fs_setup": [{"label": "ephemeral0", "filesystem": "ext4", "device": "ephemeral0"}],
}
"""A machine's second disk is its own to use, and comes empty; a zone has none."""
SCRIPTS = {"operator-script": "01_operator_script", "user-script": "02_user_script"}
FRAME_SECONDS, SYNC_SECONDS, QUIET_SECONDS, TRIES = 45.0, 5.0, 0.1, 3


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if "BrandZ virtual linux" in host.files.line("/proc/version"):
        return Evidence("the kernel is a zone's") if any(host.files.has(path) for path in SOCKETS) else None
    if host.dmi.product_name.startswith("SmartDC"):
        return Evidence("the product begins with SmartDC")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.host.line import Line

    if detect(probe.host, probe.settings) is None:
        raise Absent("this is no machine of SmartOS")
    path = next((p for p in SOCKETS if probe.host.files.has(p)), str(probe.settings.get("serial_device", SERIAL)))
    line = Line(probe.host, path)
    try:
        talk = Talk(line, float(probe.settings.get("serial_timeout", FRAME_SECONDS)), path not in SOCKETS)
        meta = _gathered(talk)
    finally:
        line.close()
    return _instance({name: value for name, value in meta.items() if value is not None}, path, probe)


def _gathered(talk: Talk) -> Dict[str, Optional[str]]:
    """All keys, decoded where the owner says that they are base64, as older tools of his had to be."""
    everything, listed = talk.get(ALL) or "", (talk.get(SOME) or "").replace(",", " ").split()
    found: Dict[str, Optional[str]] = {}
    for key, name in KEYS.items():
        value = talk.get(key)
        if value and key not in PLAIN and not key.startswith("sdc:"):
            told = everything.lower() == "true" or key in listed
            if told or (talk.get(f"{ONE}{key}") or "").lower() == "true":
                value = unbase64(value).decode("utf-8", "replace")
        found[name] = value
    return found


def _instance(meta: Dict[str, str], path: str, probe: Probe) -> Instance:
    id = instance_id(meta.get("instance-id"), path)
    scripts = [_every_boot(name, meta[key]) for key, name in SCRIPTS.items() if meta.get(key)]
    vendor = meta.get("vendor-data", "").encode()
    return Instance(
        id,
        subplatform=f"{'serial' if path not in SOCKETS else 'socket'} ({path})",
        hostname=host_name(meta.get("hostname") or meta.get("sdc-hostname") or id),
        ssh_keys=ssh_keys(meta.get("public-keys")),
        user_data=meta.get("user-data", "").encode(),
        vendor_data=(*((vendor,) if vendor else ()), *scripts),
        network=smartos_network(meta, probe.host.nics, probe.warn),
        metadata={name: value for name, value in meta.items() if name not in ("user-data", "vendor-data")},
        config=DISK if path not in SOCKETS and probe.host.files.has("/dev/vdb") else {},
        cloud_name="joyent",
        platform="joyent",
        availability_zone=meta.get("availability-zone"),
    )


def _every_boot(name: str, script: str) -> bytes:
    """A script as a part that runs at every boot; one that names no interpreter is the shell's."""
    from binascii import b2a_base64

    content = (script if script.startswith("#!") else f"#!/bin/bash\n{script}").encode()
    return b"""Content-Type: text/x-shellscript-per-boot
MIME-Version: 1.0
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="%s"

%s""" % (name.encode(), b2a_base64(content))


def _hand_over(system: System, probe: Probe, instance: Instance) -> None:
    system.write(OWNERS, str(instance.metadata["legacy-user-data"]), mode=0o600, secret=True)


def _provisioned(system: System, probe: Probe, instance: Instance) -> None:
    """The host ends a zone that does not say so in its files."""
    content = system.read(STARTING)
    if content is not None:
        system.write(STARTED, content)
        system.remove(STARTING)


class Talk:
    """The protocol on a line. A serial line may hold the rest of another conversation, so it is set straight first."""

    def __init__(self, line: Line, seconds: float, serial: bool) -> None:
        self._line, self._seconds = line, seconds
        if serial:
            self._line.drain(QUIET_SECONDS)
            self._sync()
        line.say(b"NEGOTIATE V2\n", SYNC_SECONDS)
        if line.hear(SYNC_SECONDS) != b"V2_OK":
            raise Unreachable(f"{line.path}: it does not speak version 2 of the protocol")

    def _sync(self) -> None:
        for _ in range(TRIES):
            self._line.say(b"\n", SYNC_SECONDS)
            if self._line.hear(SYNC_SECONDS) == b"invalid command":
                return
        raise Unreachable(f"{self._line.path}: it does not understand us")

    def get(self, key: str) -> Optional[str]:
        """What a key holds, None where there is none. Raises `Unreachable`."""
        from binascii import Error, a2b_base64, b2a_base64, crc32
        from os import urandom

        for _ in range(TRIES):
            number = urandom(4).hex()
            body = f"{number} GET ".encode() + b2a_base64(key.encode(), newline=False)
            self._line.say(b"V2 %d %08x %s\n" % (len(body), crc32(body), body), self._seconds)
            words = self._line.hear(self._seconds).split(b" ", 3)
            if len(words) != 4 or words[0] != b"V2":
                continue
            answer = words[3]
            if words[1] != b"%d" % len(answer) or words[2].lower() != b"%08x" % crc32(answer):
                continue
            told = answer.split(b" ")
            if told[0] != number.encode() or len(told) < 2:
                continue
            if told[1] == b"NOTFOUND":
                return None
            try:
                return a2b_base64(told[2]).decode("utf-8", "replace") if len(told) > 2 else ""
            except Error:
                continue
        raise Unreachable(f"{self._line.path}: its answers are garbled")


DATASOURCE = Datasource(
    "smartos",
    "SmartOS and Triton",
    Needs.NOTHING,
    detect,
    fetch,
    aliases=("joyent",),
    updates=("boot-new-instance", "boot", "boot-legacy"),
    signals=(
        Signal("user_data", Stage.NETWORK, Every.BOOT, _hand_over, lambda told: "legacy-user-data" in told.metadata),
        Signal("provisioned", Stage.FINAL, Every.BOOT, _provisioned, lambda told: told.subplatform[:6] == "socket"),
    ),
    signs="a product that begins with SmartDC, or a zone's kernel and socket",
    clues={"product_name": ("smartdc",), "files": SOCKETS},
    settings={
        "serial_device": Setting("path", "the serial line that the host listens at", SERIAL),
        "serial_timeout": Setting("seconds", "how long an answer may take", "45"),
    },
)
