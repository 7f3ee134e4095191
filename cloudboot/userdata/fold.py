"""The parts of one stream (user-data, vendor-data) worked through in their order: config merged, scripts set aside."""

from __future__ import annotations

from cloudboot.errors import BadPart, CloudbootError, Invalid, Place
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.userdata import Settled, document, kinds, merge

if TYPE_CHECKING:
    from typing import Any, Collection, Dict, List, Mapping, Tuple

    from cloudboot.userdata.handlers import Handler
    from cloudboot.userdata.parts import Part, Parts

USER, VENDOR = "user", "vendor"
FOLDERS = {kinds.PER_BOOT: "per-boot", kinds.PER_INSTANCE: "per-instance", kinds.PER_ONCE: "per-once"}
IN_TEMPLATES = {kinds.CONFIG, kinds.PATCH, kinds.SCRIPT, kinds.BOOTHOOK}


class Script(Noun):
    """Something to run: ``folder`` is user, vendor, per-boot, per-instance, per-once or boothooks."""

    name: str
    content: bytes
    folder: str
    origin: str = ""


def fold(
    parts: Parts,
    folder: str = USER,
    data: Mapping[str, Any] = {},  # noqa: B006 (never changed)
    disabled: Collection[str] = (),
    layer: str = "",
) -> Settled:
    """What the parts come to together. Never raises a `CloudbootError`.

    ``folder`` is where plain scripts go, ``data`` the instance data that templates see, ``disabled`` the kinds
    that do not count. With the name of a ``layer``, everything in the config carries its `marks.Mark`.
    """
    folding = _Folding(folder, data, layer)
    for part in parts.found:
        if part.kind not in disabled:
            folding.attempt(part)
    return Settled(
        folding.config,
        tuple(folding.scripts.values()),
        tuple(folding.boothooks.values()),
        tuple(handler.but(parts=tuple(taken)) for handler, taken in folding.handlers),
        (*parts.problems, *folding.problems),
        tuple(folding.notes),
    )


class _Folding:
    """What the parts so far come to."""

    def __init__(self, folder: str, data: Mapping[str, Any], layer: str) -> None:
        self.folder, self.data, self.layer = folder, data, layer
        self.config: Dict[str, Any] = {}
        if layer:
            from cloudboot.userdata.marks import MarkedMapping

            self.config = MarkedMapping({}, {})
        self.scripts: Dict[Tuple[str, str], Script] = {}
        self.boothooks: Dict[Tuple[str, str], Script] = {}
        self.handlers: List[Tuple[Handler, List[Part]]] = []
        self.problems: List[BadPart] = []
        self.notes: List[BadPart] = []

    def attempt(self, part: Part) -> None:
        try:
            self.take(part)
        except CloudbootError as problem:
            place = problem.place if problem.place and problem.place.file else Place(part.origin)
            self.problems.append(BadPart(problem.reason, problem.remedy, place))

    def note(self, part: Part, reason: str, remedy: str) -> None:
        self.notes.append(BadPart(reason, remedy, Place(part.origin)))

    def take(self, part: Part) -> None:
        if part.kind == kinds.HANDLER:
            from cloudboot.userdata import handlers

            self.handlers.append(
                (handlers.Handler(part.name, part.content, part.origin, handlers.declared_kinds(part.content)), [])
            )
            return
        claimed = [taken for handler, taken in self.handlers if handler.kinds and part.kind in handler.kinds]
        if claimed:
            claimed[-1].append(part)
        elif part.kind == kinds.CONFIG:
            self.merge(part)
        elif part.kind == kinds.PATCH:
            self.patch(part)
        elif part.kind == kinds.TEMPLATE:
            self.render(part)
        elif part.kind == kinds.BOOTHOOK:
            self.keep(self.boothooks, part, "boothooks")
        elif part.kind == kinds.SCRIPT or part.kind in FOLDERS:
            self.keep(self.scripts, part, FOLDERS.get(part.kind, self.folder))
        else:
            self.offer(part)

    def offer(self, part: Part) -> None:
        """A part of no kind of ours: for the handlers that do not say what they take, else for nobody."""
        unsure = [taken for handler, taken in self.handlers if handler.kinds is None]
        for taken in unsure:
            taken.append(part)
        if not unsure:
            reason, remedy = kinds.diagnose(part.content)
            if part.kind not in ("text/plain", kinds.UNKNOWN):
                reason, remedy = f"no handler for the type {part.kind}", "look for a #part-handler before it"
            raise BadPart(reason, remedy)

    def merge(self, part: Part) -> None:
        config = document.load(part.content, part.origin)
        if config is None:
            self.note(part, "an empty cloud-config", "leave it out")
            return
        if not isinstance(config, dict):
            what = "a list" if isinstance(config, list) else "a text or number"
            raise BadPart(f"a cloud-config is a mapping, and this is {what}", "write key: value")
        if self.layer:
            from cloudboot.userdata.marks import marked

            config = marked(config, document.spots(part.content, part.origin), self.layer, part.origin)
        said = [key for key in ("merge_how", "merge_type") if key in config]
        try:
            config, steps = merge.how_to_merge(config)
            merger = merge.Merger((*steps, *merge.steps(part.merging)) or merge.steps(merge.PARTS))
        except Invalid as problem:
            spot = document.spots(part.content).at(said[:1]) if said else ()
            raise BadPart(problem.reason, problem.remedy, Place(part.origin, *spot)) from None
        if "dict" not in merger.by:
            self.note(part, "merge_how names no dict(): nothing of this part counts", "add dict() to it")
        if merger.unknown:
            self.note(part, f"merge_how has options that mean nothing: {', '.join(merger.unknown)}", merge.REMEDY)
        self.config = merger.merge(self.config, config)

    def patch(self, part: Part) -> None:
        from cloudboot.userdata.patch import patched

        changed = patched(self.config, part.content, part.origin)
        if self.layer:
            from cloudboot.userdata.marks import Mark, remarked

            changed = remarked(changed, self.config, Mark(self.layer, Place(part.origin)))
        self.config = changed

    def render(self, part: Part) -> None:
        from cloudboot.userdata.template import render

        rendered = render(part.content, self.data, part.origin)
        if rendered.missing:
            names = ", ".join(rendered.missing)
            self.note(part, f"no instance data for {names}", "see cloudboot query --list-keys for what there is")
        content = rendered.text.encode("utf-8", "replace")
        kind = kinds.kind_of(content)
        if kind not in IN_TEMPLATES:
            reason = f"a template of the type {kind}" if kind else "a template of what nobody knows"
            remedy = "its second line is #cloud-config, #cloud-boothook or #!"
            raise BadPart(reason, remedy)
        self.take(part.but(kind=kind, content=content))

    def keep(self, kept: Dict[Tuple[str, str], Script], part: Part, folder: str) -> None:
        content = part.content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        if folder == "boothooks":
            text = content.decode("utf-8", "surrogateescape")
            content = kinds.without_mark(text, "#cloud-boothook").lstrip().encode("utf-8", "surrogateescape")
        if (folder, part.name) in kept:
            self.note(part, f"a second script named {part.name}: it takes the place of the first", "rename one")
            del kept[folder, part.name]
        kept[folder, part.name] = Script(part.name, content, folder, part.origin)
