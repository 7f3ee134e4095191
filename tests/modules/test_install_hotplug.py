import pytest

from cloudboot import registry
from cloudboot.modules.install_hotplug import MODULE, RULE, RULES
from cloudboot.network.nics import SEEN
from cloudboot.values import Instance
from tests import kit

NIC = {"/sys/class/net/eth0/address": "02:00:5e:10:00:01\n", "/sys/class/net/eth0/uevent": "INTERFACE=eth0\n"}
MACHINE = {"tools": ("systemctl", "udevadm")}
ASKED = {"updates": {"network": {"when": ["boot-new-instance", "hotplug"]}}}
START = "systemctl --no-block start cloudboot-hotplug"


def go(on, config, datasource="nocloud"):
    updates = registry.datasource(datasource).updates
    return kit.apply(MODULE, config, on, instance=Instance("i-1", datasource=datasource, updates=updates))


def machine(tmp_path, **files):
    return kit.Machine(tmp_path, files={**NIC, **files}, tools=MACHINE["tools"])


@pytest.mark.parametrize("config, datasource, follows", [
    (ASKED, "nocloud", True),
    ({}, "nocloud", False),
    ({}, "ec2", True),
    ({}, "hetzner", True),
    ({}, "azure", False),
    ({"updates": {"network": {"when": ["boot"]}}}, "ec2", False),
])  # fmt: skip
def test_interfaces_are_followed_where_the_owner_or_the_cloud_says_so(tmp_path, config, datasource, follows):
    on = machine(tmp_path)
    go(on, config, datasource)
    assert (on.text(RULES) == RULE) is follows
    assert on.commands == (["udevadm control --reload", f"{START}.socket"] if follows else [])


def test_what_came_while_the_boot_ran_is_seen_to_when_it_is_over(tmp_path):
    on = machine(tmp_path, **{SEEN: "02:00:5e:10:00:09\n"})
    go(on, ASKED)
    assert on.commands[-1] == f"{START}.service"


def test_who_asks_no_more_has_it_taken_away(tmp_path):
    on = machine(tmp_path, **{RULES: RULE})
    go(on, {"updates": {"network": {"when": ["boot"]}}})
    assert on.text(RULES) is None
    assert on.commands == ["udevadm control --reload", "systemctl stop cloudboot-hotplug.socket"]


def test_without_systemd_it_is_said_that_nothing_is_followed(tmp_path):
    on = kit.Machine(tmp_path)
    assert "systemd and udev, which are not here" in go(on, ASKED).notes[0]
    assert on.actions == []


def test_a_word_that_is_no_event_is_named_and_the_cloud_decides(tmp_path):
    on = machine(tmp_path)
    system = go(on, {"updates": {"network": {"when": ["sometimes"]}}}, "ec2")
    assert "hotplug" in system.notes[0]
    assert on.text(RULES) == RULE
