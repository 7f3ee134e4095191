import pytest

from modules import disable_ec2_metadata
from tests import kit

MACHINE = {}


@pytest.mark.parametrize(
    ("value", "tools", "commands"),
    [
        (True, ("ip", "route"), ["ip route replace prohibit 169.254.169.254"]),
        (True, ("route",), ["route add -host 169.254.169.254 reject"]),
        ("true", (), ["ip route replace prohibit 169.254.169.254"]),
        (False, ("ip",), []),
    ],
)
def test_a_route_cuts_the_service_off(tmp_path, value, tools, commands):
    machine = kit.Machine(tmp_path, tools=tools)
    kit.apply(disable_ec2_metadata.MODULE, {"disable_ec2_metadata": value}, machine)
    assert machine.commands == commands
