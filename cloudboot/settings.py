"""The image's configuration: layers, the strongest first, and what they come to together.

    kernel command line          cloudboot.config=, cc: ... end_cc
    /etc/cloudboot/cloudboot.cfg.d/*.cfg   later names over earlier ones; a fetched cloud-config-url is one of them
    /etc/cloudboot/cloudboot.cfg
    /etc/cloud/cloud.cfg.d/*.cfg, /etc/cloud/cloud.cfg   what an image carries for cloud-init
    built-in

A layer that cannot be read is named and left out, but for the datasources it lists: an image with a typo in one drop-in
must still let its owner in.
"""

from __future__ import annotations

from cloudboot.cmdline import Cmdline, parse
from cloudboot.errors import CloudbootError, Uninstalled
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.packed import digest, packed, same, unpacked

if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator, List, Mapping, Tuple, Union

    from cloudboot.userdata.config import Layer
    from cloudboot.values import FileView, Host

    Text = Union[bytes, CloudbootError]

OWN = "/etc/cloudboot"
CLOUD = "/etc/cloud"
FETCHED = "cloudboot.cfg.d/91_kernel_cmdline_url.cfg"
"""Where the configuration is kept that the kernel command line says where to fetch, below the own folder."""
MOST = 1 << 20


class Settings(Noun):
    """``layers`` the strongest first, ``config`` what they come to, ``problems`` the layers that could not be read.
    ``mark`` tells these settings from all others."""

    layers: Tuple[Layer, ...] = ()
    config: Mapping[str, Any] = {}
    problems: Tuple[str, ...] = ()
    cmdline: Cmdline = Cmdline()
    own: str = OWN
    mark: str = ""

    def of(self, datasource: str) -> Mapping[str, Any]:
        """What the image says to one datasource, whatever the case of its name."""
        said = self.config.get("datasource")
        if not isinstance(said, dict):
            return {}
        plain = datasource.lower().replace("-", "")
        found = next((v for k, v in said.items() if str(k).lower().replace("-", "") == plain), None)
        return found if isinstance(found, dict) else {}


class Recalled(Settings):
    """Settings that this machine had before: their layers are read when somebody asks for them."""

    def __init__(self, whole: Callable[[], Settings], **known: Any) -> None:
        self.__dict__.update(known, problems=(), _whole=whole)


class _Layers:
    def __get__(self, said: Any, kind: Any = None) -> Any:
        found = said.__dict__["layers"] = said.__dict__["_whole"]().layers
        return found


setattr(Recalled, "layers", _Layers())  # noqa: B010 (to type checkers it is the field)


def load(host: Host, own: str = OWN, fetched: bytes = b"", kept: bytes = b"") -> Settings:
    """The configuration of the machine; ``own`` takes the place of /etc/cloudboot. ``fetched`` is what the address on
    the kernel command line gave, as if it stood in its file already. ``kept`` is what `keep` gave at an earlier boot:
    where all texts are as they were then, nothing is parsed again."""
    cmdline = parse(host.cmdline)
    texts = dict(_texts(host.files, own, cmdline, fetched))
    mark = digest(own, host.cmdline, host.os, sorted(texts.items(), key=str))

    def read() -> Settings:
        return _read(texts, host, cmdline, own, mark)

    try:
        known = unpacked(kept) if kept else {}
        if known.get("mark") == mark:
            return Recalled(read, config=known["config"], cmdline=cmdline, own=own, mark=mark)
    except (ValueError, AttributeError, KeyError):
        pass
    return read()


def keep(said: Settings) -> bytes:
    """What `load` can recall these settings from; empty where it cannot, or need not."""
    if said.problems or isinstance(said, Recalled):
        return b""
    whole = packed({"mark": said.mark, "config": said.config})
    return whole if same(unpacked(whole)["config"], said.config) else b""


def _texts(files: FileView, own: str, cmdline: Cmdline, fetched: bytes) -> Iterator[Tuple[str, Text]]:
    """Every layer's name and text, or what is wrong with its file, the strongest first."""
    yield from ((name, text.encode()) for name, text in cmdline.config)
    extra = {f"{own}/{FETCHED}": fetched} if fetched else {}
    for place in paths(files, own, extra):
        try:
            yield place, extra.get(place) or files.read(place, MOST) or b""
        except CloudbootError as problem:
            yield place, problem


def _read(texts: Mapping[str, Text], host: Host, cmdline: Cmdline, own: str, mark: str) -> Settings:
    from cloudboot.defaults import defaults
    from cloudboot.userdata.config import Layer, Sources, settle

    layers: List[Layer] = []
    problems: List[str] = []
    for place, text in texts.items():
        try:
            if isinstance(text, CloudbootError):
                raise text
            layers.append(layer(place, place, text))
        except Uninstalled:  # it can read no other file either
            raise
        except CloudbootError as problem:
            problems.append(str(problem))
            layers.append(Layer(place, rescued(text) if isinstance(text, bytes) else {}, place))
    layers.append(Layer("built-in", defaults(host.os)))
    settled = settle(Sources(layers=tuple(layers)))
    problems += [str(p) for p in settled.problems]
    return Settings(tuple(layers), settled.config, tuple(problems), cmdline, own, mark)


def layer(name: str, file: str, text: bytes) -> Layer:
    """One document as a layer. Raises `CloudbootError` with its place."""
    from cloudboot.errors import Invalid, Place
    from cloudboot.userdata import document
    from cloudboot.userdata.config import Layer

    config = document.load(text, file)
    if config is None:
        config = {}
    if not isinstance(config, dict):
        raise Invalid("expected a mapping", "write key: value lines, or leave the file empty", Place(file, 1, 1))
    return Layer(name, config, file, text)


def rescued(text: bytes) -> Mapping[str, Any]:
    """What still counts of a document that cannot be read: its last ``datasource_list`` on one line. A machine that
    looks for the wrong cloud is one that nobody can log in to."""
    for line in reversed(text[:MOST].decode("utf-8", "replace").splitlines()):
        key, mark, value = line.partition(":")
        value = value.partition("#")[0].strip()
        if mark and key.strip().strip("\"'") == "datasource_list" and value[:1] == "[" and value[-1:] == "]":
            return {"datasource_list": [name.strip("\"' ") for name in value[1:-1].split(",") if name.strip("\"' ")]}
    return {}


def paths(files: FileView, own: str, extra: Iterable[str] = ()) -> Iterator[str]:
    """The files of configuration that there are, and ``extra`` drop-ins, the strongest first."""
    for folder, main in ((own, "cloudboot.cfg"), (CLOUD, "cloud.cfg")):
        drop_ins = {f"{folder}/{main}.d/{name}" for name in files.names(f"{folder}/{main}.d")}
        drop_ins.update(path for path in extra if path.startswith(f"{folder}/{main}.d/"))
        yield from sorted((path for path in drop_ins if path.endswith(".cfg")), reverse=True)
        if files.has(f"{folder}/{main}"):
            yield f"{folder}/{main}"
