import os

import pytest

from cloudboot.errors import Invalid
from cloudboot.host import again, ask, look
from cloudboot.host.disks import disks, exported, unescaped
from cloudboot.host.dmi import dmi, sound
from cloudboot.host.files import TreeView
from cloudboot.host.nics import nics
from cloudboot.host.system import assignments, cmdline
from cloudboot.host.system import os as release
from cloudboot.host.virt import container, marked, virt
from cloudboot.values import Disk, FileView, Host, Nic


def host(files, **known):
    return Host(files=FileView(files), **known)


def tree(top, files):
    for path, content in files.items():
        place = top / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return str(top)


def program(folder, name, script):
    place = folder / name
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder of programs, the only one that is searched."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("SYSTEMD_VIRTUALIZATION", raising=False)
    os.symlink("/bin/sleep", folder / "sleep")
    return folder


# the machine as a whole


def test_a_field_is_looked_for_at_its_first_use_and_only_once(tmp_path):
    root = tree(tmp_path, {"/proc/cmdline": b"ro quiet\n"})
    machine = look(root, asks=False)
    assert machine.cmdline == "ro quiet"
    (tmp_path / "proc/cmdline").write_bytes(b"other")
    assert machine.cmdline == "ro quiet"


def test_known_fields_are_taken_as_given_also_in_a_changed_copy(tmp_path):
    machine = look(str(tmp_path), asks=False, cmdline="ds=nocloud")
    assert machine.cmdline == "ds=nocloud"
    assert machine.but(cmdline="other").cmdline == "other"
    assert machine.but(cmdline="other").root == str(tmp_path)


def test_what_appears_while_a_machine_boots_can_be_looked_at_again(tmp_path):
    machine = look(str(tmp_path), asks=False, cmdline="known")
    assert machine.disks == ()
    (tmp_path / "dev/disk/by-label").mkdir(parents=True)
    os.symlink("../../sr0", tmp_path / "dev/disk/by-label/cidata")
    assert machine.disks == () and again(machine, "disks").disks == (Disk("/dev/sr0", label="cidata"),)
    assert again(machine, "disks").cmdline == "known"
    assert again(Host(), "disks") == Host()


def test_a_machine_shows_all_its_fields(tmp_path):
    assert set(look(str(tmp_path), asks=False).items()) == set(Host._fields)


# files


def test_files_below_a_root_are_read_and_links_stay_inside(tmp_path):
    root = tree(tmp_path / "root", {"/etc/name": b"inside"})
    (tmp_path / "name").write_bytes(b"outside")
    os.symlink("/etc/name", f"{root}/absolute")
    os.symlink("../../../../name", f"{root}/climbing")
    view = TreeView(root)
    assert view.read("/absolute") == b"inside"
    assert view.read("/climbing") is None
    assert view.link("/absolute") == "/etc/name" and view.link("/etc/name") == "" and view.link("/none/x") == ""


def test_what_is_no_plain_file_is_none_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    view = TreeView(str(tmp_path))
    assert view.read("/pipe") is None and view.read("/") is None and view.read("/none/x") is None
    assert view.has("/pipe") and not view.has("/pipes")
    assert view.names("/pipe") == () and view.names("/") == ("pipe",)


def test_a_file_larger_than_asked_for_is_refused(tmp_path):
    tree(tmp_path, {"/big": b"x" * 5000})
    with pytest.raises(Invalid, match="make it smaller"):
        TreeView(str(tmp_path)).read("/big", most=4999)
    assert len(TreeView(str(tmp_path)).read("/big", most=5000)) == 5000


def test_files_of_proc_that_claim_to_be_empty_are_read():
    assert TreeView("/").read("/proc/self/stat").startswith(b"%d " % os.getpid())


def test_a_line_that_cannot_be_read_is_empty(tmp_path):
    assert TreeView(str(tmp_path)).line("/nothing") == "" and TreeView("/").line("/proc") == ""


# programs


def test_a_program_is_asked_with_a_deadline(programs):
    program(programs, "hello", "echo hello; exit 3")
    program(programs, "slow", "sleep 60")
    machine = Host(asks=True)
    assert ask(machine, ("hello",)) == (3, "hello\n")
    assert ask(machine, ("nothing",)) == (127, "")
    assert ask(machine, ("slow",), timeout=0.05)[0] == 124
    assert ask(Host(), ("hello",)) == (127, "")


# virtualisation


def test_systemd_says_what_the_machine_is(programs):
    program(programs, "systemd-detect-virt", "echo kvm")
    assert virt(host({}, asks=True)) == "kvm" and not container(host({}, asks=True, virt="kvm"))
    program(programs, "systemd-detect-virt", "echo none; exit 1")
    assert virt(host({}, asks=True)) == "none"


def test_a_generator_is_told_by_systemd(programs, monkeypatch):
    monkeypatch.setenv("SYSTEMD_VIRTUALIZATION", "container:lxc")
    assert virt(host({}, asks=True)) == "lxc"


