"""The kernel command line. A container sees that of its host, so its own is how its first process was started."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.values import Host


def cmdline(host: Host) -> str:
    data = host.files.read("/proc/1/cmdline" if host.container else "/proc/cmdline") or b""
    return data.replace(b"\0", b" ").decode("utf-8", "replace").strip()
