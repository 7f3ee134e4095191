"""The documentation says what is so."""

import ast
import importlib
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from cloudboot import check, registry
from tests import kit, needs
from tools import pages
from tools.pages import plugins, words

ROOT = Path(__file__).resolve().parent.parent
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| `([\w.]+)\.([A-Z_]+)` \|$", (ROOT / "docs/limits.md").read_text(), re.M)
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "s": 1, "": 1}


@pytest.mark.parametrize("what,bound,module,name", ROWS, ids=[row[3] for row in ROWS])
def test_the_page_of_limits_says_what_the_constants_say(what, bound, module, name):
    number, _, unit = bound.partition(" ")
    assert float(number) * UNITS[unit] == getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda p: str(p.relative_to(ROOT))
)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_first_page_leads_to_every_other():
    linked = set(re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text()))
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= linked


def test_the_reference_says_what_the_declarations_say():
    assert list(pages.stale()) == [], "run ./tools/docs"


def test_a_page_that_was_changed_by_hand_is_noticed(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.setattr(pages, "DOCS", tmp_path / "docs")
    (tmp_path / "docs/modules/ntp.md").write_text("# ntp\n")
    (tmp_path / "docs/man/cloudboot-gone.8").write_text("")
    assert {path: text is None for path, text in pages.stale().items()} == {
        "modules/ntp.md": False, "man/cloudboot-gone.8": True}  # fmt: skip


@pytest.mark.parametrize("name", [source.name for source in registry.datasources()])
def test_the_settings_that_a_datasource_reads_are_in_its_page(name):
    read = set()
    for node in ast.walk(ast.parse((ROOT / "datasources" / f"{name}.py").read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and is_settings(node.func.value):
            read.add(getattr(node.args[0], "value", None))
        if isinstance(node, ast.Subscript) and is_settings(node.value):
            read.add(getattr(node.slice, "value", None))
    documented = plugins.settings_of(registry.datasource(name))
    assert read - {None, "metadata_url"} <= set(documented)
    assert all(about.kind and about.help for about in documented.values())


def is_settings(node):
    return "settings" in (getattr(node, "attr", ""), getattr(node, "id", ""))


@pytest.mark.parametrize("module", registry.modules(), ids=lambda module: module.name)
def test_editors_take_the_example_of_every_module(module):
    example = yaml.safe_load(kit.example(importlib.import_module(f"cloudboot.modules.{module.name}")))
    jsonschema.Draft202012Validator(check.export()).validate(example)


@pytest.mark.parametrize("schema,said", [
    ({"type": "string"}, "text"),
    ({"type": "array", "items": {"type": "string"}}, "list of text"),
    ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "list of (text or nothing)"),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, "mapping of names to whole numbers"),
    ({"enum": ["a", False]}, "`a` or `false`"),
    ({"type": "integer", "minimum": 0, "maximum": 5}, "whole number from 0 to 5"),
    ({"anyOf": [{"type": "string"}, {"type": "boolean", "deprecated": True}]}, "text"),
    ({}, "anything"),
])  # fmt: skip
def test_the_shape_of_a_value_in_words(schema, said):
    assert words.shape(schema) == said


def test_the_manual_pages_are_sound():
    needs.program("mandoc")
    files = sorted(str(path) for path in (ROOT / "docs/man").glob("*.8"))
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *files], capture_output=True, text=True)
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []
