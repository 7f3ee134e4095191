"""azure: Microsoft Azure.

    datasource:
      Azure:
        apply_network_config: true
        apply_network_config_set_name: true
        apply_network_config_for_secondary_ips: true
        max_wait: 300
        timeout: 30

A disc (UDF) holds what the owner gave: name, account, custom data. The instance metadata service knows keys, network
and place; a machine boots without it, if it has its disc. What an earlier boot kept of the disc is not read again: it
has no password any more, and may be of the machine that an image was made of. Keys that are given as certificates come
from the wireserver. When the owner has been let in, the platform is told that the machine is ready, and when nobody
could tell who it is, why. A machine of a pool waits until it has an owner, however long that takes: ``cloudboot
status`` says since when, and no unit of the boot runs out of time meanwhile. WALinuxAgent in the same image has to
leave this to us: ``Provisioning.Agent=disabled`` in /etc/waagent.conf. Sources: Microsoft's "Azure Instance Metadata
Service" and "Creating generalized images without a provisioning agent"; the datasources reference.
"""

from __future__ import annotations

from cloudboot.datasource import Datasource, Every, Evidence, Needs, Signal, Stage
from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.metadata import azure as documents
from cloudboot.metadata import host_name, instance_id, same_uuid, section, unbase64, word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Host, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System

TAG = "7783-7084-3265-9085-8269-3286-77"
SEEDS = ("/var/lib/cloudboot/seed/azure/ovf-env.xml", "/var/lib/cloud/seed/azure/ovf-env.xml")
SEED = "/sys/firmware/acpi/tables/OEM0"
PROXY = ("azure-proxy-agent", "--status", "--wait", "120")


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    if host.dmi.chassis_asset_tag == TAG:
        return Evidence(f"the chassis asset tag is {TAG}")
    for path in SEEDS:
        if host.files.has(path):
            return Evidence(f"{path} is there")
    return None


def fetch(probe: Probe) -> Instance:
    from cloudboot.clouds import azure_disc, azure_imds, certificates, warmpool, wireserver

    where, env = azure_disc.environment(probe, SEEDS)
    if env.proxy_agent:
        _await_proxy(probe)
    imds = azure_imds.instance(probe, where)
    place = wireserver.place(probe)
    extended = section(imds, "extended", "compute")
    sort = warmpool.kind(env, extended, probe)
    if sort and probe.planning:
        raise Unreachable("this machine of a pool has no owner yet", "plan again when it has one")
    if sort and sort != warmpool.RETURNED:
        warmpool.join(probe, sort, place)
    if sort:
        where = "the pool's new owner"
        env = documents.environment(warmpool.document(probe, azure_imds.urls(probe), azure_imds.headers()), where)
        imds = azure_imds.instance(probe, where)
        warmpool.leave(probe)
    compute = section(imds, "compute")
    id = instance_id(probe.host.dmi.product_uuid.lower() or compute.get("vmId"), azure_imds.NAME)
    found = _instance(
        probe,
        id,
        env,
        imds,
        documents.openssh_keys(compute) or env.keys + certificates.given(probe, env.fingerprints, place),
    )
    found = found.but(subplatform=_subplatform(where), metadata={**found.metadata, "wireserver": place})
    known = probe.known
    if not where and known is not None and known.datasource == "azure" and same_uuid(known.id, id):
        return _with_what_the_disc_had(found, known)
    if extended.get("hasCustomData") and not env.custom_data:
        probe.warn("the owner gave custom data, which is on no disc that could be read")
    return found


def _instance(probe: Probe, id: str, env: documents.Environment, imds: Mapping[str, Any],
              keys: Tuple[str, ...]) -> Instance:  # fmt: skip
    from cloudboot.clouds import azure_resource

    compute, settings = section(imds, "compute"), probe.settings
    encoded = compute.get("userData")
    network = documents.network(
        imds,
        probe.host.nics,
        settings.get("apply_network_config_set_name", True) is not False,
        settings.get("apply_network_config_for_secondary_ips", True) is not False,
    )
    name = section(compute, "osProfile").get("computerName") or env.hostname
    disk = azure_resource.resource_disk(probe.host.files)
    return Instance(
        id,
        hostname=host_name(name),
        ssh_keys=keys,
        user_data=env.custom_data or (unbase64(encoded, always=True) if isinstance(encoded, str) else b""),
        network=network if settings.get("apply_network_config", True) is not False else None,
        metadata={
            "imds": imds,
            "instance-id": id,
            "local-hostname": name,
            **({"block-device-mapping": {"ephemeral0": disk}} if disk else {}),
        },
        config={**(azure_resource.CONFIG if disk else {}), **documents.account(compute, env, id)},
        cloud_name="azure",
        platform="azure",
        region=word(compute.get("location")),
        availability_zone=word(compute.get("platformFaultDomain")),
        random_seed=probe.read(SEED) or b"",
    )


def _subplatform(where: str) -> str:
    if not where or "/" not in where:
        return "imds"
    return f"seed-dir ({where})" if where.startswith("/var") else f"config-disk ({where})"


def _with_what_the_disc_had(found: Instance, known: Instance) -> Instance:
    """The platform takes the disc away when the machine boots again: what only the disc had is what it was."""
    return found.but(
        user_data=found.user_data or known.user_data,
        ssh_keys=found.ssh_keys or known.ssh_keys,
        hostname=found.hostname or known.hostname,
        config={**found.config, **known.config},
    )


def _await_proxy(probe: Probe) -> None:
    """The platform's own proxy has to be up before its services are asked. Raises `Unreachable`."""
    from cloudboot.host import ask

    code, _ = ask(probe.host, PROXY, 150.0)
    if code:
        why = "is not installed" if code == 127 else f"exited {code}"
        raise Unreachable(f"the owner wants azure-proxy-agent to be up first, which {why}")


def _ready(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import azure_report

    azure_report.ready(system, probe, instance)


def _ready_at_last(system: System, probe: Probe, instance: Instance) -> None:
    from cloudboot.clouds import azure_report

    azure_report.ready_at_last(system, probe, instance)


def _failed(system: System, probe: Probe, problem: CloudbootError) -> None:
    from cloudboot.clouds import azure_report

    azure_report.tell_failure(system, probe, problem)


def same(host: Host, instance: Instance) -> Optional[bool]:
    """The system's UUID is the id. Kernels before 4.15, and firmware of the first generation, write it otherwise."""
    return same_uuid(host.dmi.product_uuid, instance.id) if host.dmi.product_uuid else None


DATASOURCE = Datasource(
    "azure",
    "Microsoft Azure",
    Needs.LINK_LOCAL,
    detect,
    fetch,
    same,
    updates=("boot-new-instance", "boot"),
    signs=f"the chassis asset tag {TAG}, which all of Azure's machines have",
    clues={"chassis_asset_tag": (TAG,), "files": SEEDS},
    signals=(
        Signal("ready", Stage.NETWORK, Every.INSTANCE, _ready),
        Signal("ready", Stage.FINAL, Every.INSTANCE, _ready_at_last),
    ),
    failed=_failed,
    settings={
        "apply_network_config": Setting("true or false", "take the network from the service", "true"),
        "apply_network_config_set_name": Setting("true or false", "name interfaces as the service lists them", "true"),
        "apply_network_config_for_secondary_ips": Setting("true or false", "configure further addresses", "true"),
        "wireserver_url": Setting("URL", "where reports go and certificates come from", "as DHCP says, or Azure's own"),
    },
)
