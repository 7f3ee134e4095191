import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.admin import fstab, swapfile
from cloudboot.admin.fstab import Entry
from cloudboot.errors import Invalid
from cloudboot.values import Host, Instance
from modules import mounts
from tests import kit
from tests.admin.disks import sysfs

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6 alice"
PASSWD = kit.PASSWD + "alice:x:1000:1000::/home/alice:/bin/bash\n"
HOME = {"/etc/passwd": PASSWD, "/home/alice/.ssh/authorized_keys": f"{KEY}\n", "/etc/skel/.profile": "hello\n"}
MEMORY = {"/proc/meminfo": "MemTotal:        1048576 kB\n"}
DF = {"df": "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 99 9 8388608 9% /\n"}
FILES = {**sysfs(("vdb", 100), mounts=[("/", "ext4", "/dev/vda1")]), **HOME, **MEMORY}
MACHINE = {"files": FILES, "answers": DF, "tools": ("systemctl",)}
ROOT = "LABEL=root / ext4 defaults 0 1\n"


def applied(tmp_path, config, files=FILES, answers=DF, fstab=ROOT, **about):
    machine = kit.Machine(tmp_path, {**files, "/etc/fstab": fstab}, answers)
    machine.system = kit.apply(mounts.MODULE, config, machine, **about)
    return machine


def lines(machine):
    return machine.text("/etc/fstab").splitlines()[1:]


def line(*fields):
    return "\t".join(fields)


def test_an_entry_becomes_a_line_and_is_mounted(tmp_path):
    machine = applied(tmp_path, {"mounts": [["/dev/sr0 spaced", "/mnt/Cdrom Drive", "auto", "uid=1000", "0", "0"]]})
    assert lines(machine) == [
        line("/dev/sr0\\040spaced", "/mnt/Cdrom\\040Drive", "auto", "uid=1000,comment=cloudconfig", "0", "0")
    ]
    assert machine.look("/mnt/Cdrom Drive").kind == "folder"
    assert machine.commands == ["mount -a"]


def test_under_systemd_its_units_are_made_anew_first(tmp_path):
    machine = applied(tmp_path, {"mounts": [["/dev/vdb", "/srv"]]}, {**FILES, "/run/systemd/system/x": ""})
    assert machine.commands == ["systemctl daemon-reload", "mount -a"]
    assert lines(machine)[0].split("\t")[3] == f"{mounts.AFTER_US},comment=cloudconfig"


def test_what_the_agent_itself_waits_for_does_not_wait_for_the_agent(tmp_path):
    machine = applied(tmp_path, {"mounts": [["/dev/vdb", "/var"]]}, {**FILES, "/run/systemd/system/x": ""})
    assert lines(machine)[0].split("\t")[3] == "defaults,nofail,comment=cloudconfig"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("vdb", "/dev/vdb"),
        ("xvdh", "/dev/xvdh"),
        ("/dev/vdc", "/dev/vdc1"),
        ("vdc.2", "/dev/vdc2"),
        ("ephemeral0", "/dev/vdb"),
        ("my", "/dev/vdc1"),
        ("LABEL=data", "LABEL=data"),
        ("server:/export", "server:/export"),
        ("//server/share", "//server/share"),
        ("tmpfs", "tmpfs"),
    ],
)
def test_a_device_has_many_names(tmp_path, name, source):
    files = {**FILES, **sysfs(("vdb", 100), ("vdc", 100, (1, 40), (41, 40)))}
    cloud = Instance("i-1", metadata={"block-device-mapping": {"ephemeral0": "sdb"}})
    config = {"mounts": [[name, "/srv"]], "device_aliases": {"my": "/dev/vdc"}}
    first = lines(applied(tmp_path, config, files, instance=cloud))[0]
    assert first.split("\t")[0] == source


def test_a_name_that_nobody_explains_is_left_out_and_told(tmp_path):
    machine = applied(tmp_path, {"mounts": [["ephemeral0", "/mnt"]]})
    assert (lines(machine), len(machine.system.notes)) == ([], 1)


CLOUD = Instance("i-1", metadata={"block-device-mapping": {"ephemeral0": "sdb", "swap": "sdc"}})
TWO = {**FILES, **sysfs(("vdb", 100), ("vdc", 100))}


def test_a_clouds_scratch_disk_and_swap_are_mounted_unasked(tmp_path):
    machine = applied(tmp_path, {}, TWO, instance=CLOUD)
    assert [entry.split("\t")[:3] for entry in lines(machine)] == [
        ["/dev/vdb", "/mnt", "auto"], ["/dev/vdc", "none", "swap"]
    ]  # fmt: skip
    assert machine.commands == ["swapon -a", "mount -a"]


@pytest.mark.parametrize("back", [["swap"], ["swap", None]])
def test_what_the_cloud_offers_can_be_taken_back(tmp_path, back):
    machine = applied(tmp_path, {"mounts": [back, ["ephemeral0", "/scratch"]]}, TWO, instance=CLOUD)
    assert [entry.split("\t")[1] for entry in lines(machine)] == ["/scratch"]


