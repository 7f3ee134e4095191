import time

import pytest

from cloudboot import asking
from cloudboot.card import Stage
from cloudboot.datasource import Datasource, Evidence, Needs
from cloudboot.errors import Absent, CloudbootError, Missing, NotYet, Unreachable
from cloudboot.identify import Candidate
from cloudboot.job import Inputs, Job
from cloudboot.log import Log
from cloudboot.report import Report
from cloudboot.settings import Settings
from cloudboot.state import State
from cloudboot.values import FileView, Host, Instance

FULL = Instance("i-1", hostname="web", user_data=b"\0\xff", vendor_data=(b"a", b"b"), metadata={"a": [1, {"b": None}]})


@pytest.fixture
def job(tmp_path):
    state = State(str(tmp_path))
    host = Host(root=str(tmp_path), files=FileView())
    made = Job(host, Settings(), None, state, Report(state, "boot"), Log(None), Inputs())
    made.report.start(Stage.NETWORK)
    return made


def candidate(name, fetch):
    return Candidate(
        name, Datasource(name, name, Needs.NETWORK, lambda host, settings: None, fetch), Evidence("a test")
    )


def tells(instance=FULL):
    return lambda probe: instance


def fails(problem):
    def fetch(probe):
        raise problem

    return fetch


def silent(probe):
    time.sleep(1000)


def ask(job, most=None, **fetches):
    found = asking.ask(job, [candidate(name, fetch) for name, fetch in fetches.items()], Stage.NETWORK, None, most)
    return {answer.name: answer.instance or answer.problem for answer in found}


def lingers(seconds):
    def fetch(probe):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            probe.still_waiting("an owner")
            time.sleep(0.02)
        return FULL

    return fetch


def test_one_that_is_right_to_wait_is_waited_for_however_long_that_takes_beside_others(job):
    found = ask(job, most=0.5, one=silent, two=lingers(1.5))
    assert found["two"] == FULL.but(datasource="two")


def test_one_that_only_waits_is_given_its_time_and_no_more(job):
    found = ask(job, most=0.2, one=silent, two=silent)
    assert {str(problem) for problem in found.values()} == {"it does not answer in time"}


def test_the_status_says_since_when_a_wait_without_an_end_goes_on_whatever_came_between(job):
    job.still_waiting("an owner")
    before = dict(job.report.data["waiting"])
    job.report.wait("a network interface")
    job.still_waiting("an owner")
    assert job.report.data["waiting"] == before
    assert before["for"] == "an owner"


def test_one_that_knows_is_not_kept_by_those_that_are_silent(job, monkeypatch):
    monkeypatch.setattr(asking, "PREFER", 0.1)
    found = ask(job, one=silent, two=silent, three=tells())
    assert found["three"] == FULL.but(datasource="three")
    assert str(found["one"]) == "it does not answer in time"


def test_the_first_in_their_order_counts_though_another_was_quicker(job):
    def slow(probe):
        time.sleep(0.1)
        return FULL

    found = ask(job, one=slow, two=tells(FULL.but(id="i-2")))
    assert next(iter(found.items())) == ("one", FULL.but(datasource="one"))


def test_nobody_is_waited_for_who_comes_after_the_one_that_knows(job):
    assert ask(job, one=fails(Absent("no")), two=tells(), three=silent)["two"].id == "i-1"


@pytest.mark.parametrize(
    "problem",
    [Absent("not mine", "ask another"), NotYet("later"), Unreachable("silent"), Missing("404"), CloudbootError("no")],
)
def test_a_problem_is_what_it_was_when_others_are_asked_too(job, problem):
    found = ask(job, one=fails(problem), two=fails(problem))["two"]
    assert (type(found), found.reason, found.remedy) == (type(problem), problem.reason, problem.remedy)


def test_a_problem_that_only_one_service_knows_is_of_the_kind_that_all_know(job):
    class Refused(Unreachable):
        pass

    found = ask(job, one=fails(Refused("it answers 403")), two=fails(Absent("")))["one"]
    assert (type(found), found.reason) == (Unreachable, "it answers 403")


def test_all_silent_is_told_at_the_deadline(job):
    found = ask(job, most=0.1, one=silent, two=silent)
    assert [type(problem) for problem in found.values()] == [Unreachable, Unreachable]


def test_a_bug_in_one_costs_no_other(job, capfd):
    found = ask(job, one=lambda probe: 1 / 0, two=tells())
    assert found["two"].id == "i-1"
    assert "a bug" in str(found["one"])
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_what_they_warn_of_and_wait_for_is_heard(job, monkeypatch, capsys):
    waits = []
    monkeypatch.setattr(job.report, "wait", lambda what, since=0.0: waits.append((what, since)))

    def fetch(probe):
        probe.waiting("a slow service", 5.0)
        probe.warn("the clock is odd")
        return FULL

    ask(job, one=fetch, two=fails(Absent("")))
    assert waits == [("datasource one, datasource two", 0.0), ("a slow service", 5.0), ("", 0.0)]
    assert job.report.data["warnings"] == ["the clock is odd"]


def test_one_alone_is_asked_without_a_child(job):
    seen = []
    ask(job, one=lambda probe: seen.append(probe) or FULL)
    assert len(seen) == 1


def test_a_machine_that_is_known_waits_for_its_cloud_once_a_boot_not_once_a_stage(job):
    job.state.adopt(FULL, {})
    assert job.patience() == 20.0
    job.waited = 15.0
    assert (job.patience(), job.patience(1.0)) == (5.0, 1.0)
    job.waited = 100.0
    assert job.patience() == 3.0


def test_how_long_datasources_were_waited_for_is_counted(job):
    ask(job, one=lambda probe: time.sleep(0.05) or FULL)
    assert job.waited >= 0.05
