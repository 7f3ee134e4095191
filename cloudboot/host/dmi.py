"""What the firmware says of the machine, from sysfs; from dmidecode where the kernel shows nothing."""

from __future__ import annotations

from cloudboot.host import ask
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import DMI_WORDS, Dmi

if TYPE_CHECKING:
    from typing import Any, Dict

    from cloudboot.values import Host

FOLDER = "/sys/class/dmi/id"
SAFE = {"x86_64", "amd64", "i386", "i486", "i586", "i686", "aarch64", "arm64"}
"""Where dmidecode may be asked: elsewhere it pokes about in memory that may bite."""


def dmi(host: Host) -> Dmi:
    files = host.files
    if files.names(FOLDER):
        return Dmi(**{field: sound(files.line(f"{FOLDER}/{field}")) for field in Dmi._fields})
    return _Asked(host) if host.asks and host.arch in SAFE else Dmi()


def sound(value: str) -> str:
    """The value; empty where the firmware never set it: all bits on, which dmidecode shows as dots."""
    return value if value.strip("\ufffd\xff. ") else ""


class _Asked(Dmi):
    """Each field is asked of dmidecode when somebody wants it: one process each."""

    def __init__(self, host: Host) -> None:
        self.__dict__["_host"] = host

    def items(self) -> Dict[str, Any]:
        return {field: getattr(self, field) for field in self._fields}


class _Answer:
    def __init__(self, field: str) -> None:
        self.field = field

    def __get__(self, dmi: Any, kind: Any = None) -> str:
        code, out = ask(dmi._host, ("dmidecode", "--quiet", "--string", DMI_WORDS[self.field]))
        value = sound(out.strip().rpartition("\n")[2]) if code == 0 else ""
        dmi.__dict__[self.field] = value
        return value


for _field in Dmi._fields:
    setattr(_Asked, _field, _Answer(_field))
