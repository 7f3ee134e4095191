"""The same on a real ext4, whose writes to its disk are recorded: every power cut leaves those before it, and of those
that no flush followed all or none."""

import os
import struct
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import needs
from tests.test_boot import Tree
from tests.test_power_cut import USER_DATA, contents, wrong

TOP = Path(__file__).resolve().parent.parent
SIZE, SECTOR, FLUSH, DISCARD = 64 << 20, 512, 1, 4
STATES = 16
NAMES_FIRST = """
from cloudboot.system import disk
disk.Disk._write_out = lambda self, device: None
disk.sync_file_system = lambda fd: False
"""
BOOT = "import sys; from cloudboot.cli import main; sys.exit(main(['--root', sys.argv[1], 'boot']))"


def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def mounted(image, at):
    run("mount", "-o", "loop", image, at)
    try:
        yield str(at)
    finally:
        run("umount", at)


def boot(root, before=""):
    done = subprocess.run([sys.executable, "-c", before + BOOT, root], cwd=TOP, capture_output=True, text=True)
    assert done.returncode in (0, 2), done.stderr


class Writes:
    """What was written to the disk ``image`` during a boot, in its order: (offset, bytes, flags)."""

    def __init__(self, folder, before=""):
        self.folder, self.at = folder, folder / "mnt"
        self.at.mkdir()
        image, shown, log = (folder / name for name in ("image", "shown", "log"))
        for each in (image, shown, log):
            each.touch()
        os.truncate(image, SIZE)
        run(needs.program("mkfs.ext4"), "-q", image)
        with mounted(image, self.at) as root:
            tree = Tree(root)
            tree.seed(USER_DATA)
            tree.write("/etc/motd", "of the image")
            self.before = contents(root)
        self.base = image.read_bytes()
        with self.recorded(image, shown, log), mounted(shown, self.at) as root:
            boot(root, before)
            run("cp", "-a", root, folder / "whole")
        self.whole = str(folder / "whole")
        self.log = list(self.read(log.read_bytes()))

    @contextmanager
    def recorded(self, image, shown, log):
        words = ["qemu-storage-daemon", "--blockdev", f"file,node-name=disk,filename={image}",
                 "--blockdev", f"file,node-name=log,filename={log}",
                 "--blockdev", f"blklogwrites,node-name=both,file=disk,log=log,log-sector-size={SECTOR}",
                 "--export", f"fuse,id=it,node-name=both,mountpoint={shown},writable=on"]  # fmt: skip
        daemon = subprocess.Popen(words, stdin=subprocess.DEVNULL)
        try:
            while shown.stat().st_size != SIZE:
                assert daemon.poll() is None
                time.sleep(0.05)
            yield
        finally:
            daemon.terminate()
            daemon.wait()

    @staticmethod
    def read(log):
        """Entries of a log of dm-log-writes: sector, sectors, flags, bytes that follow, from the second sector on."""
        at = SECTOR
        while at < len(log):
            sector, sectors, flags, _ = struct.unpack_from("<QQQQ", log, at)
            at += SECTOR
            length = 0 if flags & DISCARD else sectors * SECTOR
            if length or flags:
                yield sector * SECTOR, log[at : at + length], flags
            at += length

    def cuts(self):
        """A power cut after some of the writes, twice: what no flush followed is there, or is not."""
        for n in range(1, STATES + 1):
            cut = len(self.log) * n // STATES
            flushed = max((i + 1 for i in range(cut) if self.log[i][2] & FLUSH), default=0)
            for upto in {cut, flushed}:
                disk = bytearray(self.base)
                for offset, data, _ in self.log[:upto]:
                    disk[offset : offset + len(data)] = data
                (self.folder / "cut").write_bytes(disk)
                yield f"write {upto} of {len(self.log)}"


@pytest.fixture
def writes(tmp_path):
    needs.root()
    needs.program("qemu-storage-daemon")
    if not os.path.exists("/dev/fuse"):
        pytest.skip("needs FUSE in the kernel")
    return lambda before="": Writes(tmp_path, before)


def test_whatever_reached_the_disk_is_sound_and_the_next_boot_comes_to_the_same_end(writes):
    recorded = writes()
    whole = contents(recorded.whole)
    for what in recorded.cuts():
        with mounted(recorded.folder / "cut", recorded.at) as root:
            assert wrong(recorded.whole, recorded.before, [(what, root)]) == []
            run("rm", "-rf", f"{root}/run")
            boot(root)
            assert contents(root) == whole, what


def test_it_would_be_noticed_if_names_came_before_bytes(writes):
    recorded = writes(NAMES_FIRST)
    found = []
    for what in recorded.cuts():
        with mounted(recorded.folder / "cut", recorded.at) as root:
            found += wrong(recorded.whole, recorded.before, [(what, root)])
    assert any(text.endswith("is (33188, b'')") for text in found), found
