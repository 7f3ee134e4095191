import os
import subprocess

import pytest

from cloudboot.admin import filesystems, partitions
from cloudboot.errors import CloudbootError
from cloudboot.system.door import System
from cloudboot.system.live import Live
from tests import needs

MIB = 1 << 20
LINUX, SWAP = partitions.TYPES["8300"], partitions.TYPES["8200"]


@pytest.fixture
def image(tmp_path):
    needs.programs("sfdisk", "blkid", "mkfs.ext2", "mkfs.vfat", "mkfs.xfs", "mkfs.btrfs")
    path = str(tmp_path / "disk.img")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    os.truncate(path, 64 * MIB)
    return path


def sfdisk(image, text, *words):
    subprocess.run(["sfdisk", "--no-reread", "--no-tell-kernel", *words, image], input=text.encode(), check=True,
                   capture_output=True)  # fmt: skip


def sizes(image):
    import json

    table = json.loads(subprocess.check_output(["sfdisk", "--json", image]))["partitiontable"]
    return [part["size"] // 2048 for part in table["partitions"]]


@pytest.mark.parametrize(
    ("scheme", "layout", "parts"),
    [
        ("dos", True, [(0, "83")]),
        ("gpt", True, [(0, LINUX)]),
        ("dos", [33, [33, 82], 33], [(33, "83"), (33, "82"), (0, "83")]),
        ("gpt", [50, [50, "82"]], [(50, LINUX), (0, SWAP)]),
        ("gpt", [[100, "8200"]], [(0, SWAP)]),
        ("gpt", [[100, LINUX.lower()]], [(0, LINUX)]),
    ],
)
def test_a_layout_names_its_partitions_and_the_last_takes_the_rest(scheme, layout, parts):
    assert [(p.percent, p.type) for p in partitions.wanted(scheme, layout)] == parts


@pytest.mark.parametrize(
    ("scheme", "layout", "why"),
    [
        ("dos", [60, 60], "more than the whole disk"),
        ("dos", [], "more than the whole disk, or none"),
        ("dos", [20] * 5, "at most 4"),
        ("gpt", [0], "no percentage"),
        ("gpt", [[50, "no type"]], "nobody knows"),
        ("dos", [[50, "8300"]], "nobody knows"),
        ("gpt", [[50, "83,\nlabel: dos"]], "nobody knows"),
    ],
)
def test_a_layout_that_no_disk_can_have_is_refused(scheme, layout, why):
    with pytest.raises(CloudbootError, match=why):
        partitions.wanted(scheme, layout)


@pytest.mark.parametrize("scheme", ["dos", "gpt"])
@pytest.mark.parametrize("layout", [True, [50, [25, 82], 25]], ids=["whole", "parts"])
def test_sfdisk_takes_the_script_and_the_disk_is_found_laid_out(image, scheme, layout):
    system, parts = System(Live("/")), partitions.wanted(scheme, layout)
    assert not partitions.is_laid_out(system, image, scheme, parts)
    sfdisk(image, partitions.script(scheme, parts, 64 * MIB))
    assert partitions.is_laid_out(system, image, scheme, parts)
    assert not partitions.is_laid_out(system, image, "gpt" if scheme == "dos" else "dos", parts)
    assert not partitions.is_laid_out(system, image, scheme, (*parts, parts[0]))
    if layout is not True:
        assert sizes(image)[:2] == [32, 16]


@pytest.mark.parametrize("scheme", ["dos", "gpt"])
def test_sfdisk_grows_the_last_partition_of_a_disk_that_became_larger(image, scheme):
    sfdisk(image, partitions.script(scheme, partitions.wanted(scheme, [50, 50]), 64 * MIB))
    os.truncate(image, 128 * MIB)
    sfdisk(image, ", +\n", "-N", "2")
    assert sizes(image)[0] == 32
    assert sizes(image)[1] >= 93


def test_what_is_on_a_device_is_told_and_nothing_else_is_called_blank(image, tmp_path):
    system = System(Live("/"))
    assert filesystems.content(system, image).is_blank
    sfdisk(image, "label: gpt\n,+\n")
    assert filesystems.content(system, image).table == "gpt"
    subprocess.run(["mkfs.ext4", "-q", "-F", "-L", "my data", image], check=True)
    assert filesystems.content(system, image) == filesystems.Content("ext4", "my data")
    with pytest.raises(CloudbootError, match="cannot be told"):
        filesystems.content(system, str(tmp_path / "nowhere"))
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(CloudbootError, match="cannot be told"):
        filesystems.content(system, str(tmp_path / "empty"))


@pytest.mark.parametrize("kind", ["ext2", "ext3", "ext4", "vfat", "xfs", "btrfs", "swap"])
def test_a_file_system_is_made_with_its_label_even_over_another(image, kind):
    os.truncate(image, 512 * MIB)
    system = System(Live("/"))
    subprocess.run(["mkfs.ext2", "-q", "-F", image], check=True)
    subprocess.run(filesystems.make_words(system, kind, "data", image), check=True, capture_output=True)
    found = filesystems.content(system, image)
    assert (found.type, found.label) == (kind, "DATA" if found.label.isupper() else "data")


def test_a_file_system_nobody_can_make_here_is_refused():
    with pytest.raises(CloudbootError, match="mkfs.nosuchfs is not installed"):
        filesystems.make_words(System(Live("/")), "nosuchfs", "", "/dev/vdb")


def test_a_label_that_is_too_long_is_refused_before_anything_is_made():
    with pytest.raises(CloudbootError, match="at most 16"):
        filesystems.make_words(System(Live("/")), "ext4", "seventeen-letters", "/dev/vdb")
