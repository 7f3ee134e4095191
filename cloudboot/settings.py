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
from cloudboot.defaults import defaults
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.userdata.config import Layer, Sources, settle

if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, List, Mapping, Tuple

    from cloudboot.values import FileView, Host

OWN = "/etc/cloudboot"
CLOUD = "/etc/cloud"
FETCHED = "cloudboot.cfg.d/91_kernel_cmdline_url.cfg"
"""Where the configuration is kept that the kernel command line says where to fetch, below the own folder."""
MOST = 1 << 20


class Settings(Noun):
    """``layers`` the strongest first, ``config`` what they come to, ``problems`` the layers that could not be read."""

    layers: Tuple[Layer, ...] = ()
    config: Mapping[str, Any] = {}
    problems: Tuple[str, ...] = ()
    cmdline: Cmdline = Cmdline()
    own: str = OWN

    def of(self, datasource: str) -> Mapping[str, Any]:
        """What the image says to one datasource, whatever the case of its name."""
        said = self.config.get("datasource")
        if not isinstance(said, dict):
            return {}
        plain = datasource.lower().replace("-", "")
        found = next((v for k, v in said.items() if str(k).lower().replace("-", "") == plain), None)
        return found if isinstance(found, dict) else {}


def load(host: Host, own: str = OWN, fetched: bytes = b"") -> Settings:
    """The configuration of the machine; ``own`` takes the place of /etc/cloudboot. ``fetched`` is what the address on
    the kernel command line gave, as if it stood in its file already."""
    cmdline = parse(host.cmdline)
    layers: List[Layer] = []
    problems: List[str] = []
    given = {name: text.encode() for name, text in cmdline.config}
    extra = {f"{own}/{FETCHED}": fetched} if fetched else {}
    for place in (*given, *paths(host.files, own, extra)):
        text = given.get(place) or extra.get(place, b"")
        try:
            text = text or host.files.read(place, MOST) or b""
            layers.append(layer(place, place, text))
        except CloudbootError as problem:
            problems.append(str(problem))
            layers.append(Layer(place, rescued(text), place))
    layers.append(Layer("built-in", defaults(host.os)))
    settled = settle(Sources(layers=tuple(layers)))
    problems += [str(p) for p in settled.problems]
    return Settings(tuple(layers), settled.config, tuple(problems), cmdline, own)


def layer(name: str, file: str, text: bytes) -> Layer:
    """One document as a layer. Raises `CloudbootError` with its place."""
    from cloudboot.errors import Invalid, Place
    from cloudboot.userdata import document

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
