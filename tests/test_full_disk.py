"""Boots of a tree on a real file system that takes no more, or nothing at all."""

import json
import subprocess
import sys

import pytest

from tests import needs
from tests.test_boot import SEED, USER_DATA, Tree

RUN = """
set -eu
tree=$1 options=$2; shift 2
mount -t tmpfs -o "$options" tmpfs "$tree/disk"
cp -a "$tree/machine/." "$tree/disk"
case $options in
    size=*) dd if=/dev/zero of="$tree/disk/filler" bs=4096 2>/dev/null || : ;;
    *) mount -o remount,ro "$tree/disk" ;;
esac
mount -t tmpfs tmpfs "$tree/disk/run"
set +e
"$@" --root "$tree/disk" boot >"$tree/first" 2>&1
echo $? >>"$tree/codes"
cp "$tree/disk/run/cloudboot/status.json" "$tree/status"
rm -f "$tree/disk/filler" 2>/dev/null; mount -o remount,rw "$tree/disk"
"$@" --root "$tree/disk" boot >"$tree/second" 2>&1
echo $? >>"$tree/codes"
cp -a "$tree/disk/etc" "$tree/disk/home" "$tree/after"
"""


@pytest.mark.parametrize(("options", "reason"), [("size=1m", "No space left"), ("mode=755", "Read-only file system")])
def test_a_disk_that_takes_nothing_is_told_and_the_boot_after_it_is_mended_makes_it_whole(tmp_path, options, reason):
    needs.root()
    needs.program("unshare")
    tree = Tree(tmp_path / "machine")
    tree.seed(USER_DATA)
    tree.write("/run/.keep", "")
    for name in ("disk", "after"):
        (tmp_path / name).mkdir()
    words = ["unshare", "--mount", "sh", "-c", RUN, "sh", str(tmp_path), options, sys.executable, "-m", "cloudboot"]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    said = (tmp_path / "first").read_text()
    status = json.loads((tmp_path / "status").read_text())
    assert (tmp_path / "codes").read_text().split() == ["1", "0"], said
    assert "bug" not in said
    assert any(reason in error for error in status["errors"])
    assert status["finished"]
    assert (tmp_path / "after/etc/motd").read_text() == "hello"
    assert "AAAAIExample web" in (tmp_path / "after/home/web/.ssh/authorized_keys").read_text()
    assert SEED not in (tmp_path / "second").read_text()
