from modules import scripts_per_once
from tests import kit

MACHINE = {}


def test_scripts_of_the_machine_and_of_the_image_run_in_order(tmp_path):
    machine = kit.Machine(tmp_path)
    for path in ("cloudboot/scripts/per-once/b", "cloud/scripts/per-once/a", "cloudboot/scripts/a"):
        machine.put(f"/var/lib/{path}", "#!/bin/sh\n", 0o755)
    kit.apply(scripts_per_once.MODULE, {}, machine)
    assert machine.commands == ["/var/lib/cloud/scripts/per-once/a", "/var/lib/cloudboot/scripts/per-once/b"]


def test_no_scripts_are_nothing_to_do(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(scripts_per_once.MODULE, {}, machine)
    assert machine.actions == []
