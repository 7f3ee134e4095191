"""What moves through a boot: frozen values, each JSON in and JSON out."""

from __future__ import annotations

from posixpath import dirname, normpath

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.text import with_text_keys

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Tuple, Union

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


MOST_READ = 16 << 20


class FileView:
    """Files that can be looked at, not changed. These are in memory, by absolute path, a text being a link's target;
    `cloudboot.host.files` shows a machine's."""

    def __init__(self, files: Mapping[str, Union[bytes, str]] = {}) -> None:  # noqa: B006
        self._files = files

    def read(self, path: str, most: int = MOST_READ) -> Optional[bytes]:
        """The file's bytes, None where there is no file that may be read. Raises `Invalid` for one larger than
        ``most``, `Unreachable` for a device that fails."""
        for _ in range(8):
            data = self._files.get(path)
            if not isinstance(data, str):
                return data
            path = normpath(f"{dirname(path)}/{data}" if data[:1] != "/" else data)
        return None

    def open(self, path: str) -> int:
        """A read-only descriptor of a file or block device, which the caller closes. Raises `Unreachable`."""
        import os

        data = self.read(path)
        if data is None:
            raise Unreachable(f"{path} cannot be opened: nothing is there")
        fd = os.memfd_create("view", os.MFD_CLOEXEC)
        os.write(fd, data)
        return fd

    def names(self, path: str) -> Tuple[str, ...]:
        """What a folder holds, sorted; nothing where there is no folder."""
        top = path.rstrip("/") + "/"
        return tuple(sorted({f[len(top) :].split("/")[0] for f in self._files if f.startswith(top)}))

    def has(self, path: str) -> bool:
        """Is anything there: a file, a folder, a socket, a device?"""
        return path in self._files or bool(self.names(path))

    def link(self, path: str) -> str:
        """Where a symbolic link points, empty where there is none."""
        target = self._files.get(path)
        return target if isinstance(target, str) else ""

    def line(self, path: str) -> str:
        """The first line of a small file such as sysfs has, without the blanks around it; empty where there is none."""
        return (self.read(path) or b"").decode("utf-8", "replace").partition("\n")[0].strip(" \t\r\0")


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


DMI_WORDS = {
    "sys_vendor": "system-manufacturer",
    "product_name": "system-product-name",
    "product_version": "system-version",
    "product_serial": "system-serial-number",
    "product_uuid": "system-uuid",
    "board_vendor": "baseboard-manufacturer",
    "board_name": "baseboard-product-name",
    "board_version": "baseboard-version",
    "board_serial": "baseboard-serial-number",
    "board_asset_tag": "baseboard-asset-tag",
    "chassis_vendor": "chassis-manufacturer",
    "chassis_version": "chassis-version",
    "chassis_serial": "chassis-serial-number",
    "chassis_asset_tag": "chassis-asset-tag",
    "bios_vendor": "bios-vendor",
    "bios_version": "bios-version",
    "bios_date": "bios-release-date",
}
"""The word of dmidecode(8), and of addresses of seeds, for each field of `Dmi`."""


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
    """The machine as found, before anything is changed. `cloudboot.host.look` makes it, field by field when asked.

    ``asks``: programs may be asked for what the files leave open. ``xenstore`` holds the keys of a Xen guest, and
    ``guestinfo`` the variables of a VMware guest (by their names without ``guestinfo.``), as if they were files;
    so are ``credentials``, what whoever started the machine handed to it by name.
    """

    root: str = "/"
    asks: bool = False
    files: FileView = FileView()
    dmi: Dmi = Dmi()
    os: Os = Os()
    cmdline: str = ""
    nics: Tuple[Nic, ...] = ()
    disks: Tuple[Disk, ...] = ()
    virt: str = "none"
    container: bool = False
    arch: str = ""
    kernel: str = ""
    xenstore: FileView = FileView()
    guestinfo: FileView = FileView()
    credentials: FileView = FileView()


class Instance(Noun):
    """What a datasource says this machine is.

    ``user_data`` and each of ``vendor_data`` and ``vendor_data2`` are documents as they came; ``network`` is a
    network-config v1 or v2 mapping; ``config`` is cloud-config that the datasource itself adds, weaker than
    vendor-data; ``local`` is false for an instance that acts in the network stage only (dsmode net); ``updates`` are
    the events at which its datasource may tell of another network.
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
    updates: Tuple[str, ...] = ("boot-new-instance",)

    def to_json(self) -> Dict[str, Any]:
        """A JSON mapping from which `instance_from_json` makes the same instance. Only what a document of YAML can hold
        and JSON cannot, such as bytes in meta-data, becomes the text that stands for it."""
        return {"version": INSTANCE_VERSION, **{k: _plain(v) for k, v in self.items().items()}}


DOCUMENTS = ("user_data", "vendor_data", "vendor_data2", "random_seed")
"""The fields of bytes: in JSON they are base64, the several of vendor-data a list of it."""


def instance_from_json(data: Mapping[str, Any]) -> Instance:
    """The instance that `Instance.to_json` described; fields of a newer version are ignored."""
    from binascii import a2b_base64

    fields: Dict[str, Any] = {}
    for name in Instance._fields:
        if name in data:
            value = data[name]
            if name in DOCUMENTS:
                value = [a2b_base64(v) for v in value] if isinstance(value, list) else a2b_base64(value)
            fields[name] = tuple(value) if isinstance(value, list) else value
    return Instance(**fields)


def _plain(value: Any) -> Any:
    from binascii import b2a_base64

    if isinstance(value, bytes):
        return b2a_base64(value, newline=False).decode()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in with_text_keys(value).items()}
    return value


class FileSpec(Noun):
    """A file as it is to be: what renderers and recipes hand to the door."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: Optional[str] = None
    secret: bool = False


class Setting(Noun):
    """A key that an image's configuration may have for a datasource: of what kind its value is, what it does, and what
    holds without it. For the reference only: nothing in it is looked at in a boot."""

    kind: str
    help: str
    default: str = ""