def test_an_entry_without_a_mount_point_takes_back_the_earlier_ones(tmp_path):
    machine = applied(tmp_path, {"mounts": [["vdb", "/a"], ["vdc", "/c"], ["vdb", None], ["vdb", "/b"]]})
    assert [entry.split("\t")[1] for entry in lines(machine)] == ["/c", "/b"]


def test_the_fields_that_are_left_out_are_the_documents_own(tmp_path):
    config = {"mounts": [["vdb", "/a"], ["vdc", "/c", "xfs"]],
              "mount_default_fields": [None, None, "ext4", "noatime", "1", "2"]}  # fmt: skip
    assert lines(applied(tmp_path, config)) == [
        line("/dev/vdb", "/a", "ext4", "noatime,comment=cloudconfig", "1", "2"),
        line("/dev/vdc", "/c", "xfs", "noatime,comment=cloudconfig", "1", "2"),
    ]


def test_lines_of_others_stay_and_ours_are_replaced(tmp_path):
    text = "# mine\n\nUUID=1 / ext4 defaults 0 1\n/dev/vdz\t/old\tauto\tdefaults,comment=cloudconfig\t0\t2\n"
    machine = applied(tmp_path, {"mounts": [["vdb", "/a"], ["UUID=1", "/b"]]}, fstab=text)
    assert machine.text("/etc/fstab").startswith("# mine\n\nUUID=1 / ext4 defaults 0 1\n/dev/vdb\t/a\t")
    assert "/old" not in machine.text("/etc/fstab")
    assert "/b" not in machine.text("/etc/fstab")


def test_orders_about_the_ecosystems_units_are_about_ours(tmp_path):
    options = "defaults,x-systemd.requires=cloud-init.service,x-systemd.after=other.service"
    machine = applied(tmp_path, {"mounts": [["vdb", "/a", "auto", options]]})
    assert lines(machine)[0].split("\t")[3] == (
        "defaults,x-systemd.requires=cloudboot-network.service,x-systemd.after=other.service,comment=cloudconfig"
    )


def test_where_nothing_is_asked_nothing_is_done(tmp_path):
    assert applied(tmp_path, {}).actions == []


def test_what_cannot_be_mounted_is_a_warning(tmp_path):
    machine = applied(
        tmp_path, {"mounts": [["vdb", "/a"]]}, answers={"mount": kit.Outcome(True, 32, stderr=b"no vdb\n")}
    )
    assert machine.system.notes == ["mount -a exited 32: no vdb"]


def cover(machine, argv):
    """A new file system over /home."""
    shutil.move(f"{machine.root}/home", f"{machine.root}/covered")
    os.mkdir(f"{machine.root}/home")


def test_keys_in_a_home_that_a_mount_hides_let_their_owner_in_again(tmp_path):
    machine = applied(tmp_path, {"mounts": [["vdb", "/home"]]}, answers={"mount": cover})
    assert machine.text("/home/alice/.ssh/authorized_keys") == f"{KEY}\n"
    assert machine.text("/home/alice/.profile") is None  # the command that copies it is only recorded here
    assert machine.commands == ["mount -a", "cp -R /etc/skel/. /home/alice"]
    assert machine.owners["/home/alice"] == "alice"
    assert machine.mode("/home/alice") == 0o750
    assert machine.names("/var/lib/cloudboot/instances/i-1") == ()


def test_a_folder_of_roots_that_is_in_use_is_nobodys_home_to_be_given_away(tmp_path):
    def in_use(machine, argv):
        cover(machine, argv)
        os.makedirs(f"{machine.root}/home/alice/upload")

    machine = applied(tmp_path, {"mounts": [["vdb", "/home"]]}, answers={"mount": in_use})
    assert (machine.commands, machine.owners.get("/home/alice")) == (["mount -a"], None)
    assert machine.text("/home/alice/.ssh/authorized_keys") == f"{KEY}\n"


def test_the_keys_are_known_still_when_power_fails_just_after_the_mount(tmp_path):
    config = {"mounts": [["vdb", "/home"]]}
    machine = kit.Machine(tmp_path, {**FILES, "/etc/fstab": ROOT}, {"mount": cover})
    machine.stop_at = 3
    with pytest.raises(kit.Stop):
        kit.apply(mounts.MODULE, config, machine)
    assert machine.commands == ["mount -a"]
    machine.answers = {}
    kit.apply(mounts.MODULE, config, machine)
    assert machine.text("/home/alice/.ssh/authorized_keys") == f"{KEY}\n"


def test_a_mount_elsewhere_reads_nobodys_keys(tmp_path):
    machine = applied(tmp_path, {"mounts": [["vdb", "/homes"]]})
    assert [type(a).__name__ for a in machine.actions] == ["MakeDir", "WriteFile", "Run"]


