import os

import pytest

from cloudboot.admin.scripts import ScriptOptions, run_scripts
from cloudboot.errors import CloudbootError
from cloudboot.system.actions import Outcome
from cloudboot.system.door import System
from cloudboot.system.plan import Plan
from tests.kit import Machine


def with_scripts(path, *names, answers=None):
    machine = Machine(path, answers=answers)
    for name in names:
        machine.put(f"/s/{name}", "#!/bin/sh\n", 0o700)
    return machine


def run(machine, *folders, prefix=()):
    run_scripts(System(machine), ScriptOptions(), folders or ("/s",), {"INSTANCE_ID": "i-1"}, prefix)


def test_scripts_run_in_the_order_of_their_names(tmp_path):
    machine = with_scripts(tmp_path, "runcmd", "part-002", "zz", "00-first")
    run(machine)
    assert machine.commands == ["/s/00-first", "/s/part-002", "/s/runcmd", "/s/zz"]


def test_one_that_fails_stops_none_of_the_others_and_is_named(tmp_path):
    answers = {"/s/a": Outcome(True, 3, stderr=b"oh\nno disk\n"), "/s/c": Outcome(True, 124, late=True)}
    machine = with_scripts(tmp_path, "a", "b", "c", answers=answers)
    with pytest.raises(CloudbootError) as problem:
        run(machine)
    assert machine.commands == ["/s/a", "/s/b", "/s/c"]
    assert problem.value.reason == "2 of 3 scripts failed: a exited 3; c ran out of time"


def test_only_executable_files_are_scripts(tmp_path):
    machine = with_scripts(tmp_path, "yes")
    machine.put("/s/README", "words")
    machine.put("/s/folder/inner", "", 0o700)
    os.symlink("yes", f"{tmp_path}/s/link")
    os.symlink("nothing", f"{tmp_path}/s/dangling")
    run(machine)
    assert machine.commands == ["/s/link", "/s/yes"]


def test_the_first_folder_wins_where_two_have_one_name(tmp_path):
    machine = with_scripts(tmp_path, "b", "a")
    machine.put("/t/b", "", 0o700)
    machine.put("/t/c", "", 0o700)
    run(machine, "/s", "/t", "/none")
    assert machine.commands == ["/s/a", "/s/b", "/t/c"]


def test_a_prefix_stands_before_each(tmp_path):
    machine = with_scripts(tmp_path, "a")
    run(machine, prefix=("timeout", "30"))
    assert machine.commands == ["timeout 30 /s/a"]


def test_a_script_is_the_owners_own(tmp_path):
    machine = with_scripts(tmp_path, "a")
    run(machine)
    action = machine.actions[0]
    assert (action.in_doubt, action.stream, action.timeout, action.env) == ("skip", True, 21600, {"INSTANCE_ID": "i-1"})


def test_an_interrupted_script_is_told_of(tmp_path):
    machine = with_scripts(tmp_path, "a", answers={"/s/a": Outcome(True, doubted=True)})
    system = System(machine)
    run_scripts(system, ScriptOptions(), ("/s",), {})
    assert system.notes == ["a may have been running when the power went; it is not run a second time"]


def test_a_plan_lists_the_scripts_it_has_just_written(tmp_path):
    plan = Plan(Machine(tmp_path))
    system = System(plan)
    system.write("/s/mine", "#!/bin/sh\n", mode=0o700)
    run_scripts(system, ScriptOptions(), ("/s",), {})
    assert str(plan.steps[-1].action) == "run /s/mine"
