"""Disks of a real machine: a root that grows with its disk, a second disk that is put to use, and swap."""

import subprocess

import pytest

from tools.boots import disks, seed
from tools.boots.machine import Machine

pytestmark = pytest.mark.vm
GIB = 1 << 30
LOOK = """#!/bin/sh
# Looks at what there is, as the machine's owner would; each answer is a file of its own.
mkdir -p /var/tmp/seen && cd /var/tmp/seen
df --output=size -B1M / | tail -n 1 >root-size
lsblk -brno NAME,SIZE,FSTYPE,MOUNTPOINT >disks
findmnt -no SOURCE,FSTYPE,OPTIONS /srv/data >data
swapon --noheadings --raw --show=NAME,SIZE >swap
"""
GROWN = f"""#cloud-config
ssh_genkeytypes: [ed25519]
write_files:
  - path: /root/look
    permissions: "0755"
    content: |
{"".join(f"      {line}" for line in LOOK.splitlines(keepends=True))}runcmd: [/root/look]
"""
USER_DATA = f"""{GROWN}
disk_setup:
  /dev/vdb: {{table_type: gpt, layout: [50, [25, 82], 25]}}
fs_setup:
  - {{label: data, filesystem: ext4, device: /dev/vdb, partition: 1}}
  - {{label: more, filesystem: swap, device: /dev/vdb, partition: 2}}
mounts:
  - [LABEL=data, /srv/data, auto, "defaults,nofail,noatime"]
  - [/dev/vdb2, none, swap, sw]
swap: {{filename: /swap.img, size: 64M}}
"""


def enlarged(machine, size):
    """The machine, with a disk that its image does not fill."""
    done = ["qemu-img", "resize", str(machine.disk), str(size)]
    subprocess.run(done, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return machine


def seeded(folder, user_data):
    folder.mkdir()
    (folder / "meta-data").write_text("instance-id: i-1\n")
    (folder / "user-data").write_text(user_data)
    return seed.iso(folder, folder.with_suffix(".iso"))


@pytest.fixture(scope="module")
def report(disk, debian, tmp_path_factory):
    """A machine whose disk was enlarged, with a second disk that is blank."""
    at = tmp_path_factory.mktemp("effects")
    blank = at / "blank.raw"
    with open(blank, "wb") as file:
        file.truncate(GIB)
    machine = enlarged(Machine(disks.partitioned(disk), debian / "boot", at / "machine"), 5 * GIB)
    second = ["-drive", f"file={blank},if=virtio,format=raw"]
    return machine.boot(media=[seeded(at / "seed", USER_DATA)], options=second)


def seen(report, name):
    answer = report.read(f"/var/tmp/seen/{name}")
    assert answer is not None, report.text("status.txt") + (report.read("/var/log/cloudboot.log") or "")[-4000:]
    return answer.strip()


def blocks(report):
    """Size in bytes, file system and mount point of each block device."""
    lines = [line.split(" ") for line in seen(report, "disks").splitlines()]
    return {name: (int(size), *([*more, "", ""])[:2]) for name, size, *more in lines}


def test_nothing_went_wrong(report):
    assert report.failed == []
    assert report.status["errors"] == []
    assert report.text("status-code.txt").strip() == "0", report.text("status.txt")


def test_the_root_file_system_takes_up_a_disk_that_was_enlarged(report):
    assert int(seen(report, "root-size")) > 4500


def test_a_second_disk_is_partitioned_formatted_and_mounted(report):
    found = blocks(report)
    assert [kind for _, kind, _ in (found[f"vdb{n}"] for n in (1, 2, 3))] == ["ext4", "swap", ""]
    assert [round(found[f"vdb{n}"][0] / GIB, 2) for n in (1, 2, 3)] == [0.5, 0.25, 0.25]
    source, kind, options = seen(report, "data").split()
    assert (source, kind) == ("/dev/vdb1", "ext4")
    assert "noatime" in options.split(",")


def test_swap_is_on_in_a_partition_and_in_a_file(report):
    assert sorted(line.split()[0] for line in seen(report, "swap").splitlines()) == ["/dev/vdb2", "/swap.img"]


def test_a_root_on_lvm_takes_up_a_disk_that_was_enlarged(disk, debian, tmp_path):
    machine = enlarged(Machine(disks.on_lvm(disk), debian / "boot", tmp_path / "machine"), 5 * GIB)
    report = machine.boot("root=/dev/mapper/vg-root", media=[seeded(tmp_path / "seed", GROWN)])
    assert report.failed == []
    assert report.status["errors"] == []
    assert int(seen(report, "root-size")) > 4500
    size, kind, mount = blocks(report)["vg-root"]
    assert size > 4.9 * GIB
    assert (kind, mount) == ("ext4", "/")
