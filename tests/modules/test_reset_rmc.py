import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Instance
from modules import reset_rmc
from tests import kit

FILES = {"/opt/rsct/install/bin/recfgct": "", "/opt/rsct/bin/rmcctrl": "", "/etc/ct_node_id": "a1\n"}


def renumber(machine, argv):
    machine.put("/etc/ct_node_id", "b2\n")


MACHINE = {"files": FILES, "answers": {"/opt/rsct/install/bin/recfgct": renumber}}
ORDER = ["/opt/rsct/bin/rmcctrl -z", "/opt/rsct/install/bin/recfgct", "/opt/rsct/bin/rmcctrl -p"]


def test_the_subsystem_is_stopped_renumbered_and_opened_again(tmp_path):
    machine = kit.Machine(tmp_path, **MACHINE)
    kit.apply(reset_rmc.MODULE, {}, machine)
    assert machine.commands == ORDER
    assert machine.text("/etc/ct_node_id") == "b2\n"


def test_one_that_cannot_be_renumbered_is_an_error(tmp_path):
    with pytest.raises(CloudbootError, match="recfgct exited 1"):
        kit.apply(reset_rmc.MODULE, {}, kit.Machine(tmp_path, FILES, {"/opt/rsct/install/bin/recfgct": 1}))


def test_a_machine_without_rsct_is_left_alone(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(reset_rmc.MODULE, {}, machine)
    assert machine.actions == []


def test_a_machine_that_no_datasource_knows_is_left_alone(tmp_path):
    machine = kit.Machine(tmp_path, **MACHINE)
    kit.apply(reset_rmc.MODULE, {}, machine, instance=Instance("i-1", "None"))
    assert machine.actions == []
