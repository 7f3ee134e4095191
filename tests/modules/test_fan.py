import pytest

from cloudboot.errors import Invalid
from modules import fan
from tests import kit

MACHINE = {"os": "ubuntu", "tools": ("fanctl", "systemctl")}
CONFIG = {"fan": {"config": "10.0.0.0/8 eth0/16 dhcp"}}


def test_the_file_is_written_and_taken_up(tmp_path):
    machine = kit.Machine(tmp_path, tools=("fanctl", "systemctl"))
    kit.apply(fan.MODULE, CONFIG, machine, os="ubuntu")
    assert machine.text("/etc/network/fan") == "10.0.0.0/8 eth0/16 dhcp\n"
    assert machine.commands == ["systemctl --no-block restart ubuntu-fan"]


def test_the_package_comes_where_it_is_missing_after_its_file(tmp_path):
    machine = kit.Machine(tmp_path, tools=("apt-get", "systemctl"))
    kit.apply(fan.MODULE, CONFIG, machine, os="ubuntu")
    order = [type(a).__name__ for a in machine.actions if type(a).__name__ != "AwaitLock"]
    assert order == ["WriteFile", "Run", "Run"]
    assert machine.commands[0].endswith("install ubuntu-fan")


def test_a_file_that_says_so_already_restarts_nothing(tmp_path):
    machine = kit.Machine(tmp_path, {"/etc/network/fan": "10.0.0.0/8 eth0/16 dhcp\n"}, tools=("fanctl", "systemctl"))
    kit.apply(fan.MODULE, CONFIG, machine, os="ubuntu")
    assert machine.commands == []


def test_it_is_for_ubuntu_alone():
    suits = fan.MODULE.card.suits
    assert suits(kit.boot_of({}, os="ubuntu").host)
    assert not suits(kit.boot_of({}, os="debian").host)


def test_a_text_in_place_of_the_mapping_is_refused():
    with pytest.raises(Invalid):
        fan.MODULE.read({"fan": "10.0.0.0/8 eth0/16 dhcp"})
