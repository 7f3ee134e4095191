"""clouds: what a machine finds on each cloud: one file a cloud, ending in ``CLOUD = Cloud(...)``.

Standard library only, as all that `tools/boot-vm` and `tools/mock-cloud` stand on.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence

if TYPE_CHECKING:
    from tools.mock_cloud.server import Answer, Request

MAC = "52:54:00:12:34:56"  # what QEMU gives the first card of a machine
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx ops@example"


@dataclass(frozen=True)
class Wishes:
    """What the machine shall hear of itself. ``id`` empty is the cloud's own example; ``tree`` are documents by their
    paths, in the place of the example; ``rate`` is how many requests a second the service answers, None for all."""

    id: str = ""
    hostname: str = "web1"
    user_data: bytes = b"#cloud-config\n{}\n"
    keys: Sequence[str] = (KEY,)
    macs: Sequence[str] = (MAC,)
    tree: Optional[Mapping[str, Any]] = None
    rate: Optional[float] = None


@dataclass(frozen=True)
class Cloud:
    """``firmware(wishes)`` is what SMBIOS tells, by the number of its structure and QEMU's names of the fields.

    ``answers(wishes)`` is the function from a `Request` to an `Answer` of a cloud that is asked over HTTP, which a
    machine finds ``at`` these addresses and ports. ``start(wishes, place)`` is the server of any other: a context, with
    the ``url`` by which it is reached; ``place`` is the path of a socket. ``media(wishes, folder)`` makes the images of
    disks that it attaches, as ``.iso`` or ``.img``. ``network`` is what QEMU's DHCP server gives addresses of; ``at``
    lies in it. A machine has the server's socket behind the virtio ``port`` of this name, where there is one. ``words``
    are onto the kernel command line, ``options`` further ones of QEMU's.
    """

    name: str
    title: str
    firmware: Callable[[Wishes], Mapping[int, Mapping[str, str]]] = lambda wishes: {}
    answers: Optional[Callable[[Wishes], Callable[["Request"], "Answer"]]] = None
    at: Sequence[str] = ()
    start: Optional[Callable[[Wishes, str], Any]] = None
    media: Optional[Callable[[Wishes, Path], List[Path]]] = None
    network: str = "10.0.2.0/24"
    words: Sequence[str] = ()
    options: Sequence[str] = ()
    port: str = ""


def names() -> List[str]:
    """The clouds there are."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")


def cloud(name: str) -> Cloud:
    """The cloud of this name. Raises ValueError."""
    if name not in names():
        raise ValueError(f"no such cloud: {name}; there are {', '.join(names())}")
    found: Cloud = importlib.import_module(f"tools.clouds.{name}").CLOUD
    return found


def given(**about: Any) -> Dict[str, Any]:
    """Those of the arguments that say something: what else an example has stays as it is."""
    return {key: value for key, value in about.items() if value}
