import os
import time

import pytest

from cloudboot.system.aside import Aside, heard

SOON = 20.0


def all_of(child):
    said = []
    while not child.over:
        said += child.lines()
    return said


@pytest.fixture
def aside():
    started = []

    def start(work):
        started.append(Aside(work))
        return started[-1]

    yield start
    for child in started:
        child.end()


def test_what_a_child_says_is_heard_line_by_line(aside):
    assert all_of(aside(lambda say: [say(b"one"), say(b"x" * 300_000), say(b"")])) == [b"one", b"x" * 300_000, b""]


def test_a_child_that_is_silent_can_be_ended():
    child = Aside(lambda say: time.sleep(1000))
    assert heard([child], time.monotonic()) == []
    child.end()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_of_several_children_those_that_say_something_are_told(aside):
    silent, talker = aside(lambda say: time.sleep(1000)), aside(lambda say: say(b"here"))
    assert heard([silent, talker], time.monotonic() + SOON) == [talker]


def test_a_bug_in_a_child_ends_it_with_a_trace(aside, capfd):
    assert all_of(aside(lambda say: 1 / 0)) == []
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_child_puts_nothing_in_order_that_is_not_its_own(aside, tmp_path):
    def leave(say):
        raise SystemExit(1)

    try:
        assert all_of(aside(leave)) == []
    finally:
        with open(tmp_path / "log", "a") as file:
            file.write("once")
    assert (tmp_path / "log").read_text() == "once"


def test_nobody_listens_for_ever(aside, monkeypatch):
    monkeypatch.setattr("cloudboot.system.aside.MOST_SAID", 100_000)

    def babble(say):
        while True:
            say(b"x" * 1000)

    assert len(all_of(aside(babble))) < 2000
