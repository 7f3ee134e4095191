import json
import os

import pytest

from cloudboot.errors import CloudbootError
from cloudboot.system import actions
from cloudboot.system.actions import Append, Draw, Run, WriteFile
from cloudboot.system.door import System
from cloudboot.system.journal import Journal, Journaled, sha
from cloudboot.values import Secret
from tests.kit import Machine, Stop, taking_at_most


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "state" / "journal")


def step(machine, path, name="i-1/x"):
    journal = Journal(path)
    resumed = name in journal.begun
    journal.begin([name])
    return Journaled(machine, journal, name, resumed)


def test_what_is_done_is_not_done_again_and_answers_as_it_did(tmp_path, path):
    machine = Machine(tmp_path / "m", answers={"make": "made"})
    for _ in range(2):
        door = step(machine, path)
        assert door.perform(WriteFile("/a", b"x")).changed
        assert door.perform(Run(("make", "it"))).stdout == b"made"
    assert machine.commands == ["make it"]


def test_the_same_action_twice_in_a_step_is_two_actions(tmp_path, path):
    machine = Machine(tmp_path / "m")
    door = step(machine, path)
    door.perform(Run(("touch",)))
    door.perform(Run(("touch",)))
    assert machine.commands == ["touch", "touch"]


def test_a_file_found_right_after_a_power_cut_still_counts_as_changed(tmp_path, path):
    machine = Machine(tmp_path / "m")
    machine.stop_at = 1
    with pytest.raises(Stop):
        step(machine, path).perform(WriteFile("/a", b"x"))
    assert machine.text("/a") == "x"
    assert step(machine, path).perform(WriteFile("/a", b"x")).changed


def test_a_command_in_doubt_runs_again_but_a_users_own_does_not(tmp_path, path):
    for doubt, times in (("again", 2), ("skip", 1)):
        machine = Machine(tmp_path / doubt)
        machine.stop_at = 1
        with pytest.raises(Stop):
            step(machine, path + doubt).perform(Run(("reboot",), in_doubt=doubt))
        outcome = step(machine, path + doubt).perform(Run(("reboot",), in_doubt=doubt))
        assert len(machine.commands) == times
        assert outcome.doubted == (doubt == "skip")


@pytest.mark.parametrize("before", [True, False])
def test_an_append_happens_exactly_once_whenever_the_power_goes(tmp_path, path, before):
    machine = Machine(tmp_path / "m", {"/log": "one\n"})
    machine.stop_at, machine.stop_before = 1, before
    with pytest.raises(Stop):
        step(machine, path).perform(Append("/log", b"two\n"))
    assert step(machine, path).perform(Append("/log", b"two\n")).changed
    assert machine.text("/log") == "one\ntwo\n"


def test_a_journal_torn_at_any_byte_is_read_up_to_there(tmp_path, path):
    door = step(Machine(tmp_path / "m"), path)
    for n in range(3):
        door.perform(WriteFile(f"/{n}", b"x"))
    with open(path, "rb") as file:
        whole = file.read()
    for cut in range(len(whole)):
        with open(path, "wb") as file:
            file.write(whole[:cut])
        journal = Journal(path)
        lines = whole[:cut].count(b"\n")
        assert len(journal.outcomes) == max(0, lines - 1)
        assert os.path.getsize(path) == journal.size == whole[:cut].rfind(b"\n") + 1
        journal.note(finished="later")
        assert Journal(path).finished == {"later": True}


def test_a_line_that_makes_no_sense_is_skipped_and_counted(path):
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b'{"finished": "a", "t": 1}\n\0\0\0\n[]\n{"did": "x"}\n{"finished": "b", "ok": false, "t": 1}\n')
    journal = Journal(path)
    assert journal.finished == {"a": True, "b": False}
    assert journal.damaged == 3


def test_a_journal_read_from_a_checkpoint_knows_only_what_came_later(path):
    journal = Journal(path)
    journal.note(finished="early")
    mark = journal.size
    journal.note(finished="late")
    assert Journal(path, since=mark).finished == {"late": True}


def test_the_old_content_of_a_file_is_kept_by_its_digest(tmp_path, path):
    step(Machine(tmp_path / "m", {"/a": "old"}), path).perform(WriteFile("/a", b"new"))
    did = [json.loads(line) for line in open(path) if '"did"' in line][0]
    assert (did["path"], did["before"], did["after"], did["kept"]) == ("/a", sha(b"old"), sha(b"new"), True)
    kept = os.path.join(os.path.dirname(path), "kept", sha(b"old"))
    with open(kept) as file:
        assert file.read() == "old"
    assert os.stat(kept).st_mode & 0o077 == 0


def test_no_secret_reaches_the_journal(tmp_path, path):
    machine = Machine(tmp_path / "m", answers={"chpasswd": "hunter2 set"})
    system = System(step(machine, path))
    system.run("chpasswd", stdin=Secret("root:hunter2"), quiet=True)
    system.write("/etc/key", "hunter2", mode=0o600, secret=True)
    password = system.draw("password", 20, "abc")
    with open(path) as file:
        text = file.read()
    assert "hunter2" not in text
    assert password.reveal() not in text


def test_what_is_drawn_is_never_written_down_and_so_drawn_anew(tmp_path, path):
    machine = Machine(tmp_path / "m")
    step(machine, path).perform(Draw("password", 20, "abc"))
    step(machine, path).perform(Draw("password", 20, "abc"))
    assert len(machine.actions) == 2


def test_a_readonly_journal_writes_nothing_at_all(tmp_path, path):
    journal = Journal(path, readonly=True)
    journal.begin(["a"])
    Journaled(Machine(tmp_path / "m"), journal, "a").perform(WriteFile("/a", b"x"))
    journal.finish("a", ok=True)
    assert not os.path.exists(os.path.dirname(path))


def test_digests_tell_actions_apart_by_every_field():
    some = [WriteFile("/a", b"x"), WriteFile("/a", b"y"), WriteFile("/a", b"x", 0o600), Append("/a", b"x"),
            Run(("a", "b")), Run(("a b",)), Run(("a",), stdin=Secret("x")), Run(("a",), stdin=Secret("y"))]  # fmt: skip
    assert len({actions.digest(a) for a in some}) == len(some)


def test_words_said_are_not_said_again_and_a_secret_is_not_written_down(tmp_path, path):
    machine = Machine(tmp_path / "m")
    for _ in range(2):
        system = System(step(machine, path))
        system.say("hello")
        system.say(Secret("hunter2"))
    assert machine.said == ["hello", "hunter2"]
    with open(path) as file:
        assert "hunter2" not in file.read()


def test_the_marks_of_a_script_are_remembered(tmp_path, path):
    marks = (actions.Mark("1 0", 0.5, "words\n"),)
    machine = Machine(tmp_path / "m", answers={"script": actions.Outcome(True, 3, seconds=1.0, marks=marks)})
    first = step(machine, path).perform(Run(("script",)))
    assert step(machine, path).perform(Run(("script",))) == first


def test_a_line_for_which_there_is_no_room_spoils_no_other(path):
    journal = Journal(path)
    journal.finish("i-1/a", ok=True)
    with taking_at_most(journal.size + 20), pytest.raises(CloudbootError, match="make room on the disk"):
        journal.finish("i-1/b", ok=True)
    journal.finish("i-1/c", ok=True)
    again = Journal(path)
    assert (list(again.finished), again.damaged) == (["i-1/a", "i-1/c"], 0)
