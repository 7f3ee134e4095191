"""The page of a module and of a datasource: what its file says of itself, and what it declares."""

from __future__ import annotations

import ast
import importlib
import re
import textwrap
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Tuple

from cloudboot import check, registry
from cloudboot.card import Every, Stage
from cloudboot.datasource import Datasource, Needs
from cloudboot.http import reach, service
from cloudboot.module import Module
from cloudboot.schema import shaped
from cloudboot.values import Setting
from tools.pages.words import Options, Row, table

ROOT = Path(__file__).resolve().parents[2]
NOTE = "<!-- Written by tools/docs from {}. -->"
FREQUENCIES = {
    Every.BOOT: "at every boot",
    Every.INSTANCE: "once for an instance",
    Every.ONCE: "once for as long as the disk lives",
}
STAGES = {
    Stage.LOCAL: "the local stage, before there is a network",
    Stage.NETWORK: "the network stage, when there is a network and before sshd starts",
    Stage.CONFIG: "the config stage",
    Stage.FINAL: "the final stage",
}
NEEDS = {
    Needs.NOTHING: "on the machine itself, before there is a network",
    Needs.LINK_LOCAL: "over a network made for the question, before the machine's own is configured",
    Needs.NETWORK: "over the machine's own network",
}
FAMILIES = {
    "debian": "the Debian family (Ubuntu among it)",
    "redhat": "the Red Hat family",
    "suse": "the SUSE family",
    "alpine": "Alpine",
    "ubuntu": "Ubuntu",
    "arch": "Arch",
    "raspberry-pi-os": "Raspberry Pi OS",
    "fedora": "Fedora",
    "rhel": "Red Hat Enterprise Linux",
}


MODULES = "What a document can ask for, in the order in which it is done. `cloudboot modules` prints the same list."
DATASOURCES = "Where a machine may learn who it is. `cloudboot identify --explain` tells which of them it has, and why."


class Doc(NamedTuple):
    """A file's docstring: its first line without the name, its example and the rest."""

    title: str
    example: str
    prose: str


def doc_of(folder: str, name: str) -> Doc:
    text = importlib.import_module(f"cloudboot.{folder}.{name}").__doc__ or ""
    first, _, rest = text.strip().partition("\n")
    blocks = [block for block in re.split(r"\n\s*\n(?!    )", rest.strip("\n")) if block.strip()]
    example = textwrap.dedent(blocks.pop(0)) if blocks and blocks[0].startswith("    ") else ""
    prose = "\n\n".join(blocks).replace("``", "`")
    return Doc(first.partition(": ")[2], "" if example.strip() == "{}" else example, without_sources(prose))


def without_sources(prose: str) -> str:
    """The prose without the sentence that says where its facts are from, which is for whoever changes the file."""
    return re.sub(r"\s*(Sources?|Facts): [^\n]*(\n[^\n]+)*$", "", prose).strip()


def sentence(text: str) -> str:
    """A title as a sentence of its own."""
    return text[:1].upper() + text[1:].rstrip(".") + "."


def module_page(module: Module) -> str:
    doc = doc_of("modules", module.name)
    lines = [f"# {module.name}", "", NOTE.format(f"modules/{module.name}.py"), "", sentence(doc.title), ""]
    lines += [f"- {line}" for line in _facts(module)]
    if doc.example:
        first = ["In the image's configuration:", "", "```yaml"] if module.image else ["```yaml", "#cloud-config"]
        lines += ["", *first, doc.example, "```"]
    if doc.prose:
        lines += ["", doc.prose]
    options = options_of(module)
    if options.rows:
        lines += ["", "## Options", "", table(options.rows)]
    if options.old:
        lines += ["", "## Deprecated", "", "These work, with a warning.", ""]
        lines += [f"- `{old.path}`{' as ' if old.shape else ''}{old.shape}: {old.message}" for old in options.old]
    return "\n".join(lines) + "\n"


def _facts(module: Module) -> Iterator[str]:
    yield f"Runs in {STAGES[module.stage]}, {FREQUENCIES[module.every]}."
    if module.stage is Stage.LOCAL and not module.image:
        yield "Where what user-data includes has to be fetched, it runs first in the network stage."
    if module.image:
        yield "Reads the image's own configuration; user-data has no say."
    if module.work and not module.work.contained:
        yield "Has nothing to do in a container."
    keys = [f"`{key}`" for key in dict.fromkeys((*module.keys, *module.also)) if key not in module.aliases]
    if module.unasked:
        yield "Runs whether or not a document mentions it" + (f"; reads {listed(keys)}." if keys else ".")
    elif keys:
        yield f"Runs when the document has {listed(keys, 'or')}" + (
            "; the key alone asks for all defaults." if module.bare else "."
        )
    if module.after:
        yield f"After {listed([f'[{name}]({name}.md)' for name in module.after])}."
    if module.distros:
        yield f"On {listed([FAMILIES.get(name, name) for name in module.distros])} only."


