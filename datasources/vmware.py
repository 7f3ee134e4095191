"""vmware: vSphere, through variables of the guest or a customization specification.

    datasource:
      VMware:
        allow_raw_data: true
        vmware_cust_file_max_wait: 15

``guestinfo.metadata``, ``guestinfo.userdata`` and ``guestinfo.vendordata``, each with an ``.encoding`` of base64 or
gzip+base64, are asked first; an environment with ``VMX_GUESTINFO`` has them as variables of its own. Else VMware's
tools unpack a specification into ``/var/run/vmware-imc``: of cloud-init's own documents, or, where the image says
``disable_vmware_customization: false``, of a host name, time zone and network. Sources: VMware's guest OS
customization; the datasources reference.
"""

from __future__ import annotations

import time

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import Absent, Unreachable
from cloudboot.metadata import from_yaml, host_name, instance_id, ssh_keys
from cloudboot.metadata.vmware import customization, unpacked
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

NAME = "VMware guestinfo"
DATA = ("metadata", "userdata", "vendordata")
ENVIRONMENT = ".environment"
PLUGIN = "plugins/vmsvc/libdeployPkgPlugin.so"
TOOLS = tuple(
    f"{lib}/{tools}/{PLUGIN}"
    for lib in ("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
                "/usr/lib/i386-linux-gnu")
    for tools in ("vmware-tools", "open-vm-tools")
)  # fmt: skip
SPEC, SPEC_FILE = ("/run/vmware-imc", "/var/run/vmware-imc"), "cust.cfg"
IMAGE = ("/etc/cloud/cloud.cfg", "/etc/cloudboot/cloudboot.cfg")
WORD = "disable_vmware_customization:"
KEYS = ("public-keys-data", "public_keys_data", "public-keys", "public_keys")
WAIT, POLL = 15.0, 0.5


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    environment = host.guestinfo.has(ENVIRONMENT)
    if host.virt != "vmware" and not environment:
        return None
    for name in DATA:
        if host.guestinfo.read(name):
            return Evidence(f"{'the environment' if environment else 'the hypervisor'} has guestinfo.{name}")
    if customizable(host) and any(host.files.has(path) for path in TOOLS):
        return Evidence("VMware's tools may customize this guest")
    return None


def customizable(host: Host) -> bool:
    """Does the image let VMware's tools customize it? The last file that says so counts, read as the tools do."""
    enabled = False
    for main in IMAGE:
        for path in (main, *(f"{main}.d/{n}" for n in host.files.names(f"{main}.d") if n.endswith(".cfg"))):
            for line in (host.files.read(path) or b"").decode("utf-8", "replace").splitlines():
                if line.startswith(WORD):
                    enabled = line[len(WORD) :].partition("#")[0].strip() == "false"
    return enabled


def fetch(probe: Probe) -> Instance:
    host = probe.host
    told = {name: unpacked(host.guestinfo.read(name), host.guestinfo.read(f"{name}.encoding"), name) for name in DATA}
    if any(told.values()):
        where = "envvar" if host.guestinfo.has(ENVIRONMENT) else "guestinfo"
        found = _instance(told["metadata"], told["userdata"], told["vendordata"], where, probe)
        return _with_what_was_redacted(found, probe.known)
    if host.virt != "vmware":
        raise Absent("neither the hypervisor nor the environment has data")
    folder, raw = _specification(probe)
    spec = customization(raw)
    if spec.documents:
        if str(probe.settings.get("allow_raw_data", True)).lower() == "false":
            raise Absent("the image does not let a specification bring documents of its own")
        meta, user = ((probe.read(f"{folder}/{name}") or b"") if name else b"" for name in spec.documents)
        return _instance(meta, user.replace(b"\r\n", b"\n"), b"", "imc", probe)
    if not customizable(host):
        raise Absent("the image does not let VMware's tools customize it")
    return Instance(
        instance_id(spec.id or host.dmi.product_uuid.lower(), NAME),
        subplatform=f"vmware (imc, {folder})",
        hostname=host_name(spec.hostname),
        network=spec.network(host.nics),
        config=spec.config,
        metadata={"local-hostname": spec.hostname},
        cloud_name="vmware",
        platform="vmware",
    )


