"""What Azure is told of a machine: that it is ready, or why it is not, by the wireserver and by Hyper-V.

The text is one record of fields ``key=value`` between bars, as other agents of the field write it, so that the same
tools read it. The host looks at its key-value pairs when the health report comes: they are first. Facts: "Mandatory
behaviours" in the datasources reference; Microsoft's "no-agent".
"""

from __future__ import annotations

from time import gmtime, strftime

from cloudboot import __version__
from cloudboot.clouds import hyperv, wireserver
from cloudboot.errors import NotYet, Unreachable
from cloudboot.metadata import section
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Mapping, Sequence, Type

    from cloudboot.datasource import Probe
    from cloudboot.errors import CloudbootError
    from cloudboot.system.door import System
    from cloudboot.values import Host, Instance

KEY = "PROVISIONING_REPORT"
HELP = "https://aka.ms/linuxprovisioningerror"
EFI = "/sys/firmware/efi"
READY, NOT_READY, FAILED = "Ready", "NotReady", "ProvisioningFailed"
SECONDS = 60.0
LONGEST_SECONDS = 300.0


def vm_id(host: Host, imds: Mapping[str, object]) -> str:
    """The machine's id as the platform writes it: machines of the first generation, which boot by a BIOS, have the
    first three fields of their UUID the other way round."""
    told, uuid = str(imds.get("vmId") or ""), host.dmi.product_uuid.lower()
    if told:
        return told.lower()
    if host.files.has(EFI) or len(uuid) != 36:
        return uuid
    plain = uuid.replace("-", "")
    fields = (plain[0:8], plain[8:12], plain[12:16])
    turned = ("".join(field[i : i + 2] for i in range(len(field) - 2, -1, -2)) for field in fields)
    return "-".join((*turned, plain[16:20], plain[20:]))


def report(fields: Sequence[str]) -> str:
    """One record; a field with a bar, a quote or a line break is quoted."""
    return "|".join("'" + f.replace("'", "''") + "'" if set(f) & set("|'\r\n") else f for f in fields)


def success(id: str) -> str:
    return report(("result=success", f"agent=cloudboot/{__version__}", f"timestamp={_now()}", f"vm_id={id}"))


def failure(id: str, problem: CloudbootError) -> str:
    return report(("result=error", f"reason={problem.reason}", f"agent=cloudboot/{__version__}", f"vm_id={id}",
                   f"timestamp={_now()}", f"documentation_url={HELP}"))  # fmt: skip


def ready(system: System, probe: Probe, instance: Instance) -> None:
    """The platform ends a machine that does not tell it is ready. Raises `NotYet`."""
    _tell_ready(system, probe, instance, SECONDS, NotYet)


def ready_at_last(system: System, probe: Probe, instance: Instance) -> None:
    """The same for as long as there is any hope, when nothing else waits. Raises `Unreachable`."""
    _tell_ready(system, probe, instance, LONGEST_SECONDS, Unreachable)


def _tell_ready(
    system: System, probe: Probe, instance: Instance, seconds: float, problem: Type[CloudbootError]
) -> None:
    url = wireserver.place(probe, str(instance.metadata.get("wireserver") or ""))
    hyperv.tell(system, [(KEY, success(vm_id(probe.host, section(instance.metadata, "imds", "compute"))))])
    try:
        _health(system, probe, url, READY, "", "", seconds)
    except Unreachable as no:
        raise problem(f"Azure was not told that this machine is ready: {no.reason}") from None


def tell_failure(system: System, probe: Probe, problem: CloudbootError) -> None:
    """The host is told in any case, the wireserver where there is a network. Raises `Unreachable` for neither."""
    text = failure(vm_id(probe.host, {}), problem)
    heard = hyperv.tell(system, [(KEY, text)])
    try:
        _health(system, probe, wireserver.place(probe), NOT_READY, FAILED, text, SECONDS)
    except Unreachable as no:
        if not heard:
            raise
        system.warn(f"only the host was told that this machine failed: {no.reason}")


def _health(system: System, probe: Probe, url: str, state: str, status: str, text: str, seconds: float) -> None:
    service = wireserver.reached(probe.but(patience=seconds), url)
    try:
        goal = wireserver.goal(service)
    finally:
        service.close()
    body = wireserver.health(goal, state, status, text)
    system.tell(url, wireserver.HEALTH, body, headers=wireserver.health_headers(goal), seconds=seconds)


def _now() -> str:
    return strftime("%Y-%m-%dT%H:%M:%S+00:00", gmtime())
