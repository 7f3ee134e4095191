import pytest

from cloudboot.errors import CloudbootError, Invalid
from modules import snap
from tests import kit

MACHINE = {"tools": ("snap",)}
MODULE = snap.MODULE
WAIT = "snap wait system seed.loaded"


def applied(tmp_path, config, tools=("snap",), answers=None):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers)
    machine.system = kit.apply(MODULE, {"snap": config}, machine, os="ubuntu")
    return machine


def test_commands_are_the_shells_or_snaps(tmp_path):
    commands = [["install", "vlc"], ["snap", "install", "vlc"], "echo a; snap install b"]
    assert applied(tmp_path, {"commands": commands}).commands == [
        WAIT, "snap install vlc", "snap install vlc", "/bin/sh -c echo a; snap install b"]  # fmt: skip


def test_a_mapping_is_done_in_the_order_of_its_keys(tmp_path):
    machine = applied(tmp_path, {"commands": {"02": "b", "01": ["a"]}, "assertions": {"2": "two\n", "1": "one\n"}})
    ack = "/var/lib/cloudboot/instances/i-1/snap.assertions"
    assert machine.commands == [WAIT, f"snap ack {ack}", "snap a", "/bin/sh -c b"]
    assert machine.text(ack) == "one\n\ntwo\n"


def test_keys_that_are_numbers_count(tmp_path):
    machine = applied(tmp_path, {"commands": {10: ["c"], 2: ["b"], "01": ["a"]}})
    assert machine.commands == [WAIT, "snap a", "snap b", "snap c"]


def test_all_are_run_and_those_that_failed_are_named(tmp_path):
    machine = kit.Machine(tmp_path, tools=("snap",), answers={"snap a": 1, "snap c": 3})
    with pytest.raises(CloudbootError, match=r"commands\[0\] exited 1.*commands\[2\] exited 3"):
        kit.apply(MODULE, {"snap": {"commands": [["a"], ["b"], ["c"]]}}, machine)
    assert machine.commands == [WAIT, "snap a", "snap b", "snap c"]


def test_snapd_is_installed_where_it_is_not(tmp_path):
    assert applied(tmp_path, {"commands": [["a"]]}, tools=("apt-get",)).commands[0].endswith("install snapd")


@pytest.mark.parametrize("wrong", [{"commands": "a"}, {"commands": {"1": 2.5, "2": None}}, {"assertions": "a"}])
def test_what_is_neither_list_nor_mapping_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"snap": wrong})
