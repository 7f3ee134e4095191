"""Whole boots of a tree that is a machine of Azure's, through the command line."""

import csv
import os

import pytest
import yaml

from cloudboot.clouds.hyperv import POOL, pairs
from tests.clouds import QUICK
from tests.datasources.test_azure import MARK, SEED
from tests.test_boot import Tree
from tools.mock_cloud.azure import Azure, environment, instance
from tools.mock_cloud.server import Server

USER_DATA = b"#cloud-config\nbootcmd: [echo]\nwrite_files: [{path: /etc/motd, content: hello}]\n"


@pytest.fixture
def server():
    with Server(Azure(instance(custom=True))) as server:
        yield server


@pytest.fixture
def tree(tmp_path, server):
    made = Tree(tmp_path / "machine")
    for mark, text in MARK.items():
        made.write(f"/sys/class/dmi/id/{mark}", text + "\n")
    urls = {"metadata_urls": [server.url], "wireserver_url": server.url, **QUICK, "max_wait": 5,
            "apply_network_config": False}  # fmt: skip
    made.write("/etc/cloudboot/cloudboot.cfg", yaml.safe_dump({"datasource": {"Azure": urls}}))
    made.write("/var/lib/hyperv/.kvp_pool_0", "")
    return made


def told(tree):
    with open(tree.root + POOL, "rb") as file:
        text = dict(pairs(file.read()))["PROVISIONING_REPORT"]
    return dict(f.partition("=")[::2] for f in next(csv.reader([text], delimiter="|", quotechar="'")))


def modules(tree):
    return {m["name"]: m for stage in tree.status()["stages"].values() for m in stage["modules"]}


def test_a_machine_is_ready_when_its_owner_can_come_in(tree):
    tree.write(SEED, environment(custom_data=USER_DATA).decode())
    tree.run("boot")
    assert tree.status()["warnings"] == []
    assert tree.status()["instance_id"] == MARK["product_uuid"].lower()
    assert tree.read("/etc/motd") == "hello"
    assert told(tree)["result"] == "success"
    left = modules(tree)["azure_ready"]["left"]
    assert [text.partition(" to ")[0] for text in left] == ["post /machine"], "a tree has no wireserver"


def test_what_the_disc_said_still_counts_at_the_boots_after_it_is_gone(tree):
    tree.write(SEED, environment(custom_data=USER_DATA).decode())
    tree.run("boot")
    os.unlink(tree.root + SEED)
    tree.run("boot")
    assert tree.status()["warnings"] == []
    assert "bootcmd" in modules(tree)


def test_a_plan_shows_the_report_and_sends_none(tree, server, capsys):
    tree.run("plan")
    assert "post /machine" in capsys.readouterr().out
    assert server.cloud.health == []


def test_a_machine_that_cannot_find_out_who_it_is_says_why(tree, server):
    server.fault("503", "*metadata*")
    settings = yaml.safe_load(tree.read("/etc/cloudboot/cloudboot.cfg"))
    settings["datasource"]["Azure"]["max_wait"] = 0.1
    tree.write("/etc/cloudboot/cloudboot.cfg", yaml.safe_dump(settings))
    tree.run("boot")
    assert told(tree)["result"] == "error"
    assert told(tree)["reason"].startswith("Azure metadata")
    assert "azure_failed" in modules(tree)


def test_a_machine_that_was_somebody_before_does_not_fail(tree, server):
    tree.write(SEED, environment(custom_data=USER_DATA).decode())
    tree.run("boot")
    os.unlink(tree.root + SEED)
    server.fault("503", "*metadata*")
    tree.run("boot")
    assert told(tree)["result"] == "success"
    assert tree.status()["cached"] is True
