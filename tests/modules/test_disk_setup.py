import os
import subprocess

import pytest

from cloudboot.errors import CloudbootError
from cloudboot.system.door import System
from cloudboot.system.live import Live
from cloudboot.values import Instance
from modules import disk_setup
from tests import kit, needs
from tests.admin.disks import sysfs

TOOLS = ("mkfs.ext4", "mkfs.xfs", "mkswap")
BLANK = {"head": "\0"}
NOTHING = {"blkid": 2, **BLANK}
DISK = sysfs(("vdb", 100))
PARTED = sysfs(("vdb", 100, (1, 49), (50, 49)))
MACHINE = {"files": DISK, "tools": TOOLS, "answers": NOTHING}
FORMAT = {"fs_setup": [{"device": "/dev/vdb", "filesystem": "ext4", "label": "data"}]}


def has(path, **told):
    """Answers of a machine where this is on a device, and nothing on others."""
    said = "".join(f"{name}={value}\n" for name, value in told.items())
    return {**NOTHING, f"blkid --probe --output export {path}": said}


def applied(tmp_path, config, answers=None, files=DISK, **about):
    machine = kit.Machine(tmp_path, files, NOTHING if answers is None else answers, TOOLS)
    machine.system = kit.apply(disk_setup.MODULE, config, machine, **about)
    return machine


def setup(layout=True, **more):
    return {"disk_setup": {"/dev/vdb": {"layout": layout, **more}}}


MAKE = "sfdisk --wipe=always --wipe-partitions=always --no-reread --no-tell-kernel /dev/vdb"


def test_a_blank_disk_is_partitioned_and_its_partitions_are_formatted(tmp_path):
    config = {
        **setup([50, [50, 82]]),
        "fs_setup": [
            {"device": "/dev/vdb", "partition": 1, "filesystem": "ext4", "label": "data"},
            {"device": "vdb.2", "filesystem": "swap"},
        ],
    }
    machine = applied(tmp_path, config)
    assert machine.commands == [
        "partx --delete /dev/vdb",
        MAKE,
        "partx --update /dev/vdb",
        "mkfs.ext4 -F -L data /dev/vdb1",
        "mkswap -f /dev/vdb2",
    ]
    assert machine.actions[2].stdin == b"label: dos\n,50MiB,83\n,+,82\n"


HELD = [
    ({"TYPE": "ext4", "LABEL": "precious"}, "ext4"),
    ({"TYPE": "LVM2_member"}, "LVM2_member"),
    ({"PTTYPE": "gpt"}, "a partition table"),
    ({"TYPE": "crypto_LUKS"}, "crypto_LUKS"),
]


@pytest.mark.parametrize(("told", "what"), HELD)
@pytest.mark.parametrize("config", [setup(), setup("remove"), FORMAT], ids=["partition", "remove", "format"])
def test_a_disk_that_holds_something_is_left_as_it_is_and_named(tmp_path, told, what, config):
    machine = applied(tmp_path, config, has("/dev/vdb", **told))
    assert machine.actions == []
    assert f"/dev/vdb holds {what}" in machine.system.notes[0]


@pytest.mark.parametrize("answers", [{"blkid": 127}, {"blkid": 8}, {"blkid": 2, "head": 1}, {"blkid": 2, "head": ""}])
@pytest.mark.parametrize("config", [setup(), FORMAT], ids=["partition", "format"])
def test_a_disk_that_cannot_be_read_is_not_called_blank(tmp_path, config, answers):
    machine = kit.Machine(tmp_path, DISK, answers, TOOLS)
    with pytest.raises(CloudbootError, match="cannot be told"):
        kit.apply(disk_setup.MODULE, config, machine)
    assert machine.actions == []


