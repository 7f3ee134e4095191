"""The owner gets in, and the machine has its name, whatever becomes of the network."""

import pytest

from tests.nspawn.conftest import NETWORKS, SEED
from tools.boots.container import Container

pytestmark = pytest.mark.nspawn
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx alice@example"
USER_DATA = f"""#cloud-config
hostname: web1
users:
  - name: alice
    ssh_authorized_keys: ["{KEY}"]
"""
WAITS = "[Service]\nExecStart=\nExecStart=/usr/lib/systemd/systemd-networkd-wait-online --timeout={}\n"
NAME = """[Unit]
DefaultDependencies=no
After=network-pre.target
Before=systemd-networkd.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'uname -n >/var/tmp/name-for-dhcp'
"""
LATE = "[Unit]\nAfter=cloudboot-network.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"


def without_dhcp(layers, folder, seconds):
    """A container that asks for an address, by DHCP, and is never given one."""
    container = Container(layers, folder)
    for name in ("ifupdown", "network-manager"):
        container.mask(*NETWORKS[name])
    container.put("/etc/cloudboot/cloudboot.cfg.d/networkd.cfg",
                  "#cloud-config\nsystem_info: {network: {renderers: [networkd]}}\n")  # fmt: skip
    container.put("/etc/systemd/system/systemd-networkd-wait-online.service.d/test.conf", WAITS.format(seconds))
    container.put("/etc/systemd/system/name.service", NAME)
    container.enable("name.service", "multi-user.target")
    container.enable("systemd-networkd.service", "multi-user.target")
    container.enable("systemd-networkd-wait-online.service", "network-online.target")
    container.seed({"meta-data": "instance-id: i-1\n", "user-data": USER_DATA})
    return container


def entered(report, unit):
    return int(report.unit(unit)["ActiveEnterTimestampMonotonic"])


def asked_for(report, stage):
    return int(report.unit(f"cloudboot-{stage}.service")["InactiveExitTimestampMonotonic"])


def test_where_no_dhcp_server_answers_the_owner_is_let_in_and_the_name_is_set_all_the_same(layers, tmp_path):
    report = without_dhcp(layers, tmp_path, seconds=12).boot(limit=120)
    assert report.failed == ["systemd-networkd-wait-online.service"]
    waited = asked_for(report, "network")
    assert entered(report, "cloudboot-access.service") < waited - 5e6
    assert entered(report, "systemd-user-sessions.service") < waited - 5e6
    assert {"users_groups", "ssh"} <= {m["name"] for m in report.status["stages"]["local"]["modules"]}
    assert KEY in report.read("/home/alice/.ssh/authorized_keys").splitlines()
    assert report.read("/var/tmp/name-for-dhcp") == "web1\n"
    assert entered(report, "ssh.service") > waited
    assert report.text("status-code.txt").strip() == "0"


@pytest.mark.parametrize("at_once", [False, True])
def test_where_something_has_to_be_fetched_first_logins_wait_unless_that_is_switched_off(layers, tmp_path, at_once):
    container = without_dhcp(layers, tmp_path, seconds=3)
    seed = {"user-data": "#include http://192.0.2.9/users\n", "meta-data": f"instance-id: i\npublic-keys: {KEY}\n"}
    container.seed(seed)
    if at_once:
        container.mask("systemd-user-sessions.service.d/cloudboot.conf")
    report = container.boot(limit=120)
    assert (entered(report, "systemd-user-sessions.service") < asked_for(report, "network")) is at_once
    assert KEY in report.read("/home/debian/.ssh/authorized_keys").splitlines()
    assert ["192.0.2.9/users" in error for error in report.status["errors"]] == [True]


def test_homes_on_a_file_system_of_their_own_have_the_keys(machine):
    machine.put("/etc/fstab", "tmpfs /home tmpfs mode=755 0 0\n")
    machine.seed({**SEED, "user-data": USER_DATA})
    report = machine.boot(limit=90)
    assert report.failed == []
    assert "users_groups" in {m["name"] for m in report.status["stages"]["local"]["modules"]}
    assert KEY in report.read("/home/alice/.ssh/authorized_keys").splitlines()


def test_homes_that_are_mounted_late_have_the_keys_too(machine):
    machine.put("/etc/fstab", "tmpfs /home tmpfs mode=755,nofail,x-systemd.after=late.service 0 0\n")
    machine.put("/etc/systemd/system/late.service", LATE)
    machine.enable("late.service", "multi-user.target")
    machine.seed({**SEED, "user-data": USER_DATA})
    report = machine.boot(limit=90)
    assert report.failed == []
    assert "users_groups" in {m["name"] for m in report.status["stages"]["network"]["modules"]}
    assert KEY in report.read("/home/alice/.ssh/authorized_keys").splitlines()
