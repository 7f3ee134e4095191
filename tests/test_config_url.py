"""The image configuration that the kernel command line says where to fetch."""

import os
import stat

import pytest

from tests.test_boot import Tree
from tests.test_fetch import Site

KEPT = "/etc/cloudboot/cloudboot.cfg.d/91_kernel_cmdline_url.cfg"
CONFIG = "#cloud-config\nwrite_files: [{path: /etc/fetched, content: here}]\n"


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path / "machine")
    tree.seed("#cloud-config\n{}\n")
    return tree


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = Site()
    yield site
    site.close()


@pytest.mark.parametrize("word", ["cloud-config-url", "cloudboot.config-url"])
def test_it_is_read_from_a_path_of_the_machine_counts_at_once_and_is_kept_for_root_alone(tree, word):
    tree.write("/srv/config", CONFIG)
    tree.write("/proc/cmdline", f"ro {word}=file:///srv/config")
    assert tree.run("boot") == 0
    assert tree.read("/etc/fetched") == "here" and tree.read(KEPT) == CONFIG
    assert stat.S_IMODE(os.stat(tree.root + KEPT).st_mode) == 0o600


def test_it_is_fetched_once_and_never_overwritten(tree, site):
    site.answers["/config"] = CONFIG.encode()
    tree.write("/proc/cmdline", f"cloud-config-url={site.url}/config")
    assert tree.run("boot") == 0
    tree.write(KEPT, "#cloud-config\n{}\n")
    tree.run("boot")
    assert len(site.asked) == 1 and tree.read(KEPT) == "#cloud-config\n{}\n"


def test_it_may_choose_the_datasource(tree):
    tree.write("/srv/config", "#cloud-config\ndatasource_list: [None]\n")
    tree.write("/proc/cmdline", "cloud-config-url=/srv/config")
    tree.run("boot")
    assert tree.status()["datasource"] == "none"


def test_a_plan_shows_what_it_asks_for_and_keeps_nothing(tree, capsys):
    tree.write("/srv/config", CONFIG)
    tree.write("/proc/cmdline", "cloud-config-url=/srv/config")
    before = tree.digest()
    tree.run("plan")
    out = capsys.readouterr().out
    assert KEPT in out and "write /etc/fetched" in out and tree.digest() == before


@pytest.mark.parametrize("text", [None, "write_files: []\n", "<html>"])
def test_what_cannot_be_had_or_is_none_is_warned_of_and_the_boot_goes_on(tree, text):
    if text is not None:
        tree.write("/srv/config", text)
    tree.write("/proc/cmdline", "cloud-config-url=/srv/config")
    assert tree.run("boot") == 2
    assert "/srv/config" in str(tree.status()) and tree.status()["instance_id"] == "i-1"
    assert tree.read(KEPT) is None


def test_a_typo_in_it_is_named(tree):
    tree.write("/srv/config", "#cloud-config\na: [\n")
    tree.write("/proc/cmdline", "cloud-config-url=/srv/config")
    assert tree.run("boot") == 2
    assert f"{KEPT}:2:4" in str(tree.status())
