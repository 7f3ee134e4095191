import os
import time

import pytest

from cloudboot.system import spawn as spawning
from cloudboot.system.spawn import Identity, spawn
from tests import needs


@pytest.fixture(params=["as a child from the start", "as a copy at first"], autouse=True)
def way(request, monkeypatch):
    """Both ways of starting a program: that without a copy of this process is taken from the folder / only."""
    monkeypatch.chdir("/")
    if "copy" in request.param:
        monkeypatch.setattr(spawning, "_started", lambda *args: 0)
    return request.param


def test_what_a_command_said_and_how_it_ended_come_back():
    done = spawn(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (done.code, done.stdout, done.stderr, done.late) == (3, b"out\n", b"err\n", False)


def test_a_program_that_is_not_there_is_127():
    done = spawn(["no-such-program-at-all"])
    assert (done.code, done.stderr) == (127, b"no-such-program-at-all: not found\n")


def test_stdin_is_empty_unless_given():
    assert spawn(["cat"]).stdout == b""
    assert spawn(["cat"], stdin=b"x" * 200_000, most=1 << 20).stdout == b"x" * 200_000


def test_the_environment_is_small_and_known():
    lines = spawn(["env"], env={"INSTANCE_ID": "i-1"}).stdout.decode().split()
    assert {line.partition("=")[0] for line in lines} == {"PATH", "LANG", "HOME", "INSTANCE_ID"}


def test_a_command_has_a_process_group_of_its_own():
    assert spawn(["sh", "-c", "ps -o pgid= -p $$ | tr -d ' '; echo $$"]).stdout.split()[0] != str(os.getpgrp()).encode()


def test_a_child_that_holds_the_pipe_open_is_not_waited_for():
    started = time.monotonic()
    done = spawn(["sh", "-c", "sleep 30 & echo started $!"])
    os.kill(int(done.stdout.split()[1]), 9)
    assert done.stdout.startswith(b"started")
    assert time.monotonic() - started < 20


def test_a_command_that_takes_too_long_is_ended_with_all_its_children():
    done = spawn(["sh", "-c", "echo $$; sleep 600"], timeout=0.3)
    assert (done.code, done.late) == (124, True)
    assert not os.path.exists(f"/proc/{int(done.stdout)}")


def test_endless_output_is_kept_in_bounds_and_streamed_whole():
    streamed = []
    done = spawn(["sh", "-c", "yes | head -c 3000000; echo last"], most=1000, output=streamed.append)
    assert len(done.stdout) <= 1000
    assert done.stdout.endswith(b"y\nlast\n")
    assert sum(map(len, streamed)) == 3_000_005


def test_a_command_can_run_as_somebody_else():
    needs.root()
    who = Identity(65534, 65534, (65534,), "/", "nobody")
    assert spawn(["sh", "-c", "id -u; id -G; echo $USER"], who=who).stdout == b"65534\n65534\nnobody\n"


MARKING = 'mark() { echo "$1" >>"$CLOUDBOOT_MARKS" && read -r heard <"$CLOUDBOOT_HEARD"; }; '


def test_a_script_marks_its_progress_and_each_mark_has_the_words_before_it():
    streamed = []
    done = spawn(
        ["sh", "-c", MARKING + "echo a; mark 1; echo b >&2; mark 2; mark 3"], marks=True, output=streamed.append
    )
    assert [(m.text, m.said) for m in done.marks] == [("1", "a\n"), ("2", "b\n"), ("3", "")]
    assert b"".join(streamed) == b"a\nb\n"


def test_marks_keep_only_the_last_words():
    done = spawn(["sh", "-c", MARKING + "yes | head -c 100000; echo last; mark 1"], marks=True)
    assert done.marks[0].said.endswith("y\nlast\n")
    assert len(done.marks[0].said) <= 2048


def test_a_script_that_marks_and_never_listens_is_not_waited_for():
    done = spawn(["sh", "-c", 'for i in 1 2 3; do echo $i >>"$CLOUDBOOT_MARKS"; done; exec sleep 0.2'], marks=True)
    assert [m.text for m in done.marks] == ["1", "2", "3"]


def test_a_command_starts_in_a_session_and_a_folder_of_its_own_with_usual_signals_and_modes():
    before = os.umask(0o077)
    try:
        done = spawn(["sh", "-c", "umask; pwd; ps -o sid= -p $$; echo $$; grep SigIgn /proc/self/status"])
    finally:
        os.umask(before)
    umask, folder, session, pid, _, ignored = done.stdout.decode().split()
    assert (umask, folder, session) == ("0022", "/", pid)
    assert not int(ignored, 16) & 1 << 12  # a broken pipe ends it


def test_a_program_that_cannot_be_run_is_126_and_says_why(tmp_path):
    needs.root()
    for name, mode, content, said in (
        ("text", 0o755, b"no program\n", "Exec format error"),
        ("locked", 0o644, b"#!/bin/sh\n", "Permission denied"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(mode)
        done = spawn([str(path)])
        assert (done.code, done.stderr.decode()) == (126, f"{path}: {said}\n")
    assert spawn([str(tmp_path)]).code == 126


def test_words_that_no_program_can_be_given_are_a_failed_command_and_no_bug():
    before = len(os.listdir("/proc/self/fd"))
    for argv in (["echo", "a\0b"], [""]):
        assert spawn(argv).code in (126, 127)
    assert len(os.listdir("/proc/self/fd")) == before
