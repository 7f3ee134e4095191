import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Host
from modules import resizefs
from tests import kit
from tests.admin.disks import sysfs

TOOLS = ("resize2fs", "xfs_growfs", "btrfs", "resize.f2fs", "bcachefs", "zpool")


def disk(kind="ext4", source="/dev/vda1", size=100):
    return sysfs(("vda", size, (1, size - 2)), mounts=[("/", kind, source)])


MACHINE = {"files": disk(), "tools": TOOLS}
POOL = "rpool\t9G\t1G\n\t/dev/vda1\t9G\t1G\n"


def applied(tmp_path, value=True, files=None, tools=TOOLS, answers=None, **about):
    machine = kit.Machine(tmp_path, files or disk(), answers, tools)
    kit.apply(resizefs.MODULE, {"resize_rootfs": value}, machine, **about)
    return machine


@pytest.mark.parametrize(
    ("kind", "source", "command"),
    [
        ("ext4", "/dev/vda1", "resize2fs /dev/vda1"),
        ("xfs", "/dev/vda1", "xfs_growfs /"),
        ("btrfs", "/dev/vda1", "btrfs filesystem resize --enqueue max /"),
        ("f2fs", "/dev/vda1", "resize.f2fs /dev/vda1"),
        ("bcachefs", "/dev/vda1", "bcachefs device resize /dev/vda1"),
        ("zfs", "rpool/ROOT/debian", "zpool online -e rpool /dev/vda1"),
    ],
)
def test_each_kind_grows_by_its_own_tool(tmp_path, kind, source, command):
    answers = {"btrfs --version": "btrfs-progs v6.2 \n", "zpool list": POOL}
    assert applied(tmp_path, files=disk(kind, source), answers=answers).commands == [command]


def test_an_old_btrfs_cannot_be_told_to_wait(tmp_path):
    machine = applied(tmp_path, files=disk("btrfs"), answers={"btrfs --version": "btrfs-progs v5.4.1\n"})
    assert machine.commands == ["btrfs filesystem resize max /"]


def test_a_btrfs_for_reading_only_grows_through_its_snapshots(tmp_path):
    files = {**disk("btrfs"), "/.snapshots/1": ""}
    files["/proc/self/mountinfo"] = files["/proc/self/mountinfo"].replace("rw,relatime", "ro,relatime")
    assert applied(tmp_path, files=files).commands == ["btrfs filesystem resize max /.snapshots"]


@pytest.mark.parametrize(("kind", "source"), [("overlay", "overlay"), ("tmpfs", "tmpfs"), ("squashfs", "/dev/vda1")])
def test_what_does_not_grow_is_left_alone(tmp_path, kind, source):
    assert applied(tmp_path, files=disk(kind, source)).actions == []


def test_a_boot_where_the_device_is_as_it_was_starts_nothing(tmp_path):
    machine = applied(tmp_path)
    kit.apply(resizefs.MODULE, {}, machine, first=False)
    assert machine.commands == ["resize2fs /dev/vda1"]


def test_a_device_that_has_grown_since_is_seen(tmp_path):
    machine = applied(tmp_path)
    machine.put("/sys/class/block/vda1/size", "999999\n")
    kit.apply(resizefs.MODULE, {}, machine, first=False)
    assert machine.commands == ["resize2fs /dev/vda1"] * 2


def test_another_instance_looks_anew(tmp_path):
    machine = applied(tmp_path)
    kit.apply(resizefs.MODULE, {}, machine, instance=kit.Instance("i-2"))
    assert machine.commands == ["resize2fs /dev/vda1"] * 2


def test_it_can_be_switched_off(tmp_path):
    assert applied(tmp_path, False).actions == []


def test_the_boot_need_not_wait_for_it(tmp_path):
    (run,) = [a for a in applied(tmp_path, "noblock").actions if hasattr(a, "argv")]
    assert run.argv[:2] == ("/bin/sh", "-c")
    assert run.argv[3:] == ("resize2fs", "/dev/vda1")


def test_in_a_container_the_file_system_is_the_hosts(tmp_path):
    assert applied(tmp_path, host=Host(os=kit.DISTROS["debian"], container=True)).actions == []


def test_a_tool_that_is_missing_matters_only_to_who_asked_for_it(tmp_path):
    with pytest.raises(CloudbootError, match="resize2fs is not installed"):
        applied(tmp_path / "1", tools=())
    machine = kit.Machine(tmp_path / "2", disk())
    kit.apply(resizefs.MODULE, {}, machine)
    assert machine.actions == []


@pytest.mark.parametrize("value", ["yes", 1, []])
def test_only_its_three_values_are_taken(value):
    assert [p.level for p in resizefs.MODULE.check({"resize_rootfs": value})] == ["error"]
