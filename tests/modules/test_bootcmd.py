import pytest

from cloudboot.errors import CloudbootError
from cloudboot.system.actions import Mark, Outcome
from modules import bootcmd
from tests import kit

MACHINE = {}
SCRIPT = "/bin/sh /run/cloudboot/bootcmd"


def test_the_commands_are_one_script_that_runs_with_the_instance_id(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(bootcmd.MODULE, "bootcmd: [echo a, [ls, -l, a b]]", machine)
    assert machine.text("/run/cloudboot/bootcmd") == "#!/bin/sh\necho a\nls -l 'a b'\n"
    assert machine.mode("/run/cloudboot/bootcmd") == 0o700
    assert machine.commands == [SCRIPT]
    assert machine.actions[-1].env == {"INSTANCE_ID": "i-1", "CLOUDBOOT_STAGE": "network"}


def test_a_failing_script_fails_the_module(tmp_path):
    machine = kit.Machine(tmp_path, answers={SCRIPT: Outcome(True, 2, stderr=b"no such disk\n")})
    with pytest.raises(CloudbootError, match="bootcmd exited 2$"):
        kit.apply(bootcmd.MODULE, "bootcmd: [mkfs]", machine)


def test_an_entry_that_fails_before_the_last_is_a_warning(tmp_path):
    marks = (Mark("begin 0"), Mark("0 1", 0.1, "mkfs: not found\n"), Mark("1 0", 0.2))
    answers = {SCRIPT: Outcome(True, marks=marks), "/bin/sh -n": 0}
    system = kit.apply(bootcmd.MODULE, "bootcmd: [mkfs, 'true']", kit.Machine(tmp_path, answers=answers))
    assert system.notes == ["bootcmd[0] exited 1 after 0.1 s; what it said is in /run/cloudboot/bootcmd.json"]
    assert '"entry": 1' in system.text("/run/cloudboot/bootcmd.json")


def test_it_comes_after_whoever_lets_the_owner_in():
    assert {"users_groups", "ssh_host_keys", "set_passwords"} <= set(bootcmd.MODULE.after)
