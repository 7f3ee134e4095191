"""What a machine must show for a datasource to be worth its import: data, so that an index can hold it for all of them.

A datasource's ``clues`` are texts by where to look for them; one that is seen is enough, and none is proof that its
``detect`` finds nothing. The places, the cheapest first in a declaration:

    a field of `Dmi`    one of the texts is in it, whatever its case
    cmdline             one of the texts is in the kernel command line
    settings            the image's settings for it have one of the keys
    files               one of the paths is there
    disks               a disk has one of the labels, in lower case; ``vfat:`` is a FAT file system without a label,
                        ``iso9660:*`` any disc
    virtio-ports        a virtio port has one of the names
    environ             one of the texts is in the environment of the first process
    credentials         the machine was handed one of these
    guestinfo           the hypervisor has one of the variables
    other-arch          the machine's architecture is none of these
    virt                the machine is virtual in one of these ways
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Sequence

    from cloudboot.values import Host

    Clues = Mapping[str, Sequence[str]]

ENVIRON, PORTS = "/proc/1/environ", "/sys/class/virtio-ports"


def speak(clues: Clues, host: Host, settings: Mapping[str, Any]) -> bool:
    """Is one of the clues seen? A datasource without any must be asked itself."""
    return not clues or any(_seen(where, texts, host, settings) for where, texts in clues.items())


def _seen(where: str, texts: Sequence[str], host: Host, settings: Mapping[str, Any]) -> bool:
    if where == "settings":
        return any(key in settings for key in texts)
    if where == "files":
        return any(host.files.has(path) for path in texts)
    if where == "disks":
        return any(text in texts for text in _labels(host))
    if where == "virtio-ports":
        ports = (host.files.line(f"{PORTS}/{name}/name") for name in host.files.names(PORTS))
        return any(port in texts for port in ports)
    if where == "credentials":
        return any(host.credentials.has(name) for name in texts)
    if where == "guestinfo":
        return any(host.guestinfo.has(name) for name in texts)
    if where == "virt":
        return host.virt in texts
    if where == "other-arch":
        return bool(host.arch) and host.arch not in texts
    if where == "environ":
        shown = (host.files.read(ENVIRON) or b"").decode("utf-8", "replace").lower()
    elif where == "cmdline":
        shown = host.cmdline.lower()
    else:
        shown = getattr(host.dmi, where).lower()
    return any(text in shown for text in texts)


def _labels(host: Host) -> Iterator[str]:
    for disk in host.disks:
        label = (disk.label or disk.fat_label).lower()
        yield label or f"{disk.type}:"
        yield disk.fat_label.lower()
        yield f"{disk.type}:*"
