"""Whole boots of a container, first, second, after a power cut, of a clone, from a broken seed: what it is then."""

import pytest

from tests.nspawn.conftest import SEED, with_ifupdown

pytestmark = pytest.mark.nspawn
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx alice@example"
USER_DATA = f"""#cloud-config
hostname: web1
users:
  - name: alice
    gecos: Alice Example
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    ssh_authorized_keys: ["{KEY}"]
write_files:
  - path: /etc/demo/app.conf
    permissions: "0640"
    content: listen = 8080
bootcmd:
  - echo boot >>/var/tmp/bootcmd
runcmd:
  - echo run >>/var/tmp/runcmd
"""
WHOLE = {**SEED, "user-data": USER_DATA}
SAME = ("/etc/passwd", "/etc/group", "/etc/hostname", "/etc/hosts", "/etc/demo/app.conf", "/var/tmp/runcmd",
        "/home/alice/.ssh/authorized_keys", "/etc/network/interfaces.d/50-cloudboot")  # fmt: skip
CUTS = ("bootcmd", "network", "users_groups", "ssh", "write_files", "set_hostname", "runcmd", "scripts_user")


@pytest.fixture(scope="module")
def boots(layers, tmp_path_factory):
    """A container that was booted twice, and both reports."""
    container = with_ifupdown(layers, tmp_path_factory.mktemp("twice"))
    container.seed(WHOLE)
    return container, container.boot(limit=90), container.boot(limit=90)


def host_keys(report):
    return {k: report.read(f"/etc/ssh/ssh_host_{k}_key") for k in ("rsa", "ecdsa", "ed25519")}


def access(report, path):
    found = report.member(path)
    return f"{found.mode & 0o7777:o} {found.uname}"


def end_state(report):
    return {path: (report.read(path), access(report, path)) for path in SAME}


def test_the_first_boot_makes_the_machine_what_its_owner_asked_for(boots):
    _, report, _ = boots
    assert report.failed == []
    assert report.text("status-code.txt").strip() == "0"
    assert report.text("hostname.txt").strip() == "web1"
    assert "alice:x:1000:1000:Alice Example:/home/alice:/bin/bash" in report.read("/etc/passwd")
    assert KEY in report.read("/home/alice/.ssh/authorized_keys").splitlines()
    assert access(report, "/home/alice/.ssh/authorized_keys") == "600 alice"
    assert access(report, "/home/alice/.ssh") == "700 alice"
    assert report.read("/etc/demo/app.conf") == "listen = 8080"
    assert access(report, "/etc/demo/app.conf") == "640 root"
    assert report.read("/var/tmp/runcmd") == "run\n"


def test_sshd_listens_and_has_its_own_host_keys(boots):
    _, report, _ = boots
    assert 22 in report.listening
    assert all(host_keys(report).values())


def test_the_network_that_the_seed_asks_for_is_up(boots):
    _, report, _ = boots
    assert "192.0.2.2/24" in report.text("addresses.txt")


def test_the_second_boot_does_only_what_is_for_every_boot(boots):
    _, first, second = boots
    assert second.failed == []
    assert second.read("/var/tmp/bootcmd") == "boot\nboot\n"
    assert end_state(second) == end_state(first)
    assert host_keys(second) == host_keys(first)


def test_a_clone_is_a_new_instance_with_host_keys_of_its_own(boots):
    container, first, _ = boots
    container.seed({"meta-data": "instance-id: i-2\n"})
    report = container.boot(limit=90)
    assert report.status["instance_id"] == "i-2"
    assert report.read("/var/tmp/runcmd") == "run\nrun\n"
    ours, theirs = host_keys(report), host_keys(first)
    assert not set(ours.values()) & set(theirs.values())


@pytest.mark.parametrize("module", CUTS)
def test_after_a_power_cut_the_next_boot_makes_it_whole(boots, machine, module):
    machine.seed(WHOLE)
    cut = machine.boot(limit=90, cut_at=f": {module}: ")
    assert cut.end == "cut"
    report = machine.boot(limit=90)
    assert report.failed == []
    assert end_state(report) == end_state(boots[1])


def test_a_script_of_the_owner_that_a_power_cut_broke_off_is_told_and_not_run_again(machine):
    script = "echo begun >>/var/tmp/runcmd; sync; echo cut-here >/dev/console; sleep 60"
    machine.seed({**SEED, "user-data": f"#cloud-config\nruncmd:\n  - {script}\n"})
    assert machine.boot(limit=90, cut_at="cut-here").end == "cut"
    report = machine.boot(limit=90)
    assert report.read("/var/tmp/runcmd") == "begun\n"
    assert report.text("status-code.txt").strip() != "0"


def test_a_broken_document_is_told_and_keeps_nobody_out(machine):
    keys = f"instance-id: i-1\npublic-keys:\n  - {KEY}\n"
    machine.seed({**SEED, "meta-data": keys, "user-data": "#cloud-config\nusers: [\n  - {name: bob\nhostname: web1\n"})
    report = machine.boot(limit=90)
    assert report.text("status-code.txt").strip() == "1"
    assert [text[: text.index(": ")] for text in report.status["errors"]] == ["user-data:3:3"]
    assert KEY in report.read("/home/debian/.ssh/authorized_keys")
    assert all(host_keys(report).values())
    assert report.unit("ssh.service")["ActiveState"] == "active"


def test_a_metadata_service_out_of_reach_is_no_new_instance(boots, machine):
    machine.seed(WHOLE)
    first = machine.boot(limit=90)
    machine.forget("/var/lib/cloudboot/seed/nocloud")
    report = machine.boot("ds=nocloud;s=http://192.0.2.9/", limit=120)
    assert report.status["instance_id"] == "i-1"
    assert report.read("/var/tmp/runcmd") == "run\n"
    assert host_keys(report) == host_keys(first)
