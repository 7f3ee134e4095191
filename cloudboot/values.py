"""What moves through a boot: frozen values, each JSON in and JSON out."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Tuple

INSTANCE_VERSION = 1


class Secret:
    """A text that is never shown: it prints as a mark, and only its digest reaches the journal."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "<secret>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))


class Dmi(Noun):
    """What the firmware says, by the names below /sys/class/dmi/id; empty where it says nothing."""

    sys_vendor: str = ""
    product_name: str = ""
    product_version: str = ""
    product_serial: str = ""
    product_uuid: str = ""
    board_vendor: str = ""
    board_name: str = ""
    board_version: str = ""
    board_serial: str = ""
    board_asset_tag: str = ""
    chassis_vendor: str = ""
    chassis_version: str = ""
    chassis_serial: str = ""
    chassis_asset_tag: str = ""
    bios_vendor: str = ""
    bios_version: str = ""
    bios_date: str = ""


class Os(Noun):
    """The distribution, from os-release(5). ``family`` is debian, redhat, suse, alpine, arch, gentoo or linux."""

    id: str = "linux"
    family: str = "linux"
    version: str = ""
    codename: str = ""
    name: str = ""


class Nic(Noun):
    """A network interface as the kernel shows it now."""

    name: str
    mac: str = ""
    driver: str = ""
    up: bool = False
    carrier: bool = False
    kind: str = "physical"


class Disk(Noun):
    """A block device with a file system or label, as blkid sees it."""

    device: str
    type: str = ""
    label: str = ""
    uuid: str = ""
    fat_label: str = ""


class Host(Noun):
    """The machine as found, before anything is changed. `cloudboot.host.look` makes it, field by field when asked."""

    root: str = "/"
    dmi: Dmi = Dmi()
    os: Os = Os()
    cmdline: str = ""
    nics: Tuple[Nic, ...] = ()
    disks: Tuple[Disk, ...] = ()
    virt: str = "none"
    container: bool = False
    arch: str = ""
    kernel: str = ""


class Instance(Noun):
    """What a datasource says this machine is.

    ``user_data`` and each of ``vendor_data`` and ``vendor_data2`` are documents as they came; ``network`` is a
    network-config v1 or v2 mapping; ``config`` is cloud-config that the datasource itself adds, weaker than
    vendor-data; ``local`` is false for an instance that acts in the network stage only (dsmode net).
    """

    id: str
    datasource: str = ""
    subplatform: str = ""
    hostname: Optional[str] = None
    ssh_keys: Tuple[str, ...] = ()
    user_data: bytes = b""
    vendor_data: Tuple[bytes, ...] = ()
    vendor_data2: Tuple[bytes, ...] = ()
    network: Optional[Mapping[str, Any]] = None
    metadata: Mapping[str, Any] = {}
    config: Mapping[str, Any] = {}
    cloud_name: str = ""
    platform: str = ""
    region: Optional[str] = None
    availability_zone: Optional[str] = None
    launch_index: Optional[int] = None
    random_seed: bytes = b""
    local: bool = True

    def to_json(self) -> Dict[str, Any]:
        """A JSON mapping from which `instance_from_json` makes the same instance."""
        return {"version": INSTANCE_VERSION, **{k: _plain(v) for k, v in self.items().items()}}


def instance_from_json(data: Mapping[str, Any]) -> Instance:
    """The instance that `Instance.to_json` described; fields of a newer version are ignored."""
    fields: Dict[str, Any] = {}
    for name in Instance._fields:
        if name in data:
            value = _revived(data[name])
            fields[name] = tuple(value) if isinstance(value, list) else value
    return Instance(**fields)


def _plain(value: Any) -> Any:
    from binascii import b2a_base64

    if isinstance(value, bytes):
        return {"base64": b2a_base64(value, newline=False).decode()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def _revived(value: Any) -> Any:
    from binascii import a2b_base64

    if isinstance(value, dict) and set(value) == {"base64"}:
        return a2b_base64(value["base64"])
    if isinstance(value, list):
        return [_revived(v) for v in value]
    return value


class FileSpec(Noun):
    """A file as it is to be: what renderers and recipes hand to the door."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: Optional[str] = None
    secret: bool = False