@pytest.mark.parametrize(
    "files, name",
    [
        ({"/run/systemd/container": b"lxc\n"}, "lxc"),
        ({"/run/systemd/container": b"novel\n"}, "container-other"),
        ({"/run/host/container-manager": b"systemd-nspawn"}, "systemd-nspawn"),
        ({"/proc/1/environ": b"A=b\0container=podman\0"}, "podman"),
        ({"/.dockerenv": b""}, "docker"),
        ({"/proc/vz/x": b""}, "openvz"),
        ({"/proc/vz/x": b"", "/proc/bc/x": b""}, ""),
        ({"/proc/1/environ": b"mycontainer=podman\0"}, ""),
    ],
)
def test_a_container_leaves_its_mark_in_the_files(files, name):
    assert marked(FileView(files)) == name
    assert container(host(files)) == bool(name)


def test_under_systemd_no_mark_means_no_container():
    assert not container(host({"/run/systemd/system/x": b""}, virt="docker"))
    assert container(host({}, virt="docker"))


@pytest.mark.parametrize(
    "files, name",
    [
        ({}, "none"),
        ({"/sys/hypervisor/type": b"xen\n"}, "xen"),
        ({"/sys/class/dmi/id/sys_vendor": b"QEMU\n"}, "qemu"),
        ({"/sys/class/dmi/id/product_name": b"VMware Virtual Platform"}, "vmware"),
        ({"/sys/class/dmi/id/sys_vendor": b"Microsoft Corporation",
          "/sys/class/dmi/id/product_name": b"Virtual Machine"}, "microsoft"),
        ({"/sys/class/dmi/id/sys_vendor": b"Microsoft Corporation"}, "none"),
        ({"/proc/cpuinfo": b"processor\t: 0\nflags\t\t: fpu hypervisor lahf\n"}, "vm-other"),
        ({"/proc/cpuinfo": b"processor\t: 0\nflags\t\t: fpu lahf\nbugs: hypervisor"}, "none"),
    ],
)  # fmt: skip
def test_without_systemd_the_firmware_tells_what_the_machine_is(files, name):
    assert virt(host(files)) == name


# command line


def test_the_command_line_of_a_container_is_that_of_its_first_process():
    files = {"/proc/cmdline": b"BOOT_IMAGE=x ro\n", "/proc/1/cmdline": b"/sbin/init\0ds=nocloud\0"}
    assert cmdline(host(files)) == "BOOT_IMAGE=x ro"
    assert cmdline(host(files, container=True)) == "/sbin/init ds=nocloud"
    assert cmdline(host({})) == ""


# firmware


def test_firmware_values_come_from_sysfs_and_unset_ones_are_empty():
    ids = "/sys/class/dmi/id"
    found = dmi(
        host({f"{ids}/sys_vendor": b"Acme \n", f"{ids}/product_serial": b"\xff" * 16, f"{ids}/board_name": b"..."})
    )
    assert (found.sys_vendor, found.product_serial, found.board_name, found.bios_date) == ("Acme", "", "", "")
    assert sound("a.b") == "a.b"


def test_a_container_has_no_firmware_and_no_disks(tmp_path):
    top = tree(tmp_path, {"/sys/class/dmi/id/sys_vendor": b"Acme"})
    assert look(top, asks=False, container=False).dmi.sys_vendor == "Acme"
    inside = look(top, asks=False, container=True)
    assert inside.dmi.sys_vendor == "" and inside.disks == ()


def test_dmidecode_answers_where_sysfs_has_nothing_and_only_where_that_is_safe(programs):
    program(programs, "dmidecode", 'test "$3" = system-serial-number && echo "# note" && echo S-1')
    asked = dmi(host({}, asks=True, arch="x86_64"))
    assert (asked.product_serial, asked.sys_vendor) == ("S-1", "")
    assert asked.items()["product_serial"] == "S-1"
    assert dmi(host({}, asks=True, arch="riscv64")).product_serial == ""
    assert dmi(host({}, arch="x86_64")).product_serial == ""


# distribution


