import os
import shutil
import subprocess

import pytest

from cloudboot.system.actions import Run
from cloudboot.system.live import Live
from tests import needs


@pytest.fixture
def tree(tmp_path):
    """A tree that holds a static shell and little else."""
    needs.root()
    needs.program("/bin/busybox")
    for folder in ("bin", "proc", "srv", "etc"):
        (tmp_path / folder).mkdir()
    tmp_path.chmod(0o755)
    shutil.copy("/bin/busybox", tmp_path / "bin/busybox")
    for tool in ("sh", "hostname", "ps", "id", "pwd", "cat"):
        os.symlink("busybox", tmp_path / "bin" / tool)
    (tmp_path / "etc/passwd").write_text("web:x:777:778::/home/web:/bin/sh\n")
    return tmp_path


def test_a_command_sees_the_tree_and_none_of_the_machines_processes(tree):
    done = Live(str(tree)).perform(
        Run(("sh", "-c", "cat /etc/passwd; pwd; ps | wc -l; ls / | tr '\\n' ' '"), cwd="/srv")
    )
    assert done.stdout.decode().split("\n")[:2] == ["web:x:777:778::/home/web:/bin/sh", "/srv"]
    assert int(done.stdout.split(b"\n")[2]) < 10


def test_a_command_cannot_rename_the_machine(tree):
    before = subprocess.run(["uname", "-n"], capture_output=True, check=True).stdout
    done = Live(str(tree)).perform(Run(("sh", "-c", "hostname elsewhere; hostname")))
    assert done.stdout == b"elsewhere\n"
    assert subprocess.run(["uname", "-n"], capture_output=True, check=True).stdout == before


def test_a_command_runs_as_a_user_of_the_tree_and_its_status_comes_back(tree):
    done = Live(str(tree)).perform(Run(("sh", "-c", "id -u; id -g; echo $USER; exit 7"), user="web"))
    assert (done.stdout, done.code) == (b"777\n778\nweb\n", 7)


@pytest.mark.parametrize("argv", [("no-such",), ("/srv/script",), ("/srv/also-not",)])
def test_what_the_tree_cannot_run_is_left_for_its_first_boot(tree, argv):
    (tree / "srv/script").write_text("#!/usr/bin/python3\n")
    (tree / "srv/script").chmod(0o755)
    assert Live(str(tree)).perform(Run(argv)).left


def test_a_script_runs_where_the_tree_holds_its_shell(tree):
    (tree / "srv/script").write_text("#!/bin/sh\necho ran\n")
    (tree / "srv/script").chmod(0o755)
    assert Live(str(tree)).perform(Run(("/srv/script",))).stdout == b"ran\n"
