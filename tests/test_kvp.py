"""Events in the file that a Hyper-V host reads."""

import fcntl
import json
import os

import pytest

from cloudboot.clouds.hyperv import POOL, pairs, record
from cloudboot.events import Event
from cloudboot.kvp import Pool
from cloudboot.log import Log
from cloudboot.system.root import Tree
from tests.kit import taking_at_most
from tests.test_boot import tree  # noqa: F401 (a fixture)

REPORTING = "reporting: {host: {type: hyperv}}"


def found(tree):  # noqa: F811
    with open(tree.root + POOL, "rb") as file:
        return [(key.split("|"), json.loads(value)) for key, value in pairs(file.read())]


@pytest.fixture
def guest(tree):  # noqa: F811
    tree.write("/var/lib/hyperv/.kvp_pool_0", "")
    tree.write("/etc/cloud/cloud.cfg.d/90_reporting.cfg", REPORTING)
    tree.seed("#cloud-config\n{}\n")
    return tree


def test_a_host_hears_of_stages_and_modules(guest):
    assert guest.run("boot") == 0
    events = found(guest)
    names = [(value["type"], value["name"]) for _, value in events]
    assert names[0] == ("start", "init-local")
    assert ("finish", "modules-final") in names
    assert {(key[0], key[2], key[3]) for key, _ in events} == {("CLOUDBOOT", *pair) for pair in names}
    assert len({key[5] for key, _ in events}) == len(events)
    assert [v["result"] for _, v in events if v["name"] == "modules-final" and v["type"] == "finish"] == ["SUCCESS"]
    assert os.stat(guest.root + POOL).st_mode & 0o777 == 0o600


def test_it_hears_of_some_only_where_that_is_wanted(guest):
    guest.write("/etc/cloud/cloud.cfg.d/90_reporting.cfg", "reporting: {host: {type: hyperv, event_types: [finish]}}")
    guest.run("boot")
    assert {value["type"] for _, value in found(guest)} == {"finish"}


def test_what_was_said_in_an_earlier_boot_is_not_said_again(guest):
    guest.write(POOL, record("old", "{}").decode())
    os.utime(guest.root + POOL, (1, 1))
    guest.run("boot")
    assert found(guest)[0][0][0] == "CLOUDBOOT"


def test_what_others_said_in_this_boot_stays(guest):
    guest.write(POOL, record("of another agent", "{}").decode())
    guest.run("boot")
    assert found(guest)[0][0] == ["of another agent"]


def test_a_machine_without_the_daemon_boots_all_the_same(tree):  # noqa: F811
    tree.write("/etc/cloud/cloud.cfg.d/90_reporting.cfg", REPORTING)
    tree.seed("#cloud-config\n{}\n")
    assert tree.run("boot") == 0
    assert tree.read(POOL) is None
    assert "events of this boot are not in" in tree.read("/var/log/cloudboot.log")


def test_a_pool_that_is_full_takes_no_more(guest, tmp_path):
    guest.write(POOL, record("k", "{}").decode() * 1024)
    guest.run("boot")
    assert len(found(guest)) == 1024


def pool(guest):
    return Pool({}, Log(Tree(guest.root)))


def test_a_long_message_comes_in_pieces(guest):
    pool(guest).tell(Event("one", "ä" * 400, "start", 1.5))
    events = found(guest)
    assert [value["msg_i"] for _, value in events] == list(range(len(events)))
    assert "".join(value["msg"] for _, value in events) == "\\xe4" * 400
    assert events[0][1]["ts"] == "1970-01-01T00:00:01.500+00:00"


def test_half_a_record_is_taken_back(guest):
    told = pool(guest)
    told.tell(Event("one", "first", "start", 1.0))
    with taking_at_most(3000):
        told.tell(Event("two", "second", "start", 2.0))
    told.tell(Event("three", "third", "start", 3.0))
    assert [value["name"] for _, value in found(guest)] == ["one", "three"]


def test_nobody_is_led_away_by_a_link(guest, tmp_path):
    os.symlink(tmp_path / "elsewhere", guest.root + POOL)
    guest.run("boot")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_whose_lock_somebody_holds_costs_events_and_no_time(guest):
    guest.write(POOL, "")
    with open(guest.root + POOL, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert guest.run("boot") == 0
    assert "events of this boot are not in" in guest.read("/var/log/cloudboot.log")


def test_a_pipe_that_nobody_reads_is_not_waited_for(guest):
    os.mkfifo(guest.root + POOL)
    assert guest.run("boot") == 0
    assert "events of this boot are not in" in guest.read("/var/log/cloudboot.log")