@pytest.mark.parametrize(("told", "what"), HELD)
def test_overwrite_is_leave_to_destroy(tmp_path, told, what):
    config = {**setup(overwrite=True), "fs_setup": [{"device": "vdb.1", "filesystem": "ext4"}]}
    assert applied(tmp_path, config, has("/dev/vdb", **told)).commands[1:] == [
        MAKE, "partx --update /dev/vdb", "mkfs.ext4 -F /dev/vdb1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "use"),
    [
        ({**sysfs(("vdb", 100, (1, 9)), mounts=[("/srv", "ext4", "/dev/vdb1")])}, "/dev/vdb1 is mounted at /srv"),
        ({**DISK, "/sys/class/block/vdb/holders/dm-0": ""}, "/dev/vdb is part of dm-0"),
        ({**DISK, "/proc/swaps": "Filename Type\n/dev/vdb partition 1 0 -2\n"}, "/dev/vdb is in use as swap"),
    ],
    ids=["mounted", "held", "swap"],
)
def test_what_is_in_use_is_left_as_it_is_whatever_the_document_says(tmp_path, files, use):
    machine = kit.Machine(tmp_path, files, has("/dev/vdb", TYPE="ext4"), TOOLS)
    with pytest.raises(CloudbootError, match=use):
        kit.apply(disk_setup.MODULE, setup(overwrite=True), machine)
    assert machine.actions == []


TABLE = '{"partitiontable": {"label": "dos", "partitions": [{"type": "83"}, {"type": "82"}]}}'


def test_a_disk_that_is_laid_out_as_asked_is_done(tmp_path):
    answers = {**has("/dev/vdb", PTTYPE="dos"), "sfdisk --json": TABLE}
    machine = applied(tmp_path / "1", setup([50, [50, 82]], overwrite=True), answers, PARTED)
    assert (machine.actions, machine.system.notes) == ([], [])
    assert applied(tmp_path / "2", setup([50, 50]), answers, PARTED).system.notes


@pytest.mark.parametrize(
    ("told", "wish", "made"),
    [
        ({"TYPE": "ext4", "LABEL": "data"}, {"label": "data"}, False),
        ({"TYPE": "ext4", "LABEL": "data"}, {}, False),
        ({"TYPE": "ext4", "LABEL": "data"}, {"label": "data", "overwrite": True}, True),
        ({"TYPE": "xfs", "LABEL": "data"}, {"label": "data", "overwrite": True}, True),
    ],
)
def test_a_file_system_that_is_there_already_is_done(tmp_path, told, wish, made):
    config = {"fs_setup": [{"device": "/dev/vdb", "filesystem": "ext4", **wish}]}
    machine = applied(tmp_path, config, has("/dev/vdb", **told))
    assert machine.system.notes == []
    assert bool(machine.commands) is made


@pytest.mark.parametrize(
    ("part", "answers", "made"),
    [
        ("auto", has("/dev/vdb1", TYPE="xfs"), "/dev/vdb2"),
        ("auto", has("/dev/vdb2", TYPE="ext4", LABEL="data"), None),
        ("auto", has("/dev/vdb2", TYPE="ext4", LABEL="other"), "/dev/vdb1"),
        ("any", has("/dev/vdb2", TYPE="ext4", LABEL="other"), None),
    ],
)
def test_auto_and_any_find_a_partition(tmp_path, part, answers, made):
    config = {"fs_setup": [{"device": "vdb", "partition": part, "filesystem": "ext4", "label": "data"}]}
    machine = applied(tmp_path, config, answers, PARTED)
    assert machine.commands == ([f"mkfs.ext4 -F -L data {made}"] if made else [])
    assert machine.system.notes == []


NTFS = {**has("/dev/vdb1", TYPE="ntfs"), "blkid --probe --output export /dev/vdb": "PTTYPE=dos\n"}
SCRATCH = sysfs(("vdb", 100, (1, 98)))
REPLACE = {"fs_setup": [{"device": "/dev/vdb.1", "filesystem": "ext4", "replace_fs": "ntfs"}]}
VENDORS = "DATALOSS_WARNING_README.txt\nSystem Volume Information\n"


