"""A NoCloud seed: ``meta-data``, ``user-data``, ``vendor-data`` and ``network-config``, wherever they lie.

The four files may be in a folder, at the top of a medium, or at an address, whose grammar is read here too.
"""

from __future__ import annotations

from cloudboot.cmdline import parse, words
from cloudboot.cmdline import seed as word_seed
from cloudboot.errors import CloudbootError, Invalid, Missing, Place, Unreachable
from cloudboot.metadata import as_bytes, host_name, ssh_keys
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.packed import documents
from cloudboot.text import safe_url
from cloudboot.values import DMI_WORDS, Instance, Setting

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

    from cloudboot.values import Disk, Dmi, FileView, Host

    Read = Callable[[str], Optional[bytes]]
    Warn = Callable[[str], None]

REMOTE = ("http://", "https://", "ftp://", "ftps://")
LOCAL = ("file://", "/")
SETTINGS = {
    "seedfrom": Setting("address", "where a seed is, with the rules for addresses above"),
    "fs_label": Setting("text", "the label of a medium with a seed; none is looked for where it is empty", "cidata"),
    "user-data": Setting("text", "the owner's document; counts only together with meta-data"),
    "meta-data": Setting("text or mapping", "instance-id, local-hostname and the other keys of a seed's meta-data"),
    "vendor-data": Setting("text", "the vendor's document"),
    "network-config": Setting("text or mapping", "a network configuration of version 1 or 2"),
}
"""What an image's configuration may say of a seed, or in place of its files."""
LONGEST_ID = 255
LABEL = "cidata"
KINDS = ("vfat", "iso9660", "")
"""File systems that hold a seed; one that nobody probed is looked into."""
CREDENTIAL = "cloudboot."
CREDENTIALS = tuple(f"{CREDENTIAL}{name}" for name in ("user-data", "meta-data"))
"""One of these makes the system's credentials a seed."""
HOSTNAMES, ROOT_KEYS = ("firstboot.hostname", "system.hostname"), "ssh.authorized_keys.root"


class Seed(Noun):
    """What a seed says, or several that were joined; None is what it does not say. ``found``: where."""

    metadata: Mapping[str, Any] = {}
    user_data: Optional[bytes] = None
    vendor_data: Optional[bytes] = None
    network: Optional[Mapping[str, Any]] = None
    found: Tuple[str, ...] = ()

    def over(self, other: Seed) -> Seed:
        """This seed and one found after it: of meta-data the first counts, key by key, of the rest the last."""
        return Seed(
            joined(self.metadata, other.metadata),
            self.user_data if other.user_data is None else other.user_data,
            self.vendor_data if other.vendor_data is None else other.vendor_data,
            self.network if other.network is None else other.network,
            self.found + other.found,
        )


def read_seed(
    read: Read, where: str, warn: Warn, needed: Tuple[str, ...] = ("meta-data", "user-data")
) -> Optional[Seed]:
    """The seed whose files ``read(name)`` gives; None where one that is ``needed`` is not there.

    A network-config that cannot be understood is warned of and left out: without its user-data nobody could log in to
    mend it. Raises `Invalid` for such meta-data, and what ``read`` raises.
    """
    network = read("network-config")
    metadata, user = read("meta-data"), read("user-data")
    if (metadata is None and "meta-data" in needed) or (user is None and "user-data" in needed):
        return None
    told = mapping(metadata or b"", f"{where}meta-data")
    described = _network(network, f"{where}network-config", warn) or _interfaces(told, warn)
    return Seed(told, user, read("vendor-data"), described, (where,))


