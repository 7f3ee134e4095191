import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudboot.admin.commands import ended, is_marked, record, script
from cloudboot.admin.scripts import ScriptOptions, run_script
from cloudboot.system.actions import Run
from cloudboot.system.door import System
from cloudboot.system.spawn import spawn
from tests.kit import Machine


class Shell(Machine):
    """A machine with a real shell; scripts below its root are run in earnest."""

    def query(self, argv, timeout, stdin=b""):
        return spawn(argv, stdin=stdin)

    def _perform(self, action):
        if isinstance(action, Run):
            self.actions.append(action)
            argv = [self.root + word if word.startswith("/s/") else word for word in action.argv]
            return spawn(argv, env=action.env, marks=action.marks, cwd=self.root)
        return super()._perform(action)


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


def run(shell, entries, on_error="continue"):
    """The outcome of a list of commands, how its entries ended, and what was warned of."""
    system = System(shell)
    text = script(system, "runcmd", entries, on_error)
    system.write("/s/runcmd", text, mode=0o700)
    done = run_script(system, ScriptOptions(), "/s/runcmd", ("/bin/sh", "/s/runcmd"), {"INSTANCE_ID": "i-1"})
    found = json.loads(shell.text("/s/runcmd.json")) if is_marked(text) else None
    return done, found, system.notes


def codes(found):
    return [(e["entry"], e["code"]) for e in found]


def test_every_entry_has_its_own_status_time_and_last_words(shell):
    done, found, notes = run(shell, ["echo one", ("ls", "/no such folder"), "echo three >&2"])
    assert codes(found) == [(0, 0), (1, 2), (2, 0)]
    assert [e["said"] for e in found][::2] == ["one", "three"]
    assert "No such file" in found[1]["said"]
    assert all(0 <= e["seconds"] < 60 for e in found)
    assert done.code == 0
    assert notes == ["runcmd[1] exited 2 after 0.0 s; what it said is in /s/runcmd.json"]


def test_the_entries_are_one_script(shell):
    done, found, _ = run(shell, ["cd /usr; x='a b'", 'echo "$PWD $x $INSTANCE_ID"', "f() { echo called; }", "f"])
    assert [e["said"] for e in found] == ["", "/usr a b i-1", "", "called"]


def test_the_status_of_an_entry_is_what_the_next_one_sees_and_the_last_is_the_scripts(shell):
    done, found, _ = run(shell, ["(exit 7)", "echo $?", "(exit 4)"])
    assert found[1]["said"] == "7"
    assert (done.code, codes(found)) == (4, [(0, 7), (1, 0), (2, 4)])


def test_set_e_ends_the_script_where_it_would_without_marks_and_only_there(shell):
    done, found, _ = run(shell, ["set -e", "false && true", "echo on", "false", "echo never"])
    assert done.code == 1
    assert codes(found) == [(0, 0), (1, 1), (2, 0), (3, 1)]


def test_exit_ends_the_script_with_its_status(shell):
    done, found, _ = run(shell, ["echo a", "exit 3", "echo never"])
    assert (done.code, codes(found)) == (3, [(0, 0), (1, 3)])


def test_marks_do_not_show_in_the_output_or_a_trace(shell):
    done, _, _ = run(shell, ["set -x", "echo a", "set +x", "exec >/dev/null 2>&1", "echo lost"])
    assert (done.stdout, done.stderr) == (b"a\n", b"+ echo a\n+ set +x\n")


def test_the_script_runs_by_hand_too(shell):
    text = script(System(shell), "runcmd", ["echo a", "set -u", "(exit 3)"])
    done = spawn(["/bin/sh", "-c", text])
    assert (done.code, done.stdout, done.stderr) == (3, b"a\n", b"")


def test_stop_runs_nothing_after_an_entry_that_fails(shell):
    done, found, _ = run(shell, ["echo a", "(exit 5)", "echo never"], "stop")
    assert (done.code, codes(found)) == (5, [(0, 0), (1, 5)])


def test_fail_runs_them_all_and_fails_in_the_end(shell):
    done, found, _ = run(shell, ["echo a", "(exit 5)", "echo c"], "fail")
    assert (done.code, codes(found)) == (5, [(0, 0), (1, 5), (2, 0)])