@pytest.mark.parametrize("config", [setup(), REPLACE], ids=["partition", "format"])
def test_a_clouds_own_ntfs_volume_goes_only_where_nobody_put_anything_in_it(tmp_path, config):
    assert applied(tmp_path / "1", config, {**NTFS, "unshare": VENDORS}, SCRATCH).commands
    full = applied(tmp_path / "2", config, {**NTFS, "unshare": f"{VENDORS}report.xls\n"}, SCRATCH)
    assert (full.actions, len(full.system.notes)) == ([], 1)
    unknown = applied(tmp_path / "3", config, {**NTFS, "unshare": 32}, SCRATCH)
    assert (unknown.actions, len(unknown.system.notes)) == ([], 1)


def test_devices_have_the_documents_names_and_the_clouds(tmp_path):
    aliased = {"device_aliases": {"my": "/dev/vdb"}, "fs_setup": [{"device": "my", "filesystem": "ext4"}]}
    assert applied(tmp_path / "1", aliased).commands == ["mkfs.ext4 -F /dev/vdb"]
    cloud = Instance("i-1", metadata={"block-device-mapping": {"ephemeral0": "sdb"}})
    config = {"fs_setup": [{"device": "ephemeral0", "filesystem": "ext4"}]}
    assert applied(tmp_path / "2", config, instance=cloud).commands == ["mkfs.ext4 -F /dev/vdb"]
    assert applied(tmp_path / "3", config).commands == []


def test_a_disk_that_is_not_there_is_named_and_keeps_the_others_from_nothing(tmp_path):
    machine = kit.Machine(tmp_path, DISK, NOTHING, TOOLS)
    config = {"fs_setup": [{"device": "vdz", "filesystem": "ext4"}, {"device": "vdb", "filesystem": "ext4"}]}
    system = kit.apply(disk_setup.MODULE, config, machine)
    assert system.notes == ["there is no device /dev/vdz; see whether the disk is attached"]
    assert machine.commands == ["mkfs.ext4 -F /dev/vdb"]


@pytest.mark.parametrize(
    ("cmd", "argv"),
    [
        ("mkfs -t %(filesystem)s -L %(label)s %(device)s", ("/bin/sh", "-c", "mkfs -t ext4 -L data /dev/vdb")),
        (["mkfs", "-t%(filesystem)s", "%(device)s"], ("mkfs", "-text4", "/dev/vdb")),
    ],
)
def test_an_owners_own_command_runs_once(tmp_path, cmd, argv):
    machine = applied(tmp_path, {"fs_setup": [{**FORMAT["fs_setup"][0], "cmd": cmd}]})
    (run,) = [a for a in machine.actions if hasattr(a, "argv")]
    assert (run.argv, run.in_doubt) == (argv, "skip")


def test_a_percent_sign_that_stands_for_nothing_is_refused_before_anything_is_done(tmp_path):
    machine = kit.Machine(tmp_path, DISK, NOTHING, TOOLS)
    with pytest.raises(CloudbootError, match="stands for nothing"):
        kit.apply(disk_setup.MODULE, {"fs_setup": [{"device": "vdb", "cmd": "mkfs %(nothing)s"}]}, machine)
    assert machine.actions == []


def test_after_a_power_cut_what_was_cleared_is_made_though_it_looks_like_data_now(tmp_path):
    machine = kit.Machine(tmp_path, DISK, NOTHING, TOOLS)
    machine.stop_at, machine.stop_before = 2, True
    with pytest.raises(kit.Stop):
        kit.apply(disk_setup.MODULE, FORMAT, machine)
    machine.answers.update(has("/dev/vdb", TYPE="ext4", LABEL="half made"))
    assert kit.apply(disk_setup.MODULE, FORMAT, machine).notes == []
    assert machine.commands == ["mkfs.ext4 -F -L data /dev/vdb"]
    del machine.actions[:]
    kit.apply(disk_setup.MODULE, FORMAT, machine)
    assert machine.commands == []


