"""What all sources say together: the owner's user-data over the vendor's over the layers of the image.

    user-data, vendor-data 2, vendor-data, then the layers as given: datasource, kernel command line, drop-ins, image

A stream of parts is merged as its parts say, a later part over an earlier one. Between streams and layers, mappings
are joined key by key, and of anything else the strongest counts.
"""

from __future__ import annotations

from cloudboot.errors import BadPart, Invalid, Place
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.userdata import Settled, document, merge
from cloudboot.userdata.fold import USER, VENDOR, fold
from cloudboot.userdata.parts import Parts

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Sequence, Tuple

    from cloudboot.userdata.fold import Script
    from cloudboot.userdata.marks import Mark

YES = {"true", "1", "on", "yes"}


class Layer(Noun):
    """Configuration from outside user-data: ``name`` is what people call it, ``text`` its document where it has one."""

    name: str
    config: Mapping[str, Any]
    file: str = ""
    text: bytes = b""


class Sources(Noun):
    """All that anybody says: parts as `parts.unpack` gives them, and the layers below them, the strongest first.

    ``data`` is the instance data that templates see.
    """

    user: Parts = Parts()
    vendor: Parts = Parts()
    vendor2: Parts = Parts()
    layers: Tuple[Layer, ...] = ()
    data: Mapping[str, Any] = {}


def settle(sources: Sources) -> Settled:
    """What the sources come to together. Never raises a `CloudbootError`."""
    return _settled(sources, False)


def trace(sources: Sources) -> Dict[Tuple[Any, ...], Mark]:
    """For every path of the config that `settle` makes of the same: where it came from, and what that overrode."""
    from cloudboot.userdata.marks import origins

    return dict(origins(_settled(sources, True).config))


def vendor_parts(raw: Any) -> Tuple[bytes, ...]:
    """The documents in vendor-data that came as JSON: a text, a list of texts, or a mapping with ``cloud-init``.

    Raises `Invalid` for any other shape.
    """
    if isinstance(raw, dict):
        raw = raw.get("cloud-init")
    if not raw:
        return ()
    listed = raw if isinstance(raw, (list, tuple)) else [raw]
    if not all(isinstance(item, (str, bytes)) for item in listed):
        raise Invalid("vendor-data is neither a text nor a list of texts", "put the text below the key cloud-init")
    return tuple(item.encode("utf-8", "replace") if isinstance(item, str) else item for item in listed)


def _settled(sources: Sources, marking: bool) -> Settled:
    problems: List[BadPart] = []
    notes: List[BadPart] = []
    image = _layered(sources.layers, marking, problems)
    user = sources.user
    if not is_yes(image.get("allow_userdata", True)) and user != Parts():
        notes.append(BadPart("user-data is not read: the image says allow_userdata: false", "", Place("user-data")))
        user = Parts()
    streams = [fold(user, USER, sources.data, layer="user-data" if marking else "")]
    for key, parts in (("vendor_data", sources.vendor), ("vendor_data2", sources.vendor2)):
        enabled, disabled = _switches(
            _joined(*({key: c[key]} for c in (streams[0].config, image) if key in c)).get(key)
        )
        if enabled and parts != Parts():
            layer = key.replace("_", "-") if marking else ""
            streams.append(fold(parts, VENDOR, sources.data, disabled, layer))
    return Settled(
        _joined(streams[0].config, *(stream.config for stream in reversed(streams[1:])), image),
        _apart([script for stream in streams for script in stream.scripts]),
        _apart([hook for stream in streams for hook in stream.boothooks]),
        tuple(handler for stream in streams for handler in stream.handlers),
        (*problems, *(problem for stream in streams for problem in stream.problems)),
        (*notes, *(note for stream in streams for note in stream.notes)),
    )


def _apart(scripts: Sequence[Script]) -> Tuple[Script, ...]:
    """The scripts with names that differ within a folder: two streams may each have a ``part-001``."""
    taken: Dict[Tuple[str, str], int] = {}
    apart: List[Script] = []
    for script in scripts:
        name = script.name
        while (script.folder, name) in taken:
            taken[script.folder, script.name] += 1
            name = f"{script.name}-{taken[script.folder, script.name]}"
        taken[script.folder, name] = 1
        apart.append(script.but(name=name))
    return tuple(apart)


def is_yes(value: Any) -> bool:
    """Is this a boolean that is true, or a text that means it?"""
    return value if isinstance(value, bool) else str(value).strip().lower() in YES


def _switches(said: Any) -> Tuple[bool, Tuple[str, ...]]:
    """(is the stream wanted, the kinds in it that are not), of ``vendor_data`` in the config without vendor-data."""
    if said is None:
        return True, ()
    if not isinstance(said, dict):
        return False, ()
    disabled = said.get("disabled_handlers")
    listed = disabled if isinstance(disabled, list) else [disabled] if isinstance(disabled, str) else []
    return is_yes(said.get("enabled", True)), tuple(str(kind).lower() for kind in listed)


def _layered(layers: Sequence[Layer], marking: bool, problems: List[BadPart]) -> Any:
    """The layers as one; each may say in ``merge_how`` how it joins those above it."""
    merged: Any = {}
    if marking:
        from cloudboot.userdata.marks import MarkedMapping, marked
        from cloudboot.userdata.spot import Spot

        merged = MarkedMapping({}, {})
    for layer in layers:
        config: Any = dict(layer.config)
        file = layer.file or layer.name
        how: Tuple[merge.Step, ...] = ()
        if marking:
            spot = document.spots(layer.text, file) if layer.text else Spot(0, 0)
            config = marked(config, spot, layer.name, file)
        try:
            config, how = merge.how_to_merge(config)
            merger = merge.Merger(how or merge.steps(merge.LAYERS))
        except Invalid as problem:
            problems.append(BadPart(problem.reason, problem.remedy, Place(file)))
            merger = merge.Merger(merge.steps(merge.LAYERS))
        merged = merger.merge(merged, config)
    return merged


def _joined(*configs: Mapping[str, Any]) -> Any:
    """The configs as one, the strongest first."""
    merger = merge.Merger(merge.steps(merge.LAYERS))
    merged: Any = configs[0] if configs else {}
    for config in configs[1:]:
        merged = merger.merge(merged, config)
    return merged
