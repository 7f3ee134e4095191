from cloudboot.system.actions import Fetch, Run, Say
from cloudboot.system.live import Live
from cloudboot.values import Secret


def test_words_reach_the_console_and_the_log_and_a_secret_the_console_only(tmp_path):
    console, log = [], []
    live = Live(str(tmp_path), output=log.append, console=console.append)
    live.perform(Say("hello"))
    live.perform(Say(Secret("hunter2")))
    assert console == [b"hello\n", b"hunter2\n"]
    assert log == [b"hello\n"]


def test_what_is_about_a_running_machine_is_left_in_a_tree(tmp_path):
    live = Live(str(tmp_path), fetch=lambda action: b"never")
    assert live.perform(Run(("/bin/true",), machine=True)).left
    assert live.perform(Fetch("http://127.0.0.1/", machine=True)).left


def test_a_query_is_handed_what_it_is_to_look_at():
    outcome = Live("/").query(("cat",), 10.0, b"hello")
    assert (outcome.changed, outcome.code, outcome.stdout) == (False, 0, b"hello")
