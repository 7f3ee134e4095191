"""onto: what makes a virtual machine one on a mock cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from tools.clouds import Cloud, Wishes


def serves(cloud: Cloud) -> bool:
    """Has it a server, or only disks?"""
    return bool(cloud.answers or cloud.start)


def options(cloud: Cloud, wishes: Wishes, folder: Path, server: Optional[Any] = None) -> Dict[str, Any]:
    """The arguments of `Machine.boot`; without its ``server`` the cloud's addresses lead nowhere. Disks are made in
    ``folder``, once."""
    media = folder / "media"
    if cloud.media and not media.exists():
        media.mkdir(parents=True)
        cloud.media(wishes, media)
    services = {}
    if server is not None and cloud.answers:
        services = dict.fromkeys(cloud.at, f"{server.host}:{server.port}")
    return {
        "firmware": cloud.firmware(wishes),
        "media": sorted([*media.glob("*.iso"), *media.glob("*.img")]),
        "network": cloud.network,
        "services": services,
        "options": (*cloud.options, *behind_port(cloud, server)),
    }


def behind_port(cloud: Cloud, server: Optional[Any]) -> Sequence[str]:
    """The options that put the cloud's socket behind a virtio port."""
    if server is None or not cloud.port:
        return ()
    place = server.url[len("unix://") :]
    return ("-chardev", f"socket,id=cloud,path={place}", "-device", f"virtserialport,chardev=cloud,name={cloud.port}")