def _with_what_was_redacted(found: Instance, known: Optional[Instance]) -> Instance:
    """What the owner wanted blank once it was read is what it was."""
    from cloudboot.clouds.vmware_back import redacted

    if known is None or known.id != found.id or not redacted(found.metadata):
        return found
    return found.but(user_data=found.user_data or known.user_data, vendor_data=found.vendor_data or known.vendor_data)


def _specification(probe: Probe) -> Tuple[str, bytes]:
    """The folder that the tools unpacked into, and the specification, which may come a little later than we do."""
    if not any(probe.host.files.has(path) for path in TOOLS):
        raise Absent("neither variables nor VMware's tools have data for this guest")
    limit = float(probe.settings.get("vmware_cust_file_max_wait", WAIT))
    limit = limit if probe.patience is None else min(limit, probe.patience)
    since, end = time.time(), time.monotonic() + limit
    while True:
        for folder in SPEC:
            raw = probe.read(f"{folder}/{SPEC_FILE}")
            if raw is not None:
                return folder, raw
        if time.monotonic() >= end:
            raise Absent(f"VMware's tools brought no specification within {limit:g} s")
        probe.waiting(f"{SPEC[0]}/{SPEC_FILE} of VMware's tools", since)
        time.sleep(min(POLL, limit))


def _instance(raw: bytes, user_data: bytes, vendor_data: bytes, where: str, probe: Probe) -> Instance:
    meta = from_yaml(raw, NAME) if raw.strip() else {}
    if not isinstance(meta, dict):
        raise Unreachable(f"{NAME}: its metadata is no mapping")
    meta = dict(meta)
    keys = next((meta[key] for key in KEYS if meta.get(key)), None)
    network = meta.pop("network", None)
    if isinstance(network, str):
        network = from_yaml(unpacked(network.encode(), str(meta.get("network.encoding", "")).encode(), "network"), NAME)
    if isinstance(network, dict) and isinstance(network.get("config"), dict):
        network = network["config"]
    id = meta.get("instance-id") or probe.host.dmi.product_uuid.lower()
    return Instance(
        instance_id(id, NAME),
        subplatform=f"vmware ({where})",
        hostname=host_name(meta.get("local-hostname")),
        ssh_keys=ssh_keys(keys),
        user_data=user_data,
        vendor_data=(vendor_data,) if vendor_data else (),
        network=network if isinstance(network, dict) else None,
        metadata=meta,
        cloud_name="vmware",
        platform="vmware",
    )


def same(host: Host, instance: Instance) -> Optional[bool]:
    """A guest whose metadata names no id is known by its system's UUID."""
    if "instance-id" in instance.metadata:
        return None
    return host.dmi.product_uuid.lower() == instance.id if host.dmi.product_uuid else None


def _publish(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import vmware_back

    vmware_back.publish(system, instance)


def _customized(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import vmware_back

    vmware_back.customized(system, SPEC[0])


DATASOURCE = Datasource(
    "vmware",
    "VMware vSphere",
    Needs.NOTHING,
    detect,
    fetch,
    same,
    updates=("boot-new-instance", "hotplug"),
    signals=(
        Signal("guestinfo", Stage.NETWORK, Every.BOOT, _publish, lambda told: "(guestinfo)" in told.subplatform),
        Signal("customized", Stage.NETWORK, Every.INSTANCE, _customized, lambda told: "(imc" in told.subplatform),
    ),
    signs="a VMware guest with guestinfo variables, or with tools that may customize it",
    clues={"guestinfo": (ENVIRONMENT,), "virt": ("vmware",)},
    settings={
        "allow_raw_data": Setting("true or false", "take guestinfo.metadata and the like", "true"),
        "vmware_cust_file_max_wait": Setting("seconds", "how long the tools may take to unpack a specification", "15"),
    },
)