@pytest.mark.parametrize(
    "entries",
    [
        ["if true; then", "echo yes", "fi"],
        ["cat <<EOF", "words", "EOF"],
        ["cat <<EOF", "words", "EOF", "cat <<EOF\nmore\nEOF"],
        ["echo a \\", "b"],
        ["echo 'a", "b'"],
        ["(echo a", "echo b)"],
        ["true &&", "echo b"],
        ["f()", "{ echo f; }"],
    ],
)
def test_entries_that_are_a_command_only_together_still_are_one(shell, entries):
    done, found, _ = run(shell, entries)
    assert found is None
    assert done == spawn(["/bin/sh", "-c", "\n".join(entries)]).but(seconds=done.seconds)


@pytest.mark.parametrize(
    "entry", ["# a comment", "", "cat <<EOF\nwords\nEOF", "case a in a) echo a;; esac", "echo '<<EOF'", "sleep 0 &"]
)
def test_what_the_shell_takes_as_whole_is_marked(shell, entry):
    assert is_marked(script(System(shell), "runcmd", [entry, "true"]))


def test_the_words_of_a_list_reach_the_command_as_they_are(shell):
    _, found, _ = run(shell, [("printf", "%s,", "a b", "$HOME", "it's", "", "*", "\\n")])
    assert found[0]["said"] == "a b,$HOME,it's,,*,\\n,"


def test_an_entry_of_nothing_is_passed_over_and_keeps_its_number(shell):
    _, found, _ = run(shell, ["true", None, "false"])
    assert codes(found) == [(0, 0), (2, 1)]


def test_without_a_shell_to_ask_the_script_is_plain(tmp_path):
    assert script(System(Machine(tmp_path)), "runcmd", ["ls /etc", ("a b", "c")]) == "#!/bin/sh\nls /etc\n'a b' c\n"


def test_on_error_says_when_it_can_only_be_about_all(tmp_path):
    system = System(Machine(tmp_path))
    script(system, "runcmd", ["if true; then", "fi"], "stop")
    assert system.notes == ["runcmd: its entries are a command only together, so that stop is about them all"]


def test_a_script_that_could_not_mark_has_no_ends_to_tell_of(shell):
    text = script(System(shell), "runcmd", ["true", "exit 3"])
    assert ended(spawn(["/bin/sh", "-c", text]), text) == ()


def test_the_record_is_for_root_alone(shell):
    record(System(shell), "runcmd", "/s/r.json", ())
    assert shell.mode("/s/r.json") == 0o600


SNIPPETS = [
    "true", "false", "echo a", "echo b >&2", "x=1", 'echo "x is $x"', "(exit 3)", "echo $?", "set -e", "set +e",
    "set -u", "false && true", "false || echo or", "! true", "cd /usr", "pwd", "exit 4", "return 2", "if false; then",
    "fi", "else", "cat <<X", "X", "cat <<X\ny\nX", "echo 'open", "close'", "echo a \\", "# note", "", "f() { false; }",
    "f", "{", "}", "( echo in", ")", "echo `echo tick`", "trap 'echo bye' EXIT", "exec 2>&1", "while false; do :; done",
    "shift", "esac", ("echo", "a b", "$x"), ("test", "-e", "/nowhere"), "no-such-program", "echo $(( 1 << 2 ))",
    "exec true", "kill -9 0",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SNIPPETS), min_size=1, max_size=6))
def test_marks_change_nothing_of_what_a_list_does(tmp_path_factory, entries):
    shell = Shell(tmp_path_factory.mktemp("m"))
    marked = script(System(shell), "runcmd", entries)
    plain = script(System(Machine(shell.root)), "runcmd", entries)
    ends = [spawn(["/bin/sh", "-c", text, "sh"], marks=True) for text in (marked, plain)]
    with_marks, without = (
        (e.code, *(re.sub(rb"sh: \d+:", b"sh:", said) for said in (e.stdout, e.stderr))) for e in ends
    )
    assert with_marks == without
