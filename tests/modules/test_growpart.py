import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Host
from modules import growpart
from tests import kit
from tests.admin.disks import mapped, sysfs

ROOT = ("/", "ext4", "/dev/vda1")
ROOMY = sysfs(("vda", 100, (1, 20)), ("vdb", 50, (1, 49)), mounts=[ROOT])
MACHINE = {"files": ROOMY, "tools": ("growpart",)}
LUKS = {
    **sysfs(("vda", 100, (1, 20)), mounts=[("/", "ext4", "/dev/dm-0")]),
    **mapped("dm-0", "CRYPT", "vda1", "root_crypt"),
    "/cc_growpart_keydata": '{"key": "c2VjcmV0", "slot": 1}',
}
LVM = {
    **sysfs(("vda", 100, (1, 20)), mounts=[("/", "ext4", "/dev/dm-0")]),
    **mapped("dm-0", "LVM", "vda1", "vg-root"),
}
SIZES = {
    "lvm pvs": f"{99 << 20} {1 << 20} {4 << 20} 4\n",
    "lvm lvs": f"{12 << 20} {4 << 20}\n",
}


def applied(tmp_path, config=None, files=ROOMY, tools=("growpart",), answers=None, **about):
    machine = kit.Machine(tmp_path, files, answers, tools)
    machine.system = kit.apply(growpart.MODULE, {} if config is None else {"growpart": config}, machine, **about)
    return machine


def test_the_partition_of_the_root_file_system_grows_unasked(tmp_path):
    assert applied(tmp_path).commands == ["growpart /dev/vda 1"]


def test_without_growpart_it_is_sfdisk_and_the_kernel_is_told(tmp_path):
    machine = applied(tmp_path, tools=())
    assert machine.commands == [
        "sfdisk --no-reread --no-tell-kernel -N 1 /dev/vda",
        "partx --update --nr 1 /dev/vda",
    ]
    assert machine.actions[0].stdin == b", +\n"


@pytest.mark.parametrize(
    "disk",
    [("vda", 100, (1, 98)), ("vda", 100, (1, 20), (21, 60)), ("vda", 100)],
    ids=["no room", "another partition behind it", "no partition"],
)
def test_where_nothing_can_grow_no_program_is_started(tmp_path, disk):
    source = "/dev/vda1" if len(disk) > 2 else "/dev/vda"
    asked = []
    answers = {name: lambda machine, argv: asked.append(argv) for name in ("growpart", "sfdisk", "lvm")}
    machine = applied(tmp_path, files=sysfs(disk, mounts=[("/", "ext4", source)]), answers=answers)
    assert (machine.commands, asked, machine.system.notes) == ([], [], [])


def test_mount_points_and_partitions_may_be_named_and_one_that_fails_is_alone_in_that(tmp_path):
    files = sysfs(("vda", 100, (1, 20)), ("nvme0n1", 50, (1, 4)), mounts=[ROOT, ("/data", "xfs", "/dev/nvme0n1p1")])
    machine = kit.Machine(tmp_path, files, {"growpart /dev/vda 1": 2}, ("growpart",))
    with pytest.raises(CloudbootError, match="growpart /dev/vda 1 exited 2"):
        kit.apply(growpart.MODULE, {"growpart": {"devices": ["/", "/data"]}}, machine)
    assert machine.commands[-1] == "growpart /dev/nvme0n1 1"


def test_one_that_is_as_large_as_it_can_be_is_no_failure(tmp_path):
    assert applied(tmp_path, answers={"growpart": 1}).system.notes == []


def test_a_device_that_is_not_there_is_told(tmp_path):
    notes = applied(tmp_path, {"devices": ["/nowhere", "/dev/vdz1"]}).system.notes
    assert [note.split()[1] for note in notes] == ["/nowhere", "/dev/vdz1"]


@pytest.mark.parametrize("config", [{"mode": "off"}, {"mode": False}])
def test_it_can_be_switched_off(tmp_path, config):
    assert applied(tmp_path, config).commands == []


def test_the_images_own_switch_counts_unless_it_is_to_be_ignored(tmp_path):
    files = {**ROOMY, "/etc/growroot-disabled": ""}
    assert applied(tmp_path / "1", files=files).commands == []
    assert applied(tmp_path / "2", {"ignore_growroot_disabled": True}, files).commands == ["growpart /dev/vda 1"]


