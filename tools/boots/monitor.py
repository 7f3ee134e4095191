"""monitor: orders to a running QEMU, over its machine protocol."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, List, Sequence

SECONDS = 20


class Monitor:
    """The monitor at a socket in ``folder``; ``options`` make QEMU listen there."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "monitor"

    @property
    def options(self) -> Sequence[str]:
        return ("-qmp", f"unix:{self.path},server=on,wait=off")

    def tell(self, order: str, **about: Any) -> Any:
        """What QEMU returns. Raises RuntimeError with what it says where it will not."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(SECONDS)
            wire.connect(str(self.path))
            with wire.makefile("rw") as lines:
                answers: List[Any] = [json.loads(lines.readline())]
                for said in ({"execute": "qmp_capabilities"}, {"execute": order, "arguments": about}):
                    lines.write(json.dumps(said) + "\n")
                    lines.flush()
                    answers.append(json.loads(lines.readline()))
                    while "event" in answers[-1]:
                        answers[-1] = json.loads(lines.readline())
        if "error" in answers[-1]:
            raise RuntimeError(f"{order}: {answers[-1]['error']['desc']}")
        return answers[-1]["return"]

    def plug(self, name: str, mac: str) -> None:
        """A network card, in a network of its own with a DHCP server."""
        self.tell("netdev_add", type="user", id=f"net-{name}", net="198.51.100.0/24")
        self.tell("device_add", driver="virtio-net-pci", id=name, netdev=f"net-{name}", mac=mac)

    def unplug(self, name: str) -> None:
        self.tell("device_del", id=name)
