import os
import subprocess

import pytest

from cloudboot.admin import power
from cloudboot.errors import Invalid
from cloudboot.system.actions import Outcome
from cloudboot.system.live import Live
from modules import power_state_change
from tests import kit

MACHINE = {}
MODULE = power_state_change.MODULE


def applied(tmp_path, config, answers=None, files=None, **about):
    machine = kit.Machine(tmp_path, answers=answers, files=files)
    return machine, kit.apply(MODULE, {"power_state": config}, machine, **about)


def order(machine):
    """The words after the wait, and its seconds."""
    argv = machine.actions[-1].argv
    return argv[argv.index("sh", 2) + 2 :], argv[argv.index("sh", 2) + 1]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"mode": "reboot"}, ("shutdown", "-r", "now")),
        ({"mode": "poweroff", "delay": "now"}, ("shutdown", "-P", "now")),
        ({"mode": "halt", "delay": 5, "message": "Bye all"}, ("shutdown", "-H", "+5", "Bye all")),
        ({"mode": "reboot", "delay": "+30"}, ("shutdown", "-r", "+30")),
    ],
)
def test_the_words_of_shutdown(tmp_path, config, words):
    machine, _ = applied(tmp_path, config)
    assert order(machine) == (words, "30")
    assert machine.actions[-1].in_doubt == "skip"


def test_alpine_has_commands_of_its_own(tmp_path):
    machine, _ = applied(tmp_path, {"mode": "poweroff", "delay": 2, "message": "lost"}, os="alpine")
    assert order(machine)[0] == ("poweroff", "-d", "120")


def test_systemd_is_handed_the_wait_where_it_runs(tmp_path):
    machine, _ = applied(tmp_path, {"mode": "reboot", "timeout": 60}, files={"/run/systemd/system/x": ""})
    assert machine.commands[0].startswith("systemd-run --no-block --quiet --collect --unit=cloudboot-power /bin/sh -c ")
    assert order(machine) == (("shutdown", "-r", "now"), "60")


def test_the_wait_ends_with_the_boots_result_and_then_gives_the_order(tmp_path):
    wait = power.WAIT.replace(power.RESULT, str(tmp_path / "result.json"))
    (tmp_path / "result.json").touch()
    done = subprocess.run(["sh", "-c", wait, "sh", "600", "echo", "a b"], capture_output=True, timeout=60)
    assert done.stdout == b"a b\n"


def test_the_wait_has_a_deadline(tmp_path):
    wait = power.WAIT.replace(power.RESULT, str(tmp_path / "never"))
    done = subprocess.run(["sh", "-c", wait, "sh", "1", "echo", "down"], capture_output=True, timeout=60)
    assert done.stdout == b"down\n"


@pytest.mark.parametrize(
    ("condition", "code", "runs", "goes"),
    [
        (True, 0, None, True),
        (False, 0, None, False),
        ("test -e /x", 0, "/bin/sh -c test -e /x", True),
        ("test -e /x", 1, "/bin/sh -c test -e /x", False),
        (["test", "-e", "/x"], 0, "test -e /x", True),
        (["test", "-e", "/x"], 2, "test -e /x", False),
    ],
)
def test_a_condition_is_a_boolean_or_a_command(tmp_path, condition, code, runs, goes):
    answers = {"test": code, "/bin/sh -c test": code}
    machine, system = applied(tmp_path, {"mode": "reboot", "condition": condition}, answers)
    assert machine.commands[:1] == [runs] if runs else len(machine.commands) <= 1
    assert ("shutdown" in " ".join(machine.commands)) == goes
    assert len(system.notes) == (code == 2)


def test_a_condition_that_power_interrupted_says_no(tmp_path):
    machine, _ = applied(tmp_path, {"mode": "reboot", "condition": "x"}, {"/bin/sh -c x": Outcome(True, doubted=True)})
    assert machine.commands == ["/bin/sh -c x"]


@pytest.mark.parametrize("wrong", [{"delay": "-5"}, {"delay": "soon"}, {"mode": "explode"}, {"timeout": "x"}])
def test_what_cannot_be_meant_turns_nothing_off(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"power_state": {"mode": "reboot", **wrong}})


def test_mode_is_needed():
    with pytest.raises(Invalid, match="mode is missing"):
        MODULE.read({"power_state": {}})


def test_a_plan_says_so_in_plain_words(tmp_path):
    steps = kit.plan(MODULE, {"power_state": {"mode": "poweroff", "delay": 3}}, kit.Machine(tmp_path))
    assert [str(s.action) for s in steps] == ["poweroff 3 minutes after the end of this boot"]


def test_an_image_is_not_turned_off(tmp_path):
    machine, _ = applied(tmp_path, {"mode": "poweroff"})
    assert Live(os.fspath(tmp_path)).perform(machine.actions[-1]).left
