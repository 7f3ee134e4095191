"""nocloud: a seed that lies on the machine, on a medium, or at an address it was told.

    datasource:
      NoCloud:
        seedfrom: https://seed.example.com/__dmi.system-serial-number__/
        fs_label: cidata
        meta-data: {instance-id: i-1, local-hostname: web1}
        user-data: |
          #cloud-config
          timezone: UTC

Looked for, and joined, in this order: system credentials named ``cloudboot.meta-data``, ``cloudboot.user-data`` and so
on; the serial number of the firmware and the kernel command line, each with ``ds=nocloud;i=ID;h=HOSTNAME;s=ADDRESS;KEY=
VALUE`` (or ``cloudboot.seed=ADDRESS`` on the command line); the first seed folder that holds meta-data and user-data;
``seedfrom`` and the inline seed above; a vfat or iso9660 medium labelled ``cidata``, which is read without mounting it;
last, the seed at ``seedfrom``. Of meta-data the first source of a key counts, but ``seedfrom`` above wins over one in a
folder; of all else the last source counts.

An address is a path, file://, http://, https://, ftp:// or ftps://; ``%s`` in it stands for the file's name, which else
goes to its end. ``dsmode: net`` puts off all but the network until the network stage, ``disabled`` refuses the seed.
Source: the NoCloud datasource reference.
"""

from __future__ import annotations

from cloudboot import seed as seeds
from cloudboot.datasource import Datasource, Evidence, Needs, Probe
from cloudboot.errors import Absent, CloudbootError, Invalid, Missing, NotYet
from cloudboot.noun import TYPE_CHECKING
from cloudboot.seed import CREDENTIALS, LABEL, LOCAL, REMOTE, Seed, labelled, read_at, read_seed, tokens
from cloudboot.text import safe_url
from cloudboot.values import Host, Instance

if TYPE_CHECKING:
    from typing import Any, List, Mapping, Optional

FOLDERS = tuple(
    f"{top}{state}/seed/{name}/"
    for top, states in (("", ("/var/lib/cloudboot", "/var/lib/cloud")), ("/writable/system-data", ("/var/lib/cloud",)))
    for state in states
    for name in ("nocloud", "nocloud-net")
)


def detect(host: Host, settings: Mapping[str, Any]) -> Optional[Evidence]:
    """The first sign of a seed. A label is looked for last, because disks are the slowest to look at."""
    for where, _ in tokens(host):
        return Evidence(f"a word {where} names it")
    if any(host.credentials.has(name) for name in CREDENTIALS):
        return Evidence("the machine was handed credentials with a seed")
    for folder in FOLDERS:
        if host.files.has(f"{folder}meta-data") and host.files.has(f"{folder}user-data"):
            return Evidence(f"a seed in {folder}")
    if settings.get("seedfrom"):
        return Evidence("the configuration names a seed: seedfrom")
    if "user-data" in settings and "meta-data" in settings:
        return Evidence("the configuration holds a seed")
    for disk in labelled(host, settings):
        return Evidence(f"{disk.device} is labelled {disk.label or disk.fat_label}")
    return None


def fetch(probe: Probe) -> Instance:
    """The instance that all seeds together tell of."""
    found = gathered(probe)
    if not found.found:
        raise Absent("no seed is there any more")
    source = found.metadata.get("seedfrom")
    if source:
        found = followed(probe, found, seeds.filled(str(source), probe.host.dmi, probe.warn))
    mode = found.metadata.get("dsmode")
    if mode == "disabled":
        raise Absent("the seed says dsmode: disabled")
    disk = found.found[0].startswith("/dev/")
    return seeds.instance(found).but(
        datasource="nocloud",
        platform="lxd" if probe.host.files.has("/dev/lxd/sock") else "nocloud",
        subplatform=f"{'config-disk' if disk else 'seed-dir'} ({seeds.said(found.found)})",
        local=mode != "net",
    )


def same(host: Host, instance: Instance) -> Optional[bool]:
    """Told by an id on the command line, in the serial number, or in a seed folder; other seeds have to be read."""
    for _, told in tokens(host):
        if told.get("instance-id"):
            return str(told["instance-id"]) == instance.id
    for folder in FOLDERS:
        try:
            id = seeds.mapping(host.files.read(f"{folder}meta-data") or b"", f"{folder}meta-data").get("instance-id")
        except CloudbootError:
            return None
        if id:
            return str(id).strip() == instance.id
    return None


def gathered(probe: Probe) -> Seed:
    """All seeds but the one at ``seedfrom``, joined."""
    found = seeds.handed(probe.host, probe.warn) or Seed()
    for where, told in tokens(probe.host):
        found = found.over(Seed(dict(told), found=(where,)))
    for folder in FOLDERS:
        here = read_at(folder, folder, probe.host.files, probe.url, probe.warn)
        if here:
            found = found.over(here)
            break
    if probe.settings.get("seedfrom"):
        told = {**found.metadata, "seedfrom": probe.settings["seedfrom"]}
        found = found.but(metadata=told, found=(*found.found, "seedfrom in the configuration"))
    inner = seeds.inline(probe.settings, probe.warn)
    if inner:
        found = found.over(inner)
    return on_media(probe, found)


def on_media(probe: Probe, found: Seed) -> Seed:
    """``found``, and the first labelled medium that holds a seed. Raises what is wrong with a medium if that is all
    there is."""
    trouble: List[CloudbootError] = []
    for disk in labelled(probe.host, probe.settings):
        try:
            here = on_medium(probe, disk.device)
        except CloudbootError as problem:
            trouble.append(problem)
            probe.warn(f"{disk.device}: {problem}")
            continue
        if here:
            return found.over(here)
        probe.warn(f"{disk.device} is labelled as a seed and has no meta-data and user-data at its top")
    if trouble and not found.found:
        raise trouble[0]
    return found


def on_medium(probe: Probe, device: str) -> Optional[Seed]:
    import os

    fd = probe.open_device(device)
    try:
        from cloudboot.media import open_media

        return read_seed(open_media(fd).read, f"{device}/", probe.warn)
    finally:
        os.close(fd)


def followed(probe: Probe, found: Seed, source: str) -> Seed:
    """``found``, and the seed at the address it leads to."""
    if source.startswith(REMOTE) and probe.stage == "local":
        raise NotYet(f"the seed is at {safe_url(source)}")
    if not source.startswith(REMOTE + LOCAL):
        raise Invalid(f"seedfrom is {safe_url(source)}, which is no address",
                      f"begin it with {', '.join(REMOTE + LOCAL)}")  # fmt: skip
    where = source if source.endswith("/") else f"{source}/"
    there = read_at(source, where, probe.host.files, probe.url, probe.warn)
    if there is None:
        raise Missing(f"{safe_url(source)} has not both meta-data and user-data", "put both there; either may be empty")
    return found.but(user_data=None, vendor_data=None, network=None).over(there)


DATASOURCE = Datasource(
    "nocloud",
    "NoCloud",
    Needs.NOTHING,
    detect,
    fetch,
    same,
    aliases=("nocloudnet",),
    signs="a disk labelled cidata, ds=nocloud on the command line or in the serial number, a seed folder, credentials",
    clues={
        "product_serial": ("ds=", "cloudboot.seed="),
        "credentials": CREDENTIALS,
        "cmdline": ("ds=", "cloudboot.seed="),
        "settings": ("seedfrom", "user-data", "fs_label"),
        "files": tuple(f"{folder}meta-data" for folder in FOLDERS),
        "disks": (LABEL,),
    },
    settings=seeds.SETTINGS,
)
