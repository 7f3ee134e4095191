"""The kernel that runs, what for, and its command line."""

from __future__ import annotations

import os

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.values import Host


def kernel(host: Host) -> str:
    return os.uname().release


def arch(host: Host) -> str:
    """As the kernel names it: x86_64, aarch64, s390x, ..."""
    return os.uname().machine


def cmdline(host: Host) -> str:
    """A container sees that of its host, so its own is how its first process was started."""
    data = host.files.read("/proc/1/cmdline" if host.container else "/proc/cmdline") or b""
    return data.replace(b"\0", b" ").decode("utf-8", "replace").strip()
