import subprocess
import sys

from cloudboot.system.actions import AwaitLock
from cloudboot.system.live import Live

HOLD = (
    "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); input()"
)


def held_by_another(path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


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
