import time
from types import SimpleNamespace

import pytest

from cloudboot import events as events_file
from cloudboot.events import Event, Events
from cloudboot.log import Log
from tests.test_boot import tree  # noqa: F401 (a fixture)

EVENTS = """start: init-local: searching for local datasources
finish: init-local: SUCCESS: searching for local datasources
start: init-network: searching for network datasources
start: init-local/config-users_groups: running users_groups
finish: init-local/config-users_groups: SUCCESS: users_groups is done
"""


def test_a_printing_handler_tells_stages_and_modules_as_they_begin_and_end(tree, capfd):  # noqa: F811
    tree.write("/etc/cloud/cloud.cfg.d/90_reporting.cfg", "reporting: {here: {type: print}}")
    tree.seed("#cloud-config\nntp: [wrong]\n")
    tree.run("boot")
    told = capfd.readouterr().out
    lines = told.splitlines()
    for line in EVENTS.splitlines():
        assert line in lines
    assert "start: init-network/consume-user-data: running user_data" in lines
    failed = [line for line in lines if ": FAIL: " in line]
    assert failed[0].startswith("finish: modules-config/config-ntp: FAIL: ")
    assert failed[1] == "finish: modules-config: FAIL: running modules for config"
    assert EVENTS.splitlines()[0] in tree.read("/var/log/cloudboot-output.log")


def test_a_logging_handler_of_the_user_data_writes_to_the_log_from_then_on(tree, capsys):  # noqa: F811
    tree.seed("#cloud-config\nreporting: {log: {type: log, level: DEBUG}}\n")
    tree.run("boot")
    log = tree.read("/var/log/cloudboot.log")
    assert " event finish: modules-final: SUCCESS: running modules for final" in log
    assert "event start: init-local: " not in log  # nobody had read the user-data yet
    assert "event" not in capsys.readouterr().out


def test_nobody_is_told_of_a_plan(tree, capfd):  # noqa: F811
    tree.write("/etc/cloud/cloud.cfg.d/90_reporting.cfg", "reporting: {here: {type: print}}")
    tree.seed("#cloud-config\n{}\n")
    tree.run("plan")
    assert "start: " not in capfd.readouterr().out


def test_an_owner_takes_a_handler_of_the_image_away_by_its_name(capfd):
    events, log = Events(), Log(None)
    events.configure({"reporting": {"a": {"type": "print"}, "b": {"type": "print"}}}, log)
    events.start("one", "told twice")
    events.configure({"reporting": {"a": None, "b": {"type": "print"}}}, log)
    events.finish("one", "told once")
    events.close()
    events.start("two", "told to nobody")
    assert capfd.readouterr().out.splitlines() == [
        "start: one: told twice", "start: one: told twice", "finish: one: SUCCESS: told once"
    ]  # fmt: skip


def test_a_stage_that_began_before_anybody_was_named_took_its_time(monkeypatch):
    told = SimpleNamespace(events=[], close=lambda seconds: None)
    told.tell = told.events.append
    monkeypatch.setattr(events_file, "_handler", lambda about, log: told)
    events = Events("local", began=time.monotonic() - 30)
    events.configure({"reporting": {"a": {"type": "any"}}}, Log(None))
    events.end("local", warned=True)
    (event,) = told.events
    assert (event.name, event.result) == ("init-local", "WARN") and event.duration >= 30


@pytest.mark.parametrize("wrong", [None, [], 7, {"a": 3}, {"a": {"type": "pigeon"}}, {"a": {"type": "webhook"}}])
def test_what_is_no_handler_is_told_nothing(wrong):
    events = Events()
    events.configure({"reporting": wrong}, Log(None))
    events.start("one", "whatever")
    events.close()


def test_an_event_is_a_mapping_for_receivers():
    assert Event("a", "b", "start", 1.5).fields() == {
        "name": "a", "description": "b", "event_type": "start", "origin": "cloudboot", "timestamp": 1.5
    }  # fmt: skip
    finish = Event("a", "b", "finish", 1.5, "WARN", 0.5).fields()
    assert (finish["result"], finish["duration"]) == ("WARN", 0.5)
