import pytest

from cloudboot.errors import CloudbootError
from cloudboot.system.actions import Mark, Outcome
from modules import runcmd, scripts_user
from tests import kit

FOLDER = "/var/lib/cloudboot/instances/i-1/scripts"
MACHINE = {"files": {f"{FOLDER}/part-001": "#!/bin/sh\n"}}


def machine_with(path, *scripts, **answers):
    machine = kit.Machine(path, answers={"/bin/sh -n": 0, **answers})
    for name in scripts:
        machine.put(f"{FOLDER}/{name}", "#!/bin/sh\n", 0o700)
    return machine


def test_runcmd_has_its_lexical_place_among_the_scripts(tmp_path):
    machine = machine_with(tmp_path, "part-001", "z-last")
    config = "runcmd: [echo a]"
    kit.apply(runcmd.MODULE, config, machine)
    kit.apply(scripts_user.MODULE, config, machine)
    assert machine.commands == [f"{FOLDER}/part-001", f"{FOLDER}/runcmd", f"{FOLDER}/z-last"]
    assert machine.actions[-1].env == {"INSTANCE_ID": "i-1", "CLOUDBOOT_STAGE": "final"}


def test_an_entry_of_runcmd_that_fails_shows_though_the_script_succeeds(tmp_path):
    marks = (Mark("0 127", 0.5, "fooo: not found\n"), Mark("1 0", 2.0, ""))
    machine = machine_with(tmp_path, **{f"{FOLDER}/runcmd": Outcome(True, marks=marks)})
    kit.apply(runcmd.MODULE, "runcmd: [fooo, 'true']", machine)
    system = kit.apply(scripts_user.MODULE, {}, machine)
    assert system.notes == [f"runcmd[0] exited 127 after 0.5 s; what it said is in {FOLDER}/runcmd.json"]
    assert "fooo: not found" in machine.text(f"{FOLDER}/runcmd.json")
    assert '"seconds": 1.5' in machine.text(f"{FOLDER}/runcmd.json")
    assert machine.mode(f"{FOLDER}/runcmd.json") == 0o600


def test_scripts_of_vendor_data_are_not_the_owners(tmp_path):
    machine = machine_with(tmp_path, "a", "vendor/b")
    kit.apply(scripts_user.MODULE, {}, machine)
    assert machine.commands == [f"{FOLDER}/a"]


def test_a_failing_script_fails_the_module(tmp_path):
    machine = machine_with(tmp_path, "a", "b", **{f"{FOLDER}/a": 3})
    with pytest.raises(CloudbootError, match="1 of 2 scripts failed: a exited 3"):
        kit.apply(scripts_user.MODULE, {}, machine)
    assert len(machine.commands) == 2


def test_the_deadline_can_be_changed(tmp_path):
    machine = machine_with(tmp_path, "a")
    kit.apply(scripts_user.MODULE, "scripts_timeout: 60", machine)
    assert machine.actions[0].timeout == 60