@pytest.mark.parametrize(
    "text, id, family",
    [
        ('ID=debian\nVERSION_ID="12"', "debian", "debian"),
        ("ID=ubuntu\nID_LIKE=debian", "ubuntu", "debian"),
        ("ID=pop\nID_LIKE='ubuntu debian'", "pop", "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "rocky", "redhat"),
        ("ID=amzn", "amzn", "redhat"),
        ("ID=azurelinux", "azurelinux", "redhat"),
        ('ID="opensuse-leap"', "opensuse-leap", "suse"),
        ("ID=alpine", "alpine", "alpine"),
        ("ID=arch", "arch", "arch"),
        ("ID=gentoo", "gentoo", "gentoo"),
        ("ID=novel", "novel", "linux"),
        ("", "linux", "linux"),
    ],
)
def test_the_distribution_and_its_family(text, id, family):
    found = release(host({"/etc/os-release": text.encode()}))
    assert (found.id, found.family) == (id, family)


def test_the_release_is_read_from_usr_where_etc_has_none():
    found = release(
        host({"/usr/lib/os-release": b'ID=debian\nVERSION_CODENAME=trixie\nVERSION_ID="13"\nPRETTY_NAME="Debian 13"'})
    )
    assert (found.version, found.codename, found.name) == ("13", "trixie", "Debian 13")


def test_raspberry_pi_os_is_known_though_it_calls_itself_debian():
    found = release(host({"/etc/os-release": b"ID=debian", "/etc/rpi-issue": b""}))
    assert (found.id, found.family) == ("raspberry-pi-os", "debian")


def test_assignments_are_read_as_a_shell_does():
    text = '# A=1\nB="x \\"y\\" \\\\"\nC=\'a\\b\'\nD=\n E=e \nF'
    assert assignments(text) == {"B": 'x "y" \\', "C": "a\\b", "D": "", "E": "e"}


# network interfaces


def test_interfaces_are_told_apart_by_what_sysfs_shows():
    net = "/sys/class/net"
    found = nics(host({
        f"{net}/bonding_masters": b"", f"{net}/lo/address": b"00:00:00:00:00:00\n", f"{net}/lo/flags": b"0x9\n",
        f"{net}/eth0/address": b"02:00:5E:00:00:01\n", f"{net}/eth0/flags": b"0x1003\n", f"{net}/eth0/carrier": b"1\n",
        f"{net}/eth0/device/driver": "../../../bus/virtio/drivers/virtio_net",
        f"{net}/br0/address": b"02:00:5e:00:00:02\n", f"{net}/br0/bridge/x": b"", f"{net}/br0/flags": b"odd",
        f"{net}/v1/address": b"02:00:5e:00:00:03\n", f"{net}/v1/uevent": b"INTERFACE=v1\nDEVTYPE=vlan\n",
        f"{net}/dummy0/address": b"02:00:5e:00:00:04\n"}))  # fmt: skip
    assert found == (
        Nic("br0", "02:00:5e:00:00:02", kind="bridge"), Nic("dummy0", "02:00:5e:00:00:04", kind="virtual"),
        Nic("eth0", "02:00:5e:00:00:01", "virtio_net", True, True),
        Nic("lo", "00:00:00:00:00:00", up=True, kind="loopback"),
        Nic("v1", "02:00:5e:00:00:03", kind="vlan"))  # fmt: skip


# disks


UDEV = {
    "/sys/class/block/sr0/dev": b"11:0\n", "/sys/class/block/sr0/size": b"720\n",
    "/run/udev/data/b11:0": b"S:disk/by-label/x\nE:ID_FS_TYPE=iso9660\nE:ID_FS_LABEL=my_seed\n"
                            b"E:ID_FS_LABEL_ENC=my\\x20seed\nE:ID_FS_UUID=u\n",
    "/sys/class/block/loop0/dev": b"7:0\n", "/sys/class/block/loop0/size": b"0\n",
}  # fmt: skip


def test_udev_has_probed_the_disks(programs):
    program(programs, "blkid", "echo DEVNAME=/dev/wrong")
    assert disks(host(UDEV, asks=True)) == (Disk("/dev/sr0", "iso9660", "my seed", "u"),)


def test_blkid_is_asked_where_udev_left_a_disk_out(programs):
    program(programs, "blkid", "printf 'DEVNAME=/dev/vdb\\nTYPE=vfat\\nLABEL_FATBOOT=cidata\\n'")
    found = disks(host({**UDEV, "/sys/class/block/vdb/dev": b"254:16", "/sys/class/block/vdb/size": b"9"}, asks=True))
    assert found == (Disk("/dev/vdb", "vfat", fat_label="cidata"),)


def test_the_label_in_a_fat_boot_sector_is_read_where_there_is_no_other(tmp_path):
    from tests.media import images

    image = bytearray(images.fat(tmp_path, 16).read_bytes())
    image[image.index(b"cidata", 512)] = 0xE5
    files = {"/sys/class/block/vdb/dev": b"254:16", "/sys/class/block/vdb/size": b"9", "/dev/vdb": bytes(image),
             "/run/udev/data/b254:16": b"E:ID_FS_TYPE=vfat\n"}  # fmt: skip
    assert disks(host(files)) == (Disk("/dev/vdb", "vfat", fat_label="cidata"),)
    assert disks(host({**files, "/dev/vdb": b"broken"})) == (Disk("/dev/vdb", "vfat"),)


def test_labels_are_found_by_their_links_where_nobody_answers():
    assert disks(host({"/dev/disk/by-label/OVF\\x20ENV": "../../sr1"})) == (Disk("/dev/sr1", label="OVF ENV"),)


def test_what_blkid_exports_is_read_device_by_device():
    text = "DEVNAME=/dev/sda1\nTYPE=vfat\nLABEL=OVF\\ ENV\n\nDEVNAME=/dev/sdb\nUUID=1\n\nTYPE=none\n"
    assert list(exported(text)) == [Disk("/dev/sda1", "vfat", "OVF ENV"), Disk("/dev/sdb", uuid="1")]


def test_escapes_of_udev_are_undone_and_what_is_none_stays():
    assert unescaped("a\\x20b\\xc3\\xbc\\xzz\\x") == "a bü\\xzz\\x"
