import pytest

from cloudboot.errors import Invalid
from modules import ubuntu_autoinstall
from tests import kit

MODULE = ubuntu_autoinstall.MODULE
CONFIG = {"autoinstall": {"version": 1, "identity": {"hostname": "x"}}}


def test_where_the_installer_is_there_is_nothing_to_say(tmp_path):
    machine = kit.Machine(tmp_path, files={"/snap/subiquity/current/x": ""})
    assert kit.apply(MODULE, CONFIG, machine, os="ubuntu").notes == []
    assert machine.actions == []


def test_where_nobody_reads_it_a_warning_says_so(tmp_path):
    (note,) = kit.apply(MODULE, CONFIG, kit.Machine(tmp_path), os="ubuntu").notes
    assert "installer" in note


@pytest.mark.parametrize("wrong", [{}, {"version": "v1"}, []])
def test_it_has_the_number_of_a_version(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"autoinstall": wrong})
    assert [p.reason for p in MODULE.check({"autoinstall": {}})] == ["version is missing"]