def options_of(module: Module) -> Options:
    """Every option of a module, with its path in a document."""
    schema: Dict[str, Any] = shaped(module.options).schema()
    options = Options()
    if module.key:
        options.add(module.key, {"description": module.summary, **schema})
        if len(options.rows) > 1:
            del options.rows[0]
        exported = check.export()["properties"]
        for key in module.aliases:
            options.add(key, exported[key])
    else:
        for key, about in schema["properties"].items():
            options.add(key, about)
    return options


def titled(module: Module) -> str:
    return module.summary.replace("``", "`").rstrip(".")


def datasource_page(source: Datasource) -> str:
    doc = doc_of("datasources", source.name)
    lines = [f"# {source.name}", "", NOTE.format(f"datasources/{source.name}.py"), "", sentence(doc.title), ""]
    if source.signs:
        lines.append(f"- Known by {source.signs}.")
    lines.append(f"- Asked {NEEDS[source.needs]}.")
    lines.append(f"- Its network may change at {listed([UPDATES[event] for event in source.updates])}.")
    if source.aliases:
        lines.append(f"- Also called {listed([f'`{name}`' for name in source.aliases])}.")
    if doc.example and not doc.example.rstrip().endswith("{}"):
        lines += ["", "In the image's configuration:", "", "```yaml", doc.example, "```"]
    if doc.prose:
        lines += ["", doc.prose]
    rows = [Row(key, about.kind, _default(about.default), about.help)
            for key, about in settings_of(source).items()]  # fmt: skip
    if rows:
        lines += ["", "## Settings", "", table(rows)]
    return "\n".join(lines) + "\n"


def _default(text: str) -> str:
    return text if " " in text else f"`{text}`" if text else ""


UPDATES = {
    "boot-new-instance": "the first boot of an instance",
    "boot": "every boot",
    "boot-legacy": "every boot",
    "hotplug": "the arrival of a network card",
}


def settings_of(source: Datasource) -> Mapping[str, Setting]:
    """Its own settings, and those of the service that it asks, with the defaults that it asks with."""
    found = dict(source.settings)
    for given in reached(f"cloudboot.datasources.{source.name}"):
        found.update(reach.SETTINGS)
        for key, default in (("max_wait", given.get("budget", service.BUDGET)),
                             ("timeout", given.get("attempt", service.ATTEMPT))):  # fmt: skip
            found[key] = found[key].but(default=f"{default:g}")
    return found


def reached(name: str) -> Iterator[Mapping[str, float]]:
    """How long each call of ``reach`` in a file, or in what it takes from `cloudboot.clouds`, asks at most."""
    module = importlib.import_module(name)
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reach":
            said = {word.arg: word.value for word in node.keywords if word.arg in ("budget", "attempt")}
            yield {str(arg): getattr(module, value.id) if isinstance(value, ast.Name) else ast.literal_eval(value)
                   for arg, value in said.items()}  # fmt: skip
        elif isinstance(node, ast.ImportFrom) and node.module == "cloudboot.clouds":
            for alias in node.names:
                yield from reached(f"cloudboot.clouds.{alias.name}")


def listed(words: List[str], last: str = "and") -> str:
    words = list(dict.fromkeys(words))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def pages() -> Iterator[Tuple[str, str]]:
    """Path below docs/ and content, of every page about a plug-in, and of the two lists of them."""
    modules, sources = registry.modules(), registry.datasources()
    for module in modules:
        yield f"modules/{module.name}.md", module_page(module)
    for source in sources:
        yield f"datasources/{source.name}.md", datasource_page(source)
    yield "modules/README.md", module_list(modules)
    yield "datasources/README.md", datasource_list(sources)


def module_list(modules: Tuple[Module, ...]) -> str:
    lines = ["# Modules", "", NOTE.format("modules/"), "", MODULES]
    for stage in Stage:
        mine = [module for module in modules if module.stage is stage]
        if mine:
            lines += ["", f"## {sentence(STAGES[stage].removeprefix('the ')).rstrip('.')}", "",
                      "| module | what it does | how often |", "|---|---|---|"]  # fmt: skip
            lines += [f"| [{m.name}]({m.name}.md) | {titled(m)} | {FREQUENCIES[m.every]} |" for m in mine]
    return "\n".join(lines) + "\n"


def datasource_list(sources: Tuple[Datasource, ...]) -> str:
    lines = ["# Datasources", "", NOTE.format("datasources/"), "",
             DATASOURCES, "", "| datasource | cloud | known by |", "|---|---|---|"]  # fmt: skip
    lines += [f"| [{s.name}]({s.name}.md) | {s.title} | {s.signs or '-'} |" for s in sources]
    return "\n".join(lines) + "\n"
