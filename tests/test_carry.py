from types import SimpleNamespace

import pytest

from cloudboot import registry
from cloudboot.card import Card, Every, Stage, Work
from cloudboot.carry import is_idle
from cloudboot.module import Boot
from cloudboot.report import Entry
from cloudboot.values import FileView, Host, Instance

CARD = Card("a", Stage.FINAL, Every.BOOT, ("a",), unasked=True, work=Work(there=("/scripts/", "{instance}/x")))
FOLDER = "/var/lib/cloudboot/instances/i-1"


def idle(card, *there, container=False, config=None, done=(), files=None, **instance):
    boot = Boot(Stage.FINAL, Host(container=container), Instance("i-1", **instance), config or {})
    job = SimpleNamespace(
        is_there=lambda path: path in there, report=SimpleNamespace(entries=done), machine=FileView(files or {})
    )
    return is_idle(job, card, boot)


def test_a_module_that_looks_for_what_is_not_there_has_nothing_to_do():
    assert idle(CARD) and not idle(CARD, "/scripts/") and not idle(CARD, f"{FOLDER}/x")


def test_one_that_its_owner_asked_for_is_run_all_the_same():
    assert not idle(CARD, config={"a": None})


def test_some_have_nothing_to_do_in_a_container():
    card = CARD.but(work=Work(contained=False))
    assert idle(card, container=True) and not idle(card) and not idle(card.but(work=None), container=True)


def test_what_the_cloud_brought_gives_a_module_something_to_do():
    card = CARD.but(work=Work(brought=("random_seed", "injected-files", "datasource=gce", "updates=hotplug")))
    assert idle(card) and idle(card, datasource="ec2", updates=("boot",), metadata={"injected-files": []})
    assert not idle(card, random_seed=b"x") and not idle(card, metadata={"injected-files": [{}]})
    assert not idle(card, datasource="gce") and not idle(card, updates=("boot", "hotplug"))


def test_a_file_that_holds_a_word_does_too():
    card = CARD.but(work=Work(holding={"/etc/fstab": "ours"}))
    assert idle(card) and idle(card, files={"/etc/fstab": b"/dev/vda / ext4\n"})
    assert not idle(card, files={"/etc/fstab": b"/dev/vda / ext4 ours\n"})


def test_a_word_is_looked_for_in_all_of_the_config_whatever_the_keys_say():
    card = CARD.but(work=Work(words=("defer",)))
    assert idle(card, config={"a": [{"path": "defer"}]})
    assert not idle(card, config={"a": [{"defer": True}]}) and not idle(card, config={"b": {"c": {"defer": 1}}})


def test_a_key_that_only_says_how_asks_for_nothing():
    card = CARD.but(keys=("a", "b"), work=Work(there=("/x",), tuning=("a",)))
    assert idle(card, config={"a": 1}) and not idle(card, config={"a": 1, "b": 1}) and not idle(card, "/x")


def test_what_another_module_has_just_done_is_not_done_again_unless_that_had_trouble():
    card = CARD.but(work=Work(redone="b"))
    assert idle(card, done=[Entry("b", 3)], config={"a": 1}) and not idle(card) and not idle(card, done=[Entry("c")])
    assert not idle(card, done=[Entry("b", error="no")]) and not idle(card, done=[Entry("b", warnings=("hm",))])


WAITING = ["scripts_per_boot", "scripts_user", "scripts_vendor", "boothooks", "growpart", "reset_rmc", "seed_random",
           "injected_files", "mounts", "ssh_publish_host_keys", "ssh_import_id", "write_files_deferred",
           "install_hotplug"]  # fmt: skip


@pytest.mark.parametrize("name", WAITING)
def test_the_index_knows_when_a_module_has_nothing_to_do(name):
    card = registry.module(name).card
    said = {"vendor_data": {"enabled": True}, "write_files": [{"path": "/a"}], "users": [{"name": "alice"}]}
    assert idle(card, container=True, config={key: said[key] for key in card.keys if key in said})
