"""What the kernel command line asks for. Pure: the line goes in, values come out.

Beside the words that first-boot agents have long understood, cloudboot has its own, which win over them and need no
quoting in any boot loader:

    cloudboot=disabled          do nothing at all            cloud-init=disabled
    cloudboot.ds=NAME[;K=V...]  use this datasource          ds=NAME[;K=V...], ci.ds=, ci.datasource=
    cloudboot.seed=URL          a NoCloud seed is there      ds=nocloud;s=URL
    cloudboot.config=BASE64     image configuration          cc: YAML end_cc
    cloudboot.config-url=URL    the same, to be fetched      cloud-config-url=URL
    cloudboot.network=BASE64    the network, or `disabled`   network-config=BASE64
    cloudboot.policy=POLICY     how to look for datasources  ci.di.policy=POLICY

BASE64 may hold gzip. Of a word given several times the last counts; `cc:` blocks are joined.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, List, Mapping, Optional, Sequence, Tuple

MOST_TEXT = 64 << 10
MOST_INFLATED = 1 << 20
SHORT = {"h": "local-hostname", "i": "instance-id", "s": "seedfrom"}
OFF = ("cloudboot=disabled", "cloud-init=disabled")
CHOICE = ("cloudboot.ds", "ds", "ci.ds", "ci.datasource")


class Cmdline(Noun):
    """A command line, read.

    ``disabled`` is the word that turns the agent off. ``datasource`` is the name asked for, as written; ``seed`` the
    meta-data that a NoCloud word carries. ``config`` holds (where it was, YAML text), strongest first. ``network`` is
    the network-config document, empty where it could not be decoded, None where there is none. ``notes`` says what was
    wrong or is deprecated.
    """

    words: Tuple[str, ...] = ()
    disabled: str = ""
    datasource: str = ""
    seed: Optional[Mapping[str, Optional[str]]] = None
    config: Tuple[Tuple[str, str], ...] = ()
    config_url: str = ""
    network: Optional[bytes] = None
    network_disabled: bool = False
    policy: str = ""
    notes: Tuple[str, ...] = ()

    def value(self, *names: str) -> Optional[str]:
        """The value of ``name=``, of the first of these names that is there; None where none is."""
        for name in names:
            for word in reversed(self.words):
                if word.startswith(f"{name}="):
                    return word[len(name) + 1 :]
        return None

    @property
    def is_config_local(self) -> bool:
        """Is the configuration that is named a file of this machine?"""
        return self.config_url.startswith(("/", "file://"))

    @property
    def root(self) -> str:
        """The device of the root file system: a path, LABEL=..., UUID=... or PARTUUID=..."""
        return self.value("root") or ""

    @property
    def initramfs_network(self) -> bool:
        """Was the initramfs told to bring up a network?"""
        return any(w.startswith(("ip=", "ip6=")) for w in self.words)


def parse(text: str) -> Cmdline:
    """Reads a command line; never fails. What is beyond 64 KiB is left out."""
    notes: List[str] = []
    blocks, rest = config_blocks(text[:MOST_TEXT])
    read = Cmdline(words=words(rest))
    configs: List[Tuple[str, str]] = []
    own = read.value("cloudboot.config")
    if own is not None:
        inline = _decoded("cloudboot.config", own, notes)
        if inline:
            configs.append(("kernel command line, cloudboot.config=", inline.decode("utf-8", "replace")))
    if blocks:
        configs.append(("kernel command line, cc:", blocks))
    network = read.value("cloudboot.network", "network-config")
    if read.value("url") and not read.value("cloudboot.config-url", "cloud-config-url"):
        notes.append("url= is not read (deprecated since 22.3); write cloudboot.config-url= if it is cloud-config")
    for old in CHOICE[2:]:
        if read.value(old):
            notes.append(f"{old}= is deprecated since 23.2; write cloudboot.ds= or ds=")
    return read.but(
        disabled=next((w for w in OFF if w in read.words), ""),
        datasource=_datasource(read),
        seed=seed(read.words),
        config=tuple(configs),
        config_url=read.value("cloudboot.config-url", "cloud-config-url") or "",
        network=None if network in (None, "disabled") else _decoded("network-config", network or "", notes),
        network_disabled=network == "disabled",
        policy=read.value("cloudboot.policy", "ci.di.policy") or "",
        notes=tuple(notes),
    )


def words(text: str) -> Tuple[str, ...]:
    """The line's words. A blank between double quotes does not part them, as in the kernel; the quotes go."""
    if text.count('"') % 2:
        return tuple(text.split())
    pieces = text.split('"')
    for i in range(1, len(pieces), 2):
        pieces[i] = pieces[i].replace(" ", "\0").replace("\t", "\1")
    return tuple(w.replace("\0", " ").replace("\1", "\t") for w in "".join(pieces).split())