def test_a_swap_file_is_made_beside_its_place_and_only_its_owner_can_read_it(tmp_path):
    machine = applied(tmp_path, {"swap": {"size": "512M"}})
    assert machine.commands == [
        "install -m 600 /dev/null /swap.img.cloudboot-new",
        "fallocate -l 512M /swap.img.cloudboot-new",
        "mkswap /swap.img.cloudboot-new",
        "mv /swap.img.cloudboot-new /swap.img",
        "swapon -a",
    ]
    assert lines(machine) == [line("/swap.img", "none", "swap", "sw,comment=cloudconfig", "0", "0")]


@pytest.mark.parametrize(
    ("kind", "kernel", "command"),
    [
        ("btrfs", "6.1.0", "chattr +C /swap.img.cloudboot-new"),
        ("xfs", "4.4.0-1", "dd if=/dev/zero of=/swap.img.cloudboot-new bs=1M count=512"),
        ("xfs", "5.10.0", "fallocate -l 512M /swap.img.cloudboot-new"),
    ],
)
def test_a_file_system_has_its_own_way_with_swap_files(tmp_path, kind, kernel, command):
    files = {**FILES, **sysfs(mounts=[("/", kind, "/dev/vda1")])}
    host = Host(os=kit.DISTROS["debian"], kernel=kernel)
    assert applied(tmp_path, {"swap": {"size": "512M"}}, files, host=host).commands[1] == command


def test_a_swap_file_that_cannot_be_made_is_taken_away_and_told_and_the_rest_is_mounted(tmp_path):
    config = {"swap": {"size": "1G"}, "mounts": [["vdb", "/a"]]}
    machine = applied(tmp_path, config, answers={"mkswap": 1})
    assert machine.commands[-2:] == ["rm -f /swap.img.cloudboot-new", "mount -a"]
    assert "mkswap exited 1" in machine.system.notes[0]
    assert "swap" not in machine.text("/etc/fstab")


def test_a_swap_file_that_is_there_is_used_as_it_is(tmp_path):
    machine = applied(tmp_path, {"swap": {"size": "1G"}}, {**FILES, "/swap.img": "swap"})
    assert machine.commands == ["swapon -a"]


@pytest.mark.parametrize(
    ("memory", "free", "most", "size"),
    [
        (1, 100, None, 1),
        (6, 100, None, 4),
        (64, 100, None, 8),
        (100, 1000, 20, 10),
        (2, 4, None, 1),
        (2, 100, 1, 1),
        (3, 2, 9, 1.8),
    ],
)
def test_the_size_follows_the_memory_and_leaves_room_on_the_disk(tmp_path, memory, free, most, size):
    files = {"/proc/meminfo": f"MemFree: 1 kB\nMemTotal:   {memory << 20} kB\n"}
    machine = kit.Machine(tmp_path, files, {"df": DF["df"].replace("8388608", str(free << 20))})
    found = swapfile.size_of(mounts.System(machine), "/swap.img", "auto", most and most << 30)
    assert found == int(size * swapfile.GIB)


@pytest.mark.parametrize("size", ["2G", ".5T", 1024, "auto", "200K"])
def test_a_size_has_many_forms(size):
    assert mounts.MODULE.check({"swap": {"size": size}}) == ()


@pytest.mark.parametrize(("size", "bytes"), [("512", 512), ("2GB", 2 << 30), ("1.5g", 3 << 29)])
def test_a_size_that_is_plain_though_wrong_is_used(size, bytes):
    options, problems = mounts.MODULE.read({"swap": {"size": size}})
    assert (options.swap.size, [p.level for p in problems]) == (bytes, ["wrong"])


@pytest.mark.parametrize("config", [{"swap": {"maxsize": "..5T"}}, {"swap": {"size": "much"}}, {"mounts": "/dev/vdb"}])
def test_what_is_no_size_and_no_list_is_refused(config):
    with pytest.raises(Invalid):
        mounts.MODULE.read(config)


FIELD = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)


@given(FIELD, FIELD, FIELD)
def test_whatever_is_in_a_name_it_stays_one_field_of_one_line(source, point, options):
    entry = Entry(source, point, "auto", options)
    text = fstab.joined(ROOT, [entry])
    assert list(fstab.entries(text))[1] == fstab.marked(entry)
    assert fstab.without_ours(text) == ROOT


@pytest.mark.parametrize("name", ["a b", "tab\tbed", "back\\slash", "\\040", "#hash", "line\nfeed", "zoë"])
def test_mount_reads_a_name_as_it_was_meant(tmp_path, name):
    path = tmp_path / "fstab"
    path.write_text(fstab.joined("", [Entry(name, f"/mnt/{name}")]))
    told = subprocess.check_output(["findmnt", "--tab-file", str(path), "--json", "-o", "SOURCE,TARGET"], text=True)
    import json

    assert json.loads(told)["filesystems"] == [{"source": name, "target": f"/mnt/{name}"}]
