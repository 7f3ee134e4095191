"""System credentials: small values that whoever starts a machine hands to it, by name.

systemd takes them in when it starts, and shows those that it trusts in a folder. Where it is not there, or older than
that, they are read from where they come from, the first that has a name first: QEMU's fw_cfg, the firmware's OEM
strings (SMBIOS type 11), the kernel command line. A container gets a folder from its manager. In a machine that is
confidential, what the host could forge is nobody's word. Facts: systemd's "System and Service Credentials" and
systemd.system-credentials(7); the SMBIOS specification for structures of type 11.
"""

from __future__ import annotations

from cloudboot.cmdline import words
from cloudboot.errors import Unreachable
from cloudboot.metadata import unbase64
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import FileView

if TYPE_CHECKING:
    from typing import Dict, Iterator, Sequence, Tuple

    from cloudboot.values import Host

SYSTEM = "/run/credentials/@system"
FW_CFG = "/sys/firmware/qemu_fw_cfg/by_name/opt/io.systemd.credentials"
OEM = "/sys/firmware/dmi/entries/11-{}/raw"
TEXT, BINARY = "io.systemd.credential:", "io.systemd.credential.binary:"
WORD, BINARY_WORD, WANTED = "systemd.set_credential=", "systemd.set_credential_binary=", "systemd.import_credentials="
CONFIDENTIAL = ("/dev/sev-guest", "/dev/tdx_guest", "/sys/devices/platform/sev-guest")
MOST, MOST_STRUCTURES = 1 << 20, 16


def credentials(host: Host) -> FileView:
    """All of them, by their names."""
    files = host.files
    folder = _managers(files) if host.container else SYSTEM
    names = files.names(folder) if folder else ()
    if names or host.container:
        return FileView({name: files.read(f"{folder}/{name}", MOST) or b"" for name in names})
    line = words(host.cmdline)
    if any(w in line for w in (f"{WANTED}no", f"{WANTED}0", f"{WANTED}false", f"{WANTED}off")):
        return FileView()
    found: Dict[str, bytes] = {}
    size = 0
    for name, value in (*_firmware(files), *_named(line, WORD, BINARY_WORD, ":")):
        if name and name not in found and size + len(value) <= MOST:
            found[name] = value
            size += len(value)
    return FileView(found)


def _managers(files: FileView) -> str:
    """The folder that the manager of this container made."""
    for word in (files.read("/proc/1/environ") or b"").split(b"\0"):
        name, _, path = word.partition(b"=")
        if name == b"CREDENTIALS_DIRECTORY" and path.startswith(b"/"):
            return path.decode("utf-8", "replace")
    return ""


def _firmware(files: FileView) -> Iterator[Tuple[str, bytes]]:
    if any(files.has(path) for path in CONFIDENTIAL):
        return
    for name in files.names(FW_CFG):
        size = files.line(f"{FW_CFG}/{name}/size")
        if size.isdigit() and int(size) <= MOST:
            yield name, (files.read(f"{FW_CFG}/{name}/raw", MOST) or b"")[: int(size)]
    for number in range(MOST_STRUCTURES):
        raw = files.read(OEM.format(number), MOST)
        if raw is None:
            return
        yield from _named(strings(raw), TEXT, BINARY, "=")


def strings(raw: bytes) -> Tuple[str, ...]:
    """The strings of an SMBIOS structure, which follow its formatted part and end with an empty one."""
    if len(raw) < 5 or raw[0] != 11 or raw[1] < 5:
        return ()
    texts = raw[raw[1] :].partition(b"\0\0")[0].split(b"\0")
    return tuple(text.decode("utf-8", "surrogateescape") for text in texts[: raw[4]] if text)


def _named(texts: Sequence[str], plain: str, binary: str, mark: str) -> Iterator[Tuple[str, bytes]]:
    """The credentials among these texts: ``plain`` or ``binary``, then NAME, the ``mark`` and the value."""
    for text in texts:
        if text.startswith(plain):
            name, found, value = text[len(plain) :].partition(mark)
            yield name if found else "", value.encode("utf-8", "surrogateescape")
        elif text.startswith(binary):
            name, found, value = text[len(binary) :].partition(mark)
            yield from _decoded(name if found else "", value)


def _decoded(name: str, text: str) -> Iterator[Tuple[str, bytes]]:
    try:
        yield name, unbase64(text, always=True)
    except Unreachable:
        return
