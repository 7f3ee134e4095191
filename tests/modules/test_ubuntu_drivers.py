import pytest

from cloudboot.errors import Invalid
from modules import ubuntu_drivers
from tests import kit

MACHINE = {"os": "ubuntu", "tools": ("ubuntu-drivers",)}
MODULE = ubuntu_drivers.MODULE


def commands(tmp_path, nvidia, tools=("ubuntu-drivers",)):
    machine = kit.Machine(tmp_path, tools=tools)
    kit.apply(MODULE, {"drivers": {"nvidia": nvidia}}, machine, os="ubuntu")
    return machine.commands


@pytest.mark.parametrize(("more", "driver"), [({}, "nvidia"), ({"version": "123"}, "nvidia:123")])
def test_the_driver_is_installed_when_the_licence_is_accepted(tmp_path, more, driver):
    found = commands(tmp_path, {"license-accepted": True, **more})
    assert found == ["debconf-set-selections", f"ubuntu-drivers install --gpgpu {driver}"]


def test_and_not_when_it_is_not(tmp_path):
    assert commands(tmp_path, {"license-accepted": False}) == []


def test_the_program_is_installed_where_it_is_not(tmp_path):
    assert commands(tmp_path, {"license-accepted": True}, ("apt-get",))[0].endswith("install ubuntu-drivers-common")


def test_somebody_must_say_whether():
    with pytest.raises(Invalid):
        MODULE.read({"drivers": {"nvidia": {"version": "1"}}})
