"""What a boot waits for that does not come: a carrier, a DHCP server, an interface that is optional. The limits of the
boots are below what systemd or dhclient would wait by themselves, so a boot that waits does not come to its end."""

import pytest

from tests.nspawn.conftest import NETWORKS
from tools.boots.container import Container

pytestmark = pytest.mark.nspawn
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx alice@example"
USERS = f"#cloud-config\nssh_genkeytypes: [ed25519]\nusers: [{{name: alice, ssh_authorized_keys: ['{KEY}']}}]\n"
RENDERERS = {"networkd": "networkd", "network-manager": "network-manager", "ifupdown": "eni"}
PATIENCE = {  # those that wait for a while on purpose are made less patient, so that the boot is a short one
    "networkd": ("/etc/systemd/system/systemd-networkd-wait-online.service.d/short.conf",
                 "[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-networkd-wait-online --timeout=5\n"),
    "network-manager": ("/etc/systemd/system/NetworkManager-wait-online.service.d/short.conf",
                        "[Service]\nEnvironment=NM_ONLINE_TIMEOUT=5\n"),
    "ifupdown": ("/etc/dhcp/dhclient.conf", "timeout 5;\n"),
}  # fmt: skip


def boot(layers, folder, manager, about, plugged=True, patient=True):
    container = Container(layers, folder)
    for name in set(NETWORKS) - {manager}:
        container.mask(*NETWORKS[name])
    container.put(
        "/etc/cloudboot/cloudboot.cfg.d/90-manager.cfg",
        f"system_info: {{network: {{renderers: [{RENDERERS[manager]}], activators: [{RENDERERS[manager]}]}}}}\n",
    )
    if not patient:
        container.put(*PATIENCE[manager])
    container.seed({"meta-data": "instance-id: i-1\n", "user-data": USERS,
                    "network-config": f"version: 2\nethernets:\n  eth0: {about}\n"})  # fmt: skip
    return container.boot(limit=75, plugged=plugged)


def assert_the_owner_is_in(report):
    assert report.end == "off"
    assert KEY in report.read("/home/alice/.ssh/authorized_keys").splitlines()
    assert report.status["errors"] == []
    assert "finished" in report.status
    assert 22 in report.listening


@pytest.mark.parametrize(("manager", "plugged"), [("networkd", False), ("network-manager", True)])
def test_an_optional_interface_is_waited_for_by_nobody(manager, plugged, layers, tmp_path):
    report = boot(layers, tmp_path, manager, "{dhcp4: true, optional: true}", plugged)
    assert_the_owner_is_in(report)
    assert report.failed == []


@pytest.mark.parametrize("manager", ["networkd", "network-manager", "ifupdown"])
def test_a_fixed_address_without_a_carrier_keeps_nobody_out(manager, layers, tmp_path):
    report = boot(layers, tmp_path, manager, "{addresses: [192.0.2.2/24]}", plugged=False, patient=False)
    assert_the_owner_is_in(report)


@pytest.mark.parametrize("manager", ["networkd", "network-manager", "ifupdown"])
def test_a_server_that_does_not_answer_is_given_up_and_the_boot_goes_on(manager, layers, tmp_path):
    assert_the_owner_is_in(boot(layers, tmp_path, manager, "{dhcp4: true}", patient=False))
