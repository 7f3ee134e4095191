import pytest

from cloudboot.errors import Invalid
from modules import runcmd
from tests import kit

MACHINE = {"answers": {"/bin/sh -n": 0}}
PATH = "/var/lib/cloudboot/instances/i-1/scripts/runcmd"


def written(tmp_path, text, **answers):
    machine = kit.Machine(tmp_path, **answers)
    kit.apply(runcmd.MODULE, text, machine)
    return machine


def test_the_script_is_written_for_scripts_user_to_run(tmp_path):
    machine = written(tmp_path, "runcmd: ['ls /etc']")
    assert machine.text(PATH) == "#!/bin/sh\nls /etc\n"
    assert machine.mode(PATH) == 0o700
    assert machine.commands == []


def test_entries_are_marked_by_their_place_in_the_list(tmp_path):
    text = written(tmp_path, "runcmd: [echo a, null, [echo, b]]", answers={"/bin/sh -n": 0}).text(PATH)
    lines = text.splitlines()
    assert lines[-4:] == [
        "echo a",
        "{ _cloudboot_mark $? 0 && :; } 2>/dev/null",
        "echo b",
        "{ _cloudboot_mark $? 2 && :; } 2>/dev/null",
    ]


def test_an_empty_list_is_wrong_and_still_writes(tmp_path):
    assert [p.level for p in runcmd.MODULE.read({"runcmd": []})[1]] == ["wrong"]
    assert written(tmp_path, "runcmd: []").look(PATH)


@pytest.mark.parametrize("value", [1, "ls", {"a": "b"}, [{"echo": "x"}], [["ls", None]], None])
def test_what_is_no_list_of_commands_runs_nothing_at_all(value):
    with pytest.raises(Invalid):
        runcmd.MODULE.read({"runcmd": value})


def test_what_to_do_on_an_error_is_one_of_three():
    with pytest.raises(Invalid, match="expected continue, stop or fail"):
        runcmd.MODULE.read({"runcmd": ["a"], "runcmd_on_error": "explode"})
