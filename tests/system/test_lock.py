import subprocess
import sys

import pytest

from cloudboot.system.actions import AwaitLock
from cloudboot.system.live import Live
from cloudboot.system.lock import holder, take
from cloudboot.system.root import Tree
from tests.kit import held_by_another

TRY = (
    "import fcntl, sys\n"
    "try: fcntl.lockf(open(sys.argv[1], 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
    "except OSError: sys.exit(1)"
)


def test_a_free_lock_and_a_missing_file_are_not_waited_for(tmp_path):
    (tmp_path / "lock").touch()
    live = Live(str(tmp_path))
    assert not live.perform(AwaitLock(("/lock",), 60)).late
    assert not live.perform(AwaitLock(("/no-such-file", "/lock"), 60)).late


def test_the_holder_is_named_on_the_console_and_in_the_outcome(tmp_path):
    console = []
    process = held_by_another(tmp_path / "lock")
    with process:
        done = Live(str(tmp_path), console=console.append).perform(AwaitLock(("/free", "/lock"), 0.01))
        process.stdin.close()
    assert done.late
    assert done.stdout.decode().endswith(f"(process {process.pid}) holds /lock")
    assert console == [f"waiting: {done.stdout.decode()}\n".encode()]


def test_the_wait_ends_when_the_lock_is_given_up(tmp_path):
    process = held_by_another(tmp_path / "lock")
    with process:
        live, told = Live(str(tmp_path), console=lambda words: process.stdin.close()), []
        live.waiting = told.append
        assert not live.perform(AwaitLock(("/lock",), 60)).late
    assert [what.partition("(")[2] for what in told] == [f"process {process.pid}) holds /lock", ""]


def test_a_lock_is_taken_where_no_other_process_holds_it(tmp_path):
    tree = Tree(str(tmp_path))
    take(tree, "/run/x/lock")
    process = subprocess.run([sys.executable, "-c", TRY, str(tmp_path / "run/x/lock")])
    assert process.returncode == 1
    assert (tmp_path / "run/x/lock").stat().st_mode & 0o777 == 0o600  # a reader could hold it against us


def test_a_lock_that_another_process_holds_is_refused_and_given_up_with_its_life(tmp_path):
    tree = Tree(str(tmp_path))
    with held_by_another(tmp_path / "lock") as process:
        with pytest.raises(BlockingIOError):
            take(tree, "/lock")
        assert f"(process {process.pid})" in holder(tree, "/lock")
        process.kill()
    take(tree, "/lock")