def handed(host: Host, warn: Warn) -> Optional[Seed]:
    """The seed in the machine's system credentials, None where they hold none. A name and keys that were handed for the
    system at large are the machine's where its meta-data says nothing else."""
    given = host.credentials
    if not any(given.has(name) for name in CREDENTIALS):
        return None
    found = read_seed(lambda name: given.read(f"{CREDENTIAL}{name}"), "credential ", warn, needed=())
    told: Dict[str, Any] = {}
    for name in HOSTNAMES:
        if given.read(name):
            told = {"local-hostname": (given.read(name) or b"").decode("utf-8", "replace").strip()}
    keys = given.read(ROOT_KEYS)
    if keys:
        told["public-keys"] = keys.decode("utf-8", "replace")
    assert found is not None
    return found.but(metadata=joined(found.metadata, told), found=("credentials",))


def read_at(source: str, where: str, files: FileView, url: Callable[[str], bytes], warn: Warn) -> Optional[Seed]:
    """The seed at a path or an address, which people know as ``where``. Raises what `read_seed` does, and `Invalid`
    where a document of a folder that is needed is there and no file."""
    seed = read_seed(reader(source, files.read, url, warn), where, warn)
    for name in ("meta-data", "user-data", "vendor-data", "network-config"):
        path = address(source, name)[len("file://") if source.startswith("file://") else 0 :]
        if source.startswith(LOCAL) and files.has(path) and files.read(path) is None:
            reason, remedy = f"{path} is no file that can be read", "put the document itself there"
            if seed is None:
                raise Invalid(reason, remedy)
            warn(f"{reason}, and is left out; {remedy}")
    return seed


def inline(settings: Mapping[str, Any], warn: Warn) -> Optional[Seed]:
    """The seed in the image's own configuration, None where it has none: both ``user-data`` and ``meta-data``."""
    if "user-data" not in settings or "meta-data" not in settings:
        return None
    where = "datasource: NoCloud: "
    metadata, network = settings["meta-data"], settings.get("network-config")
    if not isinstance(metadata, dict):
        metadata = mapping(as_bytes(metadata), f"{where}meta-data")
    if not isinstance(network, dict):
        network = _network(as_bytes(network), f"{where}network-config", warn)
    vendor = as_bytes(settings["vendor-data"]) if "vendor-data" in settings else None
    return Seed(metadata, as_bytes(settings["user-data"]), vendor, _unwrapped(network), ("configuration",))


def tokens(host: Host) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """(where, meta-data) of each ``ds=nocloud`` word that the machine was given."""
    for where, told in (("in the serial number of the firmware", word_seed(words(host.dmi.product_serial))),
                        ("on the kernel command line", parse(host.cmdline).seed)):  # fmt: skip
        if told is not None:
            yield where, told


def labelled(host: Host, settings: Mapping[str, Any]) -> List[Disk]:
    """The disks with the label of a seed, the last first."""
    label = settings.get("fs_label", LABEL)
    if not label:
        return []
    wanted = {str(label), str(label).lower(), str(label).upper()}
    found = [d for d in host.disks if d.type in KINDS and wanted & {d.label, d.fat_label}]
    return sorted(found, key=lambda disk: disk.device, reverse=True)


def instance(seed: Seed, default_id: str = "nocloud") -> Instance:
    """Who the seed says this machine is. Raises `Invalid` for an instance-id that cannot be one."""
    told, given = seed.metadata, seed.metadata.get("instance-id")
    if isinstance(given, (list, tuple, dict, bool)):
        raise Invalid(f"instance-id in the meta-data of {said(seed.found)} is no text",
                      "write a text or a number, in quotes where it looks like something else")  # fmt: skip
    id = str(given or default_id).strip()
    if not id.isprintable() or len(id) > LONGEST_ID or set(id) <= {"."}:
        raise Invalid("instance-id in meta-data cannot be one", f"use up to {LONGEST_ID} printable characters")
    zone = told.get("availability-zone", told.get("availability_zone"))
    name = told.get("local-hostname")
    return Instance(
        id=id,
        hostname=host_name(str(name) if isinstance(name, int) else name),
        ssh_keys=ssh_keys(told.get("public-keys")),
        user_data=seed.user_data or b"",
        vendor_data=(seed.vendor_data,) if seed.vendor_data else (),
        network=seed.network,
        metadata=told,
        cloud_name=str(told.get("cloud-name") or ""),
        region=str(told["region"]) if told.get("region") else None,
        availability_zone=str(zone) if zone else None,
    )


