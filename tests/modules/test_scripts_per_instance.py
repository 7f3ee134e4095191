from modules import scripts_per_instance
from tests import kit

MACHINE = {}


def test_scripts_of_the_machine_and_of_the_image_run_in_order(tmp_path):
    machine = kit.Machine(tmp_path)
    for path in ("cloudboot/scripts/per-instance/b", "cloud/scripts/per-instance/a", "cloudboot/scripts/a"):
        machine.put(f"/var/lib/{path}", "#!/bin/sh\n", 0o755)
    kit.apply(scripts_per_instance.MODULE, {}, machine)
    assert machine.commands == ["/var/lib/cloud/scripts/per-instance/a", "/var/lib/cloudboot/scripts/per-instance/b"]


def test_no_scripts_are_nothing_to_do(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(scripts_per_instance.MODULE, {}, machine)
    assert machine.actions == []
