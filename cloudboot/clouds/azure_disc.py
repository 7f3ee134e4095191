"""Azure's provisioning disc: a CD of UDF, or of ISO 9660, with what the owner gave."""

from __future__ import annotations

import os

from cloudboot.errors import Absent, CloudbootError
from cloudboot.host import again, ask
from cloudboot.metadata import azure as documents
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterator, Optional, Sequence, Tuple

    from cloudboot.datasource import Probe

SETTLE_SECONDS = 30
FILES = ("ovf-env.xml", "ovf_env.xml")
"""The second is what is left of the first on a disc without long names."""


def environment(probe: Probe, seeds: Sequence[str]) -> Tuple[str, documents.Environment]:
    """Where the owner's document is, and what it says; empty where there is none. A CD drive may be slow to show: a
    machine that was nobody yet, and so has a disc, waits until udev is through."""
    found = _read(probe, seeds)
    if not found[0] and probe.known is None:
        probe.waiting("udev, for the provisioning disc", 0.0)
        ask(probe.host, ("udevadm", "settle", f"--timeout={SETTLE_SECONDS}"), SETTLE_SECONDS + 5.0)
        found = _read(probe.but(host=again(probe.host, "disks")), seeds)
    return found


def _read(probe: Probe, seeds: Sequence[str]) -> Tuple[str, documents.Environment]:
    for where, raw in _documents(probe, seeds):
        try:
            return where, documents.environment(raw, where)
        except Absent:
            continue
    return "", documents.Environment()


def _documents(probe: Probe, seeds: Sequence[str]) -> Iterator[Tuple[str, bytes]]:
    for path in seeds:
        raw = probe.read(path)
        if raw is not None:
            yield path, raw
    discs = [d.device for d in probe.host.disks if d.type in ("udf", "iso9660")]
    for device in sorted(discs, key=lambda device: (device != "/dev/sr0", device)):
        try:
            raw = _on_disc(probe, device)
        except CloudbootError as problem:
            probe.warn(f"{device}: {problem.reason}")
            continue
        if raw is not None:
            yield device, raw


def _on_disc(probe: Probe, device: str) -> Optional[bytes]:
    from cloudboot.media import open_media

    fd = probe.open_device(device)
    try:
        medium = open_media(fd)
        return next((raw for raw in map(medium.read, FILES) if raw is not None), None)
    finally:
        os.close(fd)