def reader(source: str, read: Read, url: Callable[[str], bytes], warn: Warn) -> Read:
    """Reads a seed's files at ``source``, which is a path or an address. Of what may be missing, trouble is warned of:
    many a small server answers anything but "not found" for what it does not have."""

    def at(name: str) -> Optional[bytes]:
        place = address(source, name)
        if source.startswith(LOCAL):
            return read(place[len("file://") :] if place.startswith("file://") else place)
        try:
            return url(place)
        except Missing:
            return None
        except Unreachable as problem:
            if name in ("meta-data", "user-data"):
                raise
            warn(f"{name} of the seed is left out: {problem}")
            return None

    return at


def address(source: str, name: str) -> str:
    """Where a file of the seed at ``source`` is: in place of ``%s``, else at the end, after a slash if need be."""
    if "%s" in source:
        return source.replace("%s", name)
    return f"{source}{'' if source.endswith('/') or '?' in source else '/'}{name}"


def filled(source: str, dmi: Dmi, warn: Warn) -> str:
    """The address with what the firmware says in place of ``__dmi.system-uuid__`` and the like."""
    fields = {word: field for field, word in DMI_WORDS.items()}
    first, *pieces = source.split("__dmi.")
    for piece in pieces:
        word, mark, rest = piece.partition("__")
        if mark and word in fields:
            first += getattr(dmi, fields[word]) + rest
        else:
            warn(f"the address of a seed holds __dmi.{word}__, which the firmware does not know")
            first += f"__dmi.{piece}"
    return first


def mapping(text: bytes, name: str) -> Mapping[str, Any]:
    """The mapping that a YAML document holds, empty for an empty document. Raises `Invalid` with the place."""
    value = documents.load(text, name) if text else None
    if value is not None and not isinstance(value, dict):
        raise Invalid("this is no mapping", "write key: value", Place(name, 1, 1))
    return value or {}


def joined(first: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both, key by key; where they differ the first."""
    out = dict(later)
    for key, value in first.items():
        under = later.get(key)
        out[key] = joined(value, under) if isinstance(value, dict) and isinstance(under, dict) else value
    return out


def said(places: Tuple[str, ...]) -> str:
    """Where the seed is, for people: without passwords."""
    return ", ".join(safe_url(place).rstrip("/") or "/" for place in places)


def _network(text: Optional[bytes], name: str, warn: Warn) -> Optional[Mapping[str, Any]]:
    if not (text or b"").strip():
        return None
    try:
        return _unwrapped(mapping(text or b"", name))
    except CloudbootError as problem:
        warn(f"the network configuration is left out: {problem}")
        return None


def _interfaces(metadata: Mapping[str, Any], warn: Warn) -> Optional[Mapping[str, Any]]:
    """The network that ``network-interfaces`` in meta-data describes as ifupdown would; deprecated since 24.3."""
    text = metadata.get("network-interfaces")
    if not isinstance(text, str) or not text.strip():
        return None
    from cloudboot.network.parse_eni import eni_config

    warnings: List[str] = []
    described: Optional[Mapping[str, Any]] = None
    try:
        described = eni_config(text, warnings)
    except CloudbootError as problem:
        warnings.append(f"it is left out: {problem}")
    for text in ("it is deprecated; write a network-config", *warnings):
        warn(f"network-interfaces in meta-data: {text}")
    return described


def _unwrapped(network: Optional[Mapping[str, Any]]) -> Optional[Mapping[str, Any]]:
    """The document without an outer ``network`` key."""
    inner = (network or {}).get("network")
    return inner if isinstance(inner, dict) else network