def config_blocks(text: str) -> Tuple[str, str]:
    """The text of all ``cc:`` ... ``end_cc`` blocks, and the line without them.

    A block that nobody closed runs to the end; as that is most often a slip, the words after it still count too.
    """
    found: List[str] = []
    rest, at = "", 0
    while True:
        start = _start(text, at)
        if start < 0:
            return "\n".join(found), rest + text[at:]
        end = text.find("end_cc", start)
        found.append(_plain(text[start : end if end >= 0 else None].lstrip()).replace("\\n", "\n"))
        if end < 0:
            return "\n".join(found), rest + text[at:]
        rest += text[at : start - 3] + " "
        at = end + len("end_cc")


def seed(words: Sequence[str]) -> Optional[Mapping[str, Optional[str]]]:
    """The meta-data of the last ``ds=nocloud;key=value;...`` word, None where there is none. The system serial number
    of the firmware carries the same grammar.

    ``dsmode`` is filled in where it is not said: network for a URL to fetch, local for a path, else as the name says.
    """
    for word in reversed(words):
        name, _, value = word.partition("=")
        first, *pairs = value.split(";")
        if name == "cloudboot.seed" and value:
            return _moded({"seedfrom": value}, "nocloud")
        if name in CHOICE[:2] and first.lower() in ("nocloud", "nocloud-net"):
            found: Dict[str, Optional[str]] = {}
            for pair in filter(None, pairs):
                key, mark, given = pair.partition("=")
                found[SHORT.get(key, key)] = given if mark else None
            return _moded(found, first.lower())
    return None


def _moded(found: Dict[str, Optional[str]], name: str) -> Mapping[str, Optional[str]]:
    source = found.get("seedfrom")
    if "dsmode" in found:
        return found
    if not source:
        found["dsmode"] = "net" if name == "nocloud-net" else "local"
    elif source.startswith(("http://", "https://", "ftp://", "ftps://")):
        found["dsmode"] = "net"
    elif source.startswith(("file://", "/")):
        found["dsmode"] = "local"
    return found


def _datasource(read: Cmdline) -> str:
    if read.value("cloudboot.ds") is None and read.value("cloudboot.seed"):
        return "nocloud"
    return (read.value(*CHOICE) or "").partition(";")[0]


def _start(text: str, at: int) -> int:
    """Where the text of the next block begins, -1 where there is none."""
    while True:
        mark = text.find("cc:", at)
        if mark < 0:
            return -1
        if mark == 0 or text[mark - 1].isspace():
            return mark + 3
        at = mark + 3


def _plain(text: str) -> str:
    """The text with %41 made A."""
    out, *pieces = text.encode("utf-8", "surrogateescape").split(b"%")
    for piece in pieces:
        digits = piece[:2].decode("latin-1")
        sound = len(digits) == 2 and all(d in "0123456789abcdefABCDEF" for d in digits)
        out += bytes.fromhex(digits) + piece[2:] if sound else b"%" + piece
    return out.decode("utf-8", "replace")


def _decoded(name: str, text: str, notes: List[str]) -> bytes:
    """What base64, and gzip inside it, hold; empty, and a note, where they hold nothing sound."""
    from binascii import a2b_base64

    try:
        data = a2b_base64(text)
    except ValueError:
        notes.append(f"{name}= on the kernel command line is not base64; it is ignored")
        return b""
    if data[:2] != b"\x1f\x8b":
        return data
    import zlib

    unpack = zlib.decompressobj(31)
    try:
        data = unpack.decompress(data, MOST_INFLATED)
    except zlib.error:
        data = b""
    if not unpack.eof:
        notes.append(f"{name}= on the kernel command line is broken gzip, or larger than 1 MiB; it is ignored")
        return b""
    return data
