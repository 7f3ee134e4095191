"""The variables ``guestinfo.*`` that a VMware hypervisor has for its guest, asked of VMware's tools."""

from __future__ import annotations

from cloudboot.host import ask
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import MOST_READ, FileView

if TYPE_CHECKING:
    from typing import Dict, Optional

    from cloudboot.values import Host

TOOLS = (("vmware-rpctool",), ("vmtoolsd", "--cmd"))
"""The second where the first is not there, or is refused."""
UNSET = ("", "---")


ENVIRONMENT = ".environment"
"""A name that is there where the variables are the environment's, as containers have them."""
PREFIX = "VMX_GUESTINFO"


def guestinfo(host: Host) -> FileView:
    import os

    if host.asks and os.environ.get(PREFIX):
        told = {
            k[len(PREFIX) + 1 :].lower().replace("_", "."): v for k, v in os.environ.items() if k.startswith(PREFIX)
        }
        return FileView(
            {ENVIRONMENT: b"", **{k: v.encode("utf-8", "surrogateescape") for k, v in told.items() if v not in UNSET}}
        )
    return Variables(host)


class Variables(FileView):
    """Each is asked for when somebody wants it, once."""

    def __init__(self, host: Host) -> None:
        super().__init__({})
        self._host = host
        self._known: Dict[str, Optional[bytes]] = {}

    def read(self, path: str, most: int = MOST_READ) -> Optional[bytes]:
        if path not in self._known:
            self._known[path] = self._asked(path)
        return self._known[path]

    def has(self, path: str) -> bool:
        return self.read(path) is not None

    def _asked(self, name: str) -> Optional[bytes]:
        for tool in TOOLS:
            code, out = ask(self._host, (*tool, f"info-get guestinfo.{name}"))
            if code == 0:
                return None if out.strip() in UNSET else out.encode("utf-8", "surrogateescape")
        return None
