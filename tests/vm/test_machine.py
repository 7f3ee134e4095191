"""Virtual machines with a kernel, disks, firmware and a DHCP server of their own: what each is when it has booted."""

import pytest

from tools.boots import seed
from tools.boots.machine import Machine

pytestmark = pytest.mark.vm
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx alice@example"
USER_DATA = f"""#cloud-config
users:
  - default
  - name: alice
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    ssh_authorized_keys: ["{KEY}"]
write_files:
  - path: /etc/demo/app.conf
    permissions: "0640"
    content: listen = 8080
runcmd:
  - echo run >>/var/tmp/runcmd
"""
SAME = ("/etc/passwd", "/etc/group", "/etc/hostname", "/etc/hosts", "/etc/demo/app.conf", "/var/tmp/runcmd",
        "/home/alice/.ssh/authorized_keys")  # fmt: skip


@pytest.fixture
def machine(disk, debian, tmp_path):
    return Machine(disk, debian / "boot", tmp_path / "machine")


def folder_of(at, user_data=USER_DATA, id="i-1", **meta):
    """A seed's folder."""
    at.mkdir()
    lines = [f"{key.replace('_', '-')}: {value}\n" for key, value in {"instance_id": id, **meta}.items()]
    (at / "meta-data").write_text("".join(lines))
    (at / "user-data").write_text(user_data)
    return at


def iso(at, *args, **meta):
    return seed.iso(folder_of(at, *args, **meta), at.with_suffix(".iso"))


@pytest.fixture(scope="module")
def boots(disk, debian, tmp_path_factory):
    """One machine: its first boot, its second, one without its medium, and one as another instance."""
    at = tmp_path_factory.mktemp("boots")
    machine = Machine(disk, debian / "boot", at / "machine")
    first, other = iso(at / "one", local_hostname="web1"), iso(at / "two", id="i-2", local_hostname="web2")
    return [machine.boot(media=media) for media in ([first], [first], [], [other])]


def host_keys(report):
    return {report.read(f"/etc/ssh/ssh_host_{kind}_key") for kind in ("rsa", "ecdsa", "ed25519")}


def assert_is_configured(report):
    assert report.failed == []
    assert report.text("status-code.txt").strip() == "0"
    assert "alice:x:" in report.read("/etc/passwd")
    assert KEY in report.read("/home/alice/.ssh/authorized_keys").splitlines()
    assert report.read("/etc/demo/app.conf") == "listen = 8080"
    assert oct(report.member("/etc/demo/app.conf").mode) == "0o640"
    assert None not in host_keys(report)
    assert 22 in report.listening


def test_a_first_boot_from_an_iso_makes_the_machine_what_its_owner_asked_for(boots):
    report = boots[0]
    assert_is_configured(report)
    assert report.text("hostname.txt").strip() == "web1"
    assert report.read("/var/tmp/runcmd") == "run\n"
    assert report.status["datasource"] == "nocloud"
    assert "inet 10.0.2.15/24" in report.text("addresses.txt")


def test_a_second_boot_does_nothing_twice(boots):
    first, second, _, _ = boots
    assert_is_configured(second)
    assert second.read("/var/tmp/runcmd") == "run\n"
    assert host_keys(second) == host_keys(first)


def test_a_machine_whose_medium_was_taken_away_stays_what_it_was(boots):
    first, _, alone, _ = boots
    assert_is_configured(alone)
    assert (alone.status["instance_id"], alone.status["cached"]) == ("i-1", True)
    assert "as it was at an earlier boot" in alone.text("status.txt")
    assert alone.read("/var/tmp/runcmd") == "run\n"
    assert host_keys(alone) == host_keys(first)


def test_a_changed_instance_id_makes_a_new_instance(boots):
    first, _, _, other = boots
    assert_is_configured(other)
    assert other.status["instance_id"] == "i-2"
    assert other.text("hostname.txt").strip() == "web2"
    assert other.read("/var/tmp/runcmd") == "run\nrun\n"
    assert not host_keys(other) & host_keys(first)


def test_after_a_power_cut_the_next_boot_comes_to_the_same_end(boots, machine, tmp_path):
    medium = iso(tmp_path / "seed", local_hostname="web1")
    assert machine.boot(media=[medium], cut_at=": ssh: ").end == "cut"
    report = machine.boot(media=[medium])
    assert_is_configured(report)
    assert {path: report.read(path) for path in SAME} == {path: boots[0].read(path) for path in SAME}


def test_a_seed_named_by_the_firmware_is_fetched_from_a_web_server(machine, tmp_path):
    with seed.served(folder_of(tmp_path / "seed", id="i-web")) as url:
        report = machine.boot(firmware={1: {"serial": f"ds=nocloud;s={url}"}})
    assert_is_configured(report)
    assert report.status["instance_id"] == "i-web"


def test_a_broken_document_on_a_fat_medium_is_told_and_keeps_nobody_out(machine, tmp_path):
    broken = folder_of(tmp_path / "seed", "#cloud-config\nusers: [\n  - {name: bob\n", public_keys=f"[{KEY}]")
    report = machine.boot(media=[seed.vfat(broken, tmp_path / "seed.img")])
    assert report.text("status-code.txt").strip() == "1"
    assert [text[: text.index(": ")] for text in report.status["errors"]] == ["user-data:3:3"]
    assert KEY in report.read("/home/debian/.ssh/authorized_keys")
    assert None not in host_keys(report)
    assert 22 in report.listening


def test_without_a_seed_the_machine_boots_and_the_agent_has_nothing_to_do(machine):
    report = machine.boot()
    assert report.end == "off"
    assert report.text("status-code.txt").strip() == "0"
    assert report.unit("cloudboot.service")["Result"] == "success"
    assert report.unit("cloudboot-final.service")["ConditionResult"] == "no"
