"""Machines on mock clouds, each with that cloud's firmware, network, service or disk: first boot, second boot, and one
while the cloud is silent. The three are one test, since each starts from where the one before it ended."""

import pytest

from tools import clouds
from tools.boots import onto
from tools.boots.machine import Machine
from tools.mock_cloud.server import Server

pytestmark = pytest.mark.vm
USER_DATA = b"""#cloud-config
ssh_genkeytypes: [ed25519]
write_files:
  - {path: /etc/demo/app.conf, permissions: "0640", content: listen = 8080}
runcmd:
  - echo run >>/var/tmp/runcmd
"""
CLOUDS = {  # the cloud: the instance id
    "ec2": "i-0mock00000000042",
    "openstack": "7b1f0c3e-0000-4000-8000-00000000a042",
    "configdrive": "7b1f0c3e-0000-4000-8000-00000000a043",
}


class OnCloud:
    """A machine on a cloud; `boot` starts it, with its service and disks or (``silent``) without."""

    def __init__(self, machine, name, **wishes):
        self.machine, self.cloud = machine, clouds.cloud(name)
        self.wishes = clouds.Wishes(**{"user_data": USER_DATA, "hostname": "web42", **wishes})

    def boot(self, silent=False):
        about = onto.options(self.cloud, self.wishes, self.machine.folder)
        if silent:
            return self.machine.boot(*self.cloud.words, **{**about, "media": ()})
        if not self.cloud.answers:
            return self.machine.boot(*self.cloud.words, **about)
        with Server(self.cloud.answers(self.wishes)) as server:
            about = onto.options(self.cloud, self.wishes, self.machine.folder, server)
            return self.machine.boot(*self.cloud.words, **about)


def host_key(report):
    return report.read("/etc/ssh/ssh_host_ed25519_key")


def assert_is_what_its_cloud_said(report, name, id):
    assert report.failed == []
    assert (report.status["datasource"], report.status["instance_id"]) == (name, id)
    assert report.text("hostname.txt").strip() == "web42"
    assert clouds.KEY in report.read("/home/debian/.ssh/authorized_keys").splitlines()
    assert report.read("/etc/demo/app.conf") == "listen = 8080"
    assert report.read("/var/tmp/runcmd") == "run\n"
    assert host_key(report)
    assert 22 in report.listening


@pytest.mark.parametrize(("name", "id"), CLOUDS.items())
def test_a_machine_is_what_its_cloud_says_and_stays_it_when_the_cloud_is_silent(name, id, disk, debian, tmp_path):
    there = OnCloud(Machine(disk, debian / "boot", tmp_path), name, id=id)
    first = there.boot()
    assert_is_what_its_cloud_said(first, name, id)
    assert first.text("status-code.txt").strip() == "0"
    assert not first.status["cached"]
    if there.cloud.answers:
        second = there.boot()
        assert_is_what_its_cloud_said(second, name, id)
        assert host_key(second) == host_key(first)
        assert not second.status["cached"]
    silent = there.boot(silent=True)
    assert_is_what_its_cloud_said(silent, name, id)
    assert host_key(silent) == host_key(first)
    assert silent.status["cached"]
    assert "as it was at an earlier boot" in silent.text("status.txt")
    assert f"instance {id} of the last boot is kept" in silent.text("status.txt")
    assert silent.text("status-code.txt").strip() == "2"
