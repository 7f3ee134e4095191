import subprocess
import sys

from cloudboot.system.actions import Fetch, Run, Say, TakeName
from cloudboot.system.live import Live
from cloudboot.values import Secret
from tests import needs


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
    assert live.perform(TakeName("elsewhere")).left


def test_the_running_machine_takes_its_name_and_says_why_where_it_may_not():
    needs.root()
    code = (
        "from cloudboot.system.actions import TakeName; from cloudboot.system.live import Live; import os, sys; "
        "done = Live().perform(TakeName(sys.argv[1])); print(done.code, done.stderr.decode(), os.uname().nodename)"
    )
    for name, said in (("web1", "0  web1"), ("x" * 65, "1 Invalid argument ")):
        done = subprocess.run(["unshare", "--uts", sys.executable, "-c", code, name], capture_output=True, text=True)
        assert done.stdout.startswith(said)


def test_a_query_is_handed_what_it_is_to_look_at():
    outcome = Live("/").query(("cat",), 10.0, b"hello")
    assert (outcome.changed, outcome.code, outcome.stdout) == (False, 0, b"hello")