def test_another_disk_of_the_same_name_is_not_what_was_cleared(tmp_path):
    machine = kit.Machine(tmp_path, DISK, NOTHING, TOOLS)
    machine.stop_at, machine.stop_before = 2, True
    with pytest.raises(kit.Stop):
        kit.apply(disk_setup.MODULE, FORMAT, machine)
    machine.answers.update(has("/dev/vdb", TYPE="ext4", LABEL="somebody's"))
    machine.put("/sys/class/block/vdb/serial", "another\n")
    assert kit.apply(disk_setup.MODULE, FORMAT, machine).notes
    assert machine.commands == []


def test_a_partitioned_disk_gets_no_file_system_in_place_of_its_partitions(tmp_path):
    with pytest.raises(CloudbootError, match="gets partitions"):
        applied(tmp_path, {**setup(), **FORMAT})


@pytest.fixture
def loop(tmp_path):
    """A disk of 600 MiB that is real, and blank."""
    needs.root()
    needs.programs("losetup", "partx", "blkid", "sfdisk", "mkfs.ext4")
    image = str(tmp_path / "disk.img")
    os.close(os.open(image, os.O_CREAT | os.O_WRONLY))
    os.truncate(image, 600 << 20)
    device = subprocess.check_output(["losetup", "--find", "--show", image], text=True).strip()
    yield device
    subprocess.run(["partx", "--delete", device], capture_output=True)
    subprocess.run(["losetup", "--detach", device], check=True)


def blkid(device):
    said = subprocess.check_output(["blkid", "--probe", "--output", "export", device], text=True)
    told = dict(line.partition("=")[::2] for line in said.splitlines())
    return told["TYPE"], told.get("LABEL", "")


def test_a_real_disk_is_set_up_and_then_left_alone(loop):
    parts = [
        {"device": loop, "partition": 1, "filesystem": "ext4", "label": "data"},
        {"device": loop, "partition": 2, "filesystem": "swap", "label": "swap"},
        {"device": loop, "partition": 3, "filesystem": "xfs", "label": "logs"},
    ]
    config = {"disk_setup": {loop: {"table_type": "gpt", "layout": [20, [20, 82], 60]}}, "fs_setup": parts}
    real = Recorded()
    for times in (1, 2):
        system = System(real)
        options, _ = disk_setup.MODULE.read(config)
        disk_setup.apply(system, options, kit.boot_of(config))
        assert system.notes == []
        made = [a.argv[0] for a in real.ran if a.argv[0].startswith("mk")]
        assert made == ["mkfs.ext4", "mkswap", "mkfs.xfs"], f"time {times}"
    assert [blkid(f"{loop}p{n}") for n in (1, 2, 3)] == [("ext4", "data"), ("swap", "swap"), ("xfs", "logs")]


def test_a_real_disk_with_a_file_system_on_it_is_not_touched(loop):
    subprocess.run(["mkfs.ext4", "-q", "-L", "precious", loop], check=True)
    for config in (
        {"disk_setup": {loop: {"layout": True}}},
        {"fs_setup": [{"device": loop, "filesystem": "xfs"}]},
        {"fs_setup": [{"device": loop, "filesystem": "ext4", "label": "mine", "partition": "auto"}]},
    ):
        system = System(Recorded())
        disk_setup.apply(system, disk_setup.MODULE.read(config)[0], kit.boot_of(config))
        assert "precious" in blkid(loop)
        assert len(system.notes) == 1


class Recorded:
    """The machine itself, but for its files: what it would write there is dropped."""

    def __init__(self):
        self.live, self.ran = Live("/"), []
        self.read, self.look, self.names, self.query = (
            self.live.read, self.live.look, self.live.names, self.live.query
        )  # fmt: skip

    def perform(self, action):
        if not hasattr(action, "argv"):
            return kit.Outcome(True)
        self.ran.append(action)
        return self.live.perform(action)