def test_in_a_container_the_disk_is_the_hosts(tmp_path):
    assert applied(tmp_path, host=Host(os=kit.DISTROS["debian"], container=True)).commands == []


@pytest.mark.parametrize(("mode", "why"), [("gpart", "FreeBSD"), ("growpart", "growpart is not installed")])
def test_a_program_that_this_machine_has_not_is_an_error(tmp_path, mode, why):
    with pytest.raises(CloudbootError, match=why):
        applied(tmp_path, {"mode": mode}, tools=())


def test_below_luks_the_mapping_grows_by_the_images_key_which_is_gone_then(tmp_path):
    machine = applied(tmp_path, files=LUKS)
    assert machine.commands == [
        "growpart /dev/vda 1",
        "cryptsetup --key-file - resize root_crypt",
        "cryptsetup luksKillSlot --batch-mode /dev/vda1 1",
    ]
    assert machine.actions[1].stdin == b"secret"
    assert machine.actions[1].quiet
    assert machine.look("/cc_growpart_keydata") is None


def test_the_key_is_gone_even_where_it_does_not_fit(tmp_path):
    machine = kit.Machine(tmp_path, LUKS, {"cryptsetup --key-file": 2}, ("growpart",))
    with pytest.raises(CloudbootError, match="cryptsetup exited 2"):
        kit.apply(growpart.MODULE, {}, machine)
    assert "luksKillSlot" in machine.commands[-1]
    assert machine.look("/cc_growpart_keydata") is None


@pytest.mark.parametrize("text", ["", "[]", '{"key": "!", "slot": "x"}', '{"slot": 1}'])
def test_a_key_file_that_is_none_is_told_without_its_content(tmp_path, text):
    with pytest.raises(CloudbootError, match="is no JSON mapping"):
        applied(tmp_path, files={**LUKS, "/cc_growpart_keydata": text})


def test_below_lvm_the_volume_grows_by_what_the_partition_gained(tmp_path):
    machine = applied(tmp_path, files=LVM, answers=SIZES)
    assert machine.commands == [
        "growpart /dev/vda 1",
        "lvm pvresize /dev/vda1",
        f"lvm lvextend --extents {3 + (98 // 4 - 4)} /dev/mapper/vg-root",
    ]


def test_the_volume_grows_though_growpart_gave_the_physical_volume_all_it_gained(tmp_path):
    def growing(machine, argv):
        machine.answers["lvm pvs"] = f"{99 << 20} {1 << 20} {4 << 20} 24\n"

    machine = applied(tmp_path / "whole", files=LVM, answers={**SIZES, "growpart": growing})
    assert machine.commands[-1] == "lvm lvextend --extents 23 /dev/mapper/vg-root"
    note = {"/var/lib/cloudboot/instances/i-1/growing-dm-0": "4 3\n"}  # power failed after growpart
    full = {**SIZES, "lvm pvs": f"{99 << 20} {1 << 20} {4 << 20} 24\n"}
    machine = applied(tmp_path / "cut", files={**LVM, **note}, answers=full)
    assert machine.commands[-1] == "lvm lvextend --extents 23 /dev/mapper/vg-root"


def test_what_lvm_was_to_do_is_done_after_a_power_cut_though_nothing_shows_it_any_more(tmp_path):
    note = {"/var/lib/cloudboot/instances/i-1/growing-dm-0": "/dev/vda1 /dev/mapper/vg-root 23\n"}
    full = {**SIZES, "lvm pvs": f"{99 << 20} {1 << 20} {4 << 20} 24\n"}
    machine = applied(tmp_path, files={**LVM, **note}, answers=full)
    assert machine.commands[-1] == "lvm lvextend --extents 23 /dev/mapper/vg-root"


def test_lvm_is_asked_again_only_when_the_partition_has_another_size(tmp_path):
    machine = applied(tmp_path, files=LVM, answers=SIZES)
    del machine.actions[:]
    machine.answers["lvm pvs"] = machine.answers["lvm lvs"] = lambda machine, argv: pytest.fail("lvm was asked")
    machine.put("/sys/class/block/vda/size", str(21 << 11))  # no room is left
    kit.apply(growpart.MODULE, {}, machine)
    assert machine.commands == []


def test_what_stands_on_several_disks_is_left_alone(tmp_path):
    files = {**LVM, "/sys/class/block/dm-0/slaves/vdb1/dev": ""}
    machine = applied(tmp_path, files=files, answers=SIZES)
    assert machine.commands == []
    assert "several disks" in machine.system.notes[0]
