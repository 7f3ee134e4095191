import pytest

from modules import scripts_vendor
from tests import kit

FOLDER = "/var/lib/cloudboot/instances/i-1/scripts/vendor"
MACHINE = {}


@pytest.mark.parametrize(
    ("config", "commands"),
    [
        ("{}", [f"{FOLDER}/a"]),
        ("vendor_data: {enabled: true}", [f"{FOLDER}/a"]),
        ("vendor_data: {prefix: /usr/bin/ltrace}", [f"/usr/bin/ltrace {FOLDER}/a"]),
        ("vendor_data: {prefix: [timeout, 30]}", [f"timeout 30 {FOLDER}/a"]),
        ("vendor_data: {enabled: false}", []),
        ("vendor_data: {enabled: 'no'}", []),
    ],
)
def test_scripts_of_the_vendor_run_as_the_owner_wishes(config, commands, tmp_path):
    machine = kit.Machine(tmp_path)
    machine.put(f"{FOLDER}/a", "#!/bin/sh\n", 0o700)
    kit.apply(scripts_vendor.MODULE, config, machine)
    assert machine.commands == commands


def test_a_boolean_in_quotes_is_deprecated():
    problems = scripts_vendor.MODULE.read({"vendor_data": {"enabled": "true"}})[1]
    assert [(p.level, str(p)) for p in problems] == [
        ("deprecated", "vendor_data.enabled: deprecated since 22.3; use a boolean instead")
    ]
