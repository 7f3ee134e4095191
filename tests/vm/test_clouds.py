"""Machines on mock clouds, each with that cloud's firmware, network, service or disk: first boot, second boot, and one
while the cloud is silent. The three are one test, since each starts from where the one before it ended. EC2's service
comes and goes all through the first."""

import base64
import threading

import pytest

from tools import clouds
from tools.boots import onto, seed
from tools.boots.machine import Machine
from tools.mock_cloud.server import Server
from tools.mock_cloud.xenstore import Nova

pytestmark = pytest.mark.vm
USER_DATA = b"""#cloud-config
ssh_genkeytypes: [ed25519]
write_files:
  - {path: /etc/demo/app.conf, permissions: "0640", content: listen = 8080}
runcmd:
  - echo run >>/var/tmp/runcmd
"""
FLAPS = {"ec2": "flap:0.2,0.4"}  # services that come and go all through a first boot
SLOW = 0.05  # seconds that an answer takes then: no machine is so fast that it sees its service only while that is up
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
        self.servers = []

    def boot(self, silent=False, meanwhile=None, fault="", **instead):
        """``meanwhile`` is a function of the server, for a thread of its own; ``fault`` is how that misbehaves."""
        about = onto.options(self.cloud, self.wishes, self.machine.folder)
        if silent:
            return self.machine.boot(*self.cloud.words, **{**about, "media": ()})
        if not onto.serves(self.cloud):
            return self.machine.boot(*self.cloud.words, **about)
        with self.server(SLOW if fault else 0) as server:
            self.servers.append(server)
            if fault:
                server.fault(fault)
            about = onto.options(self.cloud, self.wishes, self.machine.folder, server)
            if meanwhile:
                threading.Thread(target=meanwhile, args=(server,), daemon=True).start()
            return self.machine.boot(*self.cloud.words, **{**about, **instead})

    def server(self, latency):
        if self.cloud.answers:
            return Server(self.cloud.answers(self.wishes), latency=latency)
        return self.cloud.start(self.wishes, str(self.machine.folder / "host"))


def host_key(report):
    return report.read("/etc/ssh/ssh_host_ed25519_key")


def assert_is_what_its_cloud_said(report, name, id, home="/home/debian"):
    assert report.failed == []
    assert (report.status["datasource"], report.status["instance_id"]) == (name, id)
    assert report.text("hostname.txt").strip() == "web42"
    assert clouds.KEY in report.read(f"{home}/.ssh/authorized_keys").splitlines()
    assert report.read("/etc/demo/app.conf") == "listen = 8080"
    assert report.read("/var/tmp/runcmd") == "run\n"
    assert host_key(report)
    assert 22 in report.listening


@pytest.mark.parametrize(("name", "id"), CLOUDS.items())
def test_a_machine_is_what_its_cloud_says_and_stays_it_when_the_cloud_is_silent(name, id, disk, debian, tmp_path):
    there = OnCloud(Machine(disk, debian / "boot", tmp_path), name, id=id)
    first = there.boot(fault=FLAPS.get(name, ""))
    if name in FLAPS:
        assert there.servers[0].connections > 1, "its service was never away when it was asked"
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


def assert_is_kept(silent, first, name, id, home="/home/debian"):
    """The cloud was silent, and nothing of the machine changed."""
    assert_is_what_its_cloud_said(silent, name, id, home)
    assert host_key(silent) == host_key(first)
    assert silent.status["cached"]


def test_azure_hears_that_a_machine_is_ready_and_takes_its_disc_away(disk, debian, tmp_path):
    id, home = "0a1b2c3d-1111-2222-3333-4444555566aa", "/home/opsadmin"
    there = OnCloud(Machine(disk, debian / "boot", tmp_path), "azure", id=id)
    clouds_seen = []
    first = there.boot(meanwhile=lambda server: clouds_seen.append(server.cloud))
    assert_is_what_its_cloud_said(first, "azure", id, home)
    assert first.text("status-code.txt").strip() == "0"
    assert clouds_seen[0].health == [("Ready", "", "")]
    second = there.boot(meanwhile=lambda server: clouds_seen.append(server.cloud), media=())
    assert_is_what_its_cloud_said(second, "azure", id, home)
    assert (host_key(second), clouds_seen[1].health) == (host_key(first), [])
    assert_is_kept(there.boot(silent=True), first, "azure", id, home)


def test_a_xen_host_of_rackspace_has_its_requests_answered(disk, debian, tmp_path):
    id, answers = "7b1f0c3e-0000-4000-8000-00000000a044", []

    def make(store):
        host = Nova(store, 280)
        answers.extend([host.set_password("correct horse"), host.inject("/etc/banner", b"hello"), host.ask("version")])

    there = OnCloud(Machine(disk, debian / "boot", tmp_path), "rackspace", id=id)
    first = there.boot(meanwhile=make)
    assert_is_what_its_cloud_said(first, "rackspace", id)
    assert [code for code, _ in answers] == ["0"] * 3
    assert first.read("/etc/shadow").startswith("root:$")
    assert first.read("/etc/banner") == "hello"
    second = there.boot()
    assert_is_what_its_cloud_said(second, "rackspace", id)
    assert host_key(second) == host_key(first)
    assert_is_kept(there.boot(silent=True), first, "rackspace", id)


def test_the_kernel_command_line_leads_to_a_seed_and_the_firmware_hands_over_credentials(disk, debian, tmp_path):
    meta = f"instance-id: i-line\nlocal-hostname: web42\npublic-keys: ['{clouds.KEY}']\n"
    packed = base64.b64encode(meta.encode()).decode()
    firmware = {11: {"value": f"io.systemd.credential.binary:cloudboot.meta-data={packed}"}}
    files = {"meta-data": "instance-id: i-other\nlocal-hostname: other\n", "user-data": USER_DATA}
    machine = Machine(disk, debian / "boot", tmp_path)
    with seed.served(seed.laid_out(files, tmp_path / "seed")) as url:
        words = (f"cloudboot.seed={url}", "cc:{datasource_list:%20[NoCloud]}end_cc")
        first, second = (machine.boot(*words, firmware=firmware) for _ in range(2))
    assert_is_what_its_cloud_said(first, "nocloud", "i-line")
    assert "seed-dir (credentials, on the kernel command line" in first.status["subplatform"]
    assert_is_what_its_cloud_said(second, "nocloud", "i-line")
    assert host_key(second) == host_key(first)
    assert_is_kept(machine.boot(*words, firmware=firmware), first, "nocloud", "i-line")
