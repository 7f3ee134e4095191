"""Small words to clouds that want them: a machine is up, its host keys are these, its password is set.

What a cloud does not want to hear, since its owner switched that off or it is too old, it does not hear: that is no
trouble of the machine's. Facts: the sections of these clouds in the datasources reference.
"""

from __future__ import annotations

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Mapping, Sequence

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System
    from cloudboot.values import Instance

PASSWORDS = "password-server"
"""In an instance's metadata: the service and path where the password that it brought is to be acknowledged."""
SAVED = {"DomU_Request": "saved_password"}
NOTE = "password"


def service(instance: Instance) -> str:
    """Where the datasource found it: ``http://ADDRESS``, or the socket, in the subplatform's parentheses."""
    place = instance.subplatform.rpartition("(")[2].partition(")")[0]
    return f"unix://{place}" if place.startswith("/") else place


def offer(system: System, where: str, path: str, body: bytes, method: str, headers: Mapping[str, str],
          ports: Sequence[int] = (0,)) -> bool:  # fmt: skip
    """Says something to a cloud that may not care; false where it does not. Raises `Unreachable` where it is silent."""
    from cloudboot.errors import Missing
    from cloudboot.http.service import Refused

    try:
        system.tell(where, path, body, method=method, headers=headers, ports=ports)
    except (Missing, Refused):
        return False
    return True


def password_is_set(system: System, probe: Probe, instance: Instance) -> None:
    """Acknowledges the password that the instance brought. At its first boot it is set like any other; one that comes
    later, since the owner had it reset, is set here."""
    from cloudboot.admin import accounts

    where, _, path = str(instance.metadata[PASSWORDS]).partition(" ")
    if probe.notes.get(NOTE) == instance.id:
        if not probe.user:
            raise Unreachable("there is no default user whose password to set", "name one in the image's configuration")
        accounts.set_password(system, probe.user, Secret(str(instance.config["password"])), hashed=False)
    system.tell(where, path, method="GET", headers=SAVED)
    probe.remember(NOTE, instance.id)
