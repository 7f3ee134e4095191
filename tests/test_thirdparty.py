"""Datasources and modules of others, from a package that is installed and named in the image's configuration."""

import json
import sys

import pytest

from cloudboot import registry, thirdparty
from cloudboot.card import Stage
from cloudboot.cli import main

DATASOURCE = """
from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.values import Instance

def detect(host, settings):
    return Evidence("the maker is Acme") if host.dmi.sys_vendor == "Acme" else None

def fetch(probe):
    return Instance("acme-1", hostname="anvil", user_data=b"#cloud-config\\nfirewall: {open: [22]}\\n")

DATASOURCE = Datasource("acmemetal", "Acme Metal", Needs.NOTHING, detect, fetch)
"""
MODULE = """
from cloudboot.module import Every, Module, Stage
from cloudboot.noun import Noun, option
from cloudboot.schema import Int, ListOf

class Options(Noun):
    open: tuple = option(ListOf(Int), default=(), help="ports")

def apply(system, options, boot):
    system.write("/etc/firewall", " ".join(str(port) for port in options.open))

MODULE = Module("firewall", Stage.CONFIG, Every.INSTANCE, Options, apply, key="firewall", after=("runcmd",))
"""


@pytest.fixture(autouse=True)
def packages(tmp_path, monkeypatch):
    """A folder of Python's path with packages in it; nothing of them is known before or after."""
    folder = tmp_path / "site"
    for name, text in {
        "acme/__init__.py": "",
        "acme/metal.py": DATASOURCE,
        "acme/firewall.py": MODULE,
        "acme/broken.py": "1 / 0",
        "acme/empty.py": "",
        "acme/other.py": "MODULE = 'no module'",
        "acme/taken.py": MODULE.replace('"firewall", Stage', '"runcmd", Stage'),
        "acme/circle.py": MODULE.replace('("runcmd",)', '("firewall",)'),
    }.items():
        at = folder / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(registry, "_added", {"datasources": {}, "modules": {}})
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "acme"]:
        del sys.modules[name]


def bring(**named):
    return thirdparty.bring({"plug_ins": named})


def test_what_an_image_names_is_known_like_what_comes_along():
    assert bring(datasources=["acme.metal"], modules=["acme.firewall"]) == []
    assert registry.datasource("AcmeMetal").title == "Acme Metal"
    assert registry.module("firewall").key == "firewall"
    order = [card.name for card in registry.cards(Stage.CONFIG)]
    assert order.index("firewall") > order.index("runcmd")
    assert "acmemetal" in registry.clues()
    assert "firewall" not in {entry["name"] for entry in registry.index()["modules"]}


def test_an_installed_index_knows_nothing_of_them_and_they_take_their_place_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "index.json").write_text(json.dumps(registry.index()))
    monkeypatch.setattr(registry, "INDEX", str(tmp_path / "index.json"))
    bring(datasources=["acme.metal"], modules=["acme.firewall"])
    order = [card.name for card in registry.cards(Stage.CONFIG)]
    assert order.index("firewall") > order.index("runcmd")
    assert {"acmemetal", "ec2"} <= set(registry.clues())


def test_what_is_installed_and_not_named_is_never_imported():
    registry.modules()
    bring(modules=["acme.firewall"])
    assert "acme.metal" not in sys.modules


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("modules", "acme.nowhere", "acme.nowhere is not installed"),
        ("datasources", "nobody.at.all", "is not installed; install the package that has it: nobody is not there"),
        ("modules", "acme.broken", "cannot be imported: ZeroDivisionError"),
        ("modules", "acme.empty", "declares nothing; it is to end in MODULE"),
        ("modules", "acme.other", "is no Module"),
        ("modules", "acme.taken", "there is a module runcmd already"),
        ("modules", "acme.circle", "wait for each other"),
        ("modules", "../etc/passwd", "is no name of a Python module"),
        ("modules", 7, "is no name of a Python module"),
    ],
)
def test_what_cannot_be_had_is_named_and_leaves_the_others_alone(kind, name, why):
    problems = bring(**{kind: [name]}) + bring(modules=["acme.firewall"])
    assert len(problems) == 1
    assert why in problems[0]
    assert registry.module("firewall")


@pytest.mark.parametrize("said", [["acme.firewall"], {"datasource": ["acme.metal"]}, "acme"])
def test_a_document_of_another_shape_is_said_to_be_one(said):
    (problem,) = thirdparty.bring({"plug_ins": said})
    assert "expected a mapping of datasources and modules" in problem


def test_the_verbs_list_them(tmp_path, capsys):
    (tmp_path / "cloudboot.cfg").write_text(
        "plug_ins: {datasources: [acme.metal], modules: [acme.firewall, acme.empty]}"
    )
    assert main(["--config", str(tmp_path), "datasources"]) == 0
    assert main(["--config", str(tmp_path), "modules"]) == 0
    told = capsys.readouterr()
    assert "Acme Metal" in told.out
    assert "firewall" in told.out
    assert "acme.empty declares nothing" in told.err


def test_a_tree_is_not_this_machine(tmp_path, capsys):
    config = tmp_path / "etc/cloudboot"
    config.mkdir(parents=True)
    (config / "cloudboot.cfg").write_text("plug_ins: {modules: [acme.firewall]}")
    assert main(["--root", str(tmp_path), "modules"]) == 0
    assert "not used on the tree" in capsys.readouterr().err
    assert "acme.firewall" not in sys.modules


def test_user_data_names_none(tmp_path, capsys):
    (tmp_path / "user-data").write_text("#cloud-config\nplug_ins: {modules: [acme.firewall]}\n")
    main(["--config", str(tmp_path), "plan", "--user-data", str(tmp_path / "user-data")])
    assert "acme.firewall" not in sys.modules
    assert "plug_ins: what user-data says of them is not done" in capsys.readouterr().err


def test_a_boot_asks_the_datasource_and_runs_the_module(tmp_path, capsys):
    (tmp_path / "cloudboot.cfg").write_text(
        "plug_ins: {datasources: [acme.metal], modules: [acme.firewall]}\ndatasource_list: [AcmeMetal]\n"
    )
    assert main(["--config", str(tmp_path), "plan", "--format", "json"]) in (0, 1)
    planned = json.loads(capsys.readouterr().out)
    (firewall,) = [entry for entry in planned if entry["module"] == "firewall"]
    assert (firewall["error"], [change["path"] for change in firewall["changes"]]) == (None, ["/etc/firewall"])


@pytest.mark.parametrize(("good", "bad"), [("    return Instance(", "    1 / 0\n    return Instance("),
                                           ("    return Evidence(", "    1 / 0\n    return Evidence(")])  # fmt: skip
def test_a_bug_in_a_datasource_is_an_error_and_the_others_are_asked_all_the_same(packages, tmp_path, capsys, good, bad):
    (packages / "acme/metal.py").write_text(DATASOURCE.replace(good, bad))
    listed = "[AcmeMetal, None]" if "Instance" in bad else "[AcmeMetal, NoCloud, None]"
    (tmp_path / "cloudboot.cfg").write_text(
        f"plug_ins: {{datasources: [acme.metal]}}\ndatasource_list: {listed}\nlocale: C.UTF-8\n"
    )
    main(["--config", str(tmp_path), "plan", "--format", "json"])
    said = capsys.readouterr()
    assert "datasource acmemetal: a bug: ZeroDivisionError at metal.py:" in said.err
    assert "of cloudboot's own" not in said.err
