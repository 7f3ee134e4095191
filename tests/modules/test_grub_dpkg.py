import pytest

from modules import grub_dpkg
from tests import kit

MACHINE = {}
BIOS = "grub-pc grub-pc/install_devices string {}\ngrub-pc grub-pc/install_devices_empty boolean {}\n"
EFI = "grub-pc grub-efi/install_devices string {}\n"
LINKS = "/dev/disk/by-path/p /dev/disk/by-id/wwn-2 /dev/disk/by-id/ata-1"


def answered(tmp_path, config, answers=None, files=None):
    machine = kit.Machine(tmp_path, answers=answers, files=files)
    kit.apply(grub_dpkg.MODULE, {"grub_dpkg": config}, machine)
    return [a.stdin.decode() for a in machine.actions]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"grub-pc/install_devices": "/dev/vda"}, BIOS.format("/dev/vda", "false")),
        ({"grub-pc/install_devices": "/dev/x", "grub-pc/install_devices_empty": True}, BIOS.format("/dev/x", "true")),
        ({"grub-pc/install_devices": ""}, BIOS.format("", "true")),
        ({}, BIOS.format("", "true")),
    ],
)  # fmt: skip
def test_the_disk_is_answered_before_it_is_asked(tmp_path, config, said):
    assert answered(tmp_path, {"enabled": True, **config}) == [said]


def test_the_disk_of_boot_is_found_by_its_lasting_name(tmp_path):
    answers = {"grub-probe -t disk /boot": "/dev/sda\n", "udevadm info": LINKS}
    assert answered(tmp_path, {"enabled": True}, answers) == [BIOS.format("/dev/disk/by-id/ata-1", "false")]


def test_on_efi_it_is_a_partition(tmp_path):
    answers = {"findmnt -no SOURCE /boot/efi": "/dev/vda15\n"}
    assert answered(tmp_path, {"enabled": True}, answers, {"/sys/firmware/efi/x": ""}) == [EFI.format("/dev/vda15")]


def test_it_is_off_unless_enabled(tmp_path):
    assert answered(tmp_path, {"grub-pc/install_devices": "/dev/vda"}) == []


def test_the_older_key_is_deprecated():
    options, problems = grub_dpkg.MODULE.read({"grub-dpkg": {"enabled": True, "grub-pc/install_devices_empty": "true"}})
    assert options.enabled
    assert {p.level for p in problems} == {"deprecated"}
