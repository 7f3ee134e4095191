from modules import boothooks
from tests import kit

FOLDER = "/var/lib/cloudboot/instances/i-1/boothooks"
MACHINE = {}


def test_boothooks_run_in_their_order_and_a_failing_one_is_a_warning(tmp_path):
    machine = kit.Machine(tmp_path, answers={f"{FOLDER}/000-a": 3})
    for name in ("001-b", "000-a"):
        machine.put(f"{FOLDER}/{name}", "#!/bin/sh\n", 0o700)
    system = kit.apply(boothooks.MODULE, {}, machine)
    assert machine.commands == [f"{FOLDER}/000-a", f"{FOLDER}/001-b"]
    assert machine.actions[0].env["INSTANCE_ID"] == "i-1"
    assert machine.actions[0].in_doubt == "skip"
    assert system.notes == ["boothook 000-a exited 3"]


def test_no_boothooks_are_nothing_to_do(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(boothooks.MODULE, {}, machine)
    assert machine.actions == []
