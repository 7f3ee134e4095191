from modules import scripts_per_boot
from tests import kit

MACHINE = {}


def test_scripts_of_the_machine_and_of_the_image_run_in_order(tmp_path):
    machine = kit.Machine(tmp_path)
    for path in ("cloudboot/scripts/per-boot/b", "cloud/scripts/per-boot/a", "cloudboot/scripts/a"):
        machine.put(f"/var/lib/{path}", "#!/bin/sh\n", 0o755)
    kit.apply(scripts_per_boot.MODULE, {}, machine)
    assert machine.commands == ["/var/lib/cloud/scripts/per-boot/a", "/var/lib/cloudboot/scripts/per-boot/b"]


def test_no_scripts_are_nothing_to_do(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(scripts_per_boot.MODULE, {}, machine)
    assert machine.actions == []
