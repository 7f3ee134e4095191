import os
import socket
import subprocess

import pytest

from cloudboot import gate
from cloudboot.errors import Busy
from cloudboot.gate import Gates, ready

SHIM = """
while read -r code text; do if [ "$code" != wait ]; then echo "$text"; exit "$code"; fi; echo longer; done <"$1"
echo died; exit 1"""


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "stage")


def shim(folder, stage):
    return subprocess.Popen(["sh", "-c", SHIM, "shim", f"{folder}/{stage}"], stdout=subprocess.PIPE, text=True)


def test_a_stage_starts_when_its_unit_asks_and_carries_its_result_back(folder):
    gates = Gates(folder, ["local", "network"])
    unit = shim(folder, "local")
    gates.wait("local", 20)
    assert gates.done("local", 2, "done with\nwarnings")
    assert unit.communicate(timeout=20)[0] == "done with warnings\n"
    assert unit.returncode == 2


def test_a_process_that_dies_in_a_stage_never_hangs_its_unit(folder):
    gates = Gates(folder, ["local"])
    unit = shim(folder, "local")
    gates.wait("local", 20)
    os.close(gates._open["local"])  # what the kernel does when a process dies
    assert unit.communicate(timeout=20)[0] == "died\n"
    assert unit.returncode == 1


def test_a_unit_that_is_never_started_is_waited_for_in_bounds(folder):
    with pytest.raises(Busy) as caught:
        Gates(folder, ["final"]).wait("final", 1)
    assert "systemctl status cloudboot-final.service" in str(caught.value)


def test_a_stage_whose_unit_never_comes_is_passed_when_a_later_unit_waits(folder):
    gates = Gates(folder, ["local", "network", "final"])
    unit = shim(folder, "final")
    gates.wait("local", 20)
    assert not gates.done("local", 0, "of no unit")
    gates.wait("network", 20)
    gates.done("network", 0, "of no unit")
    gates.wait("final", 20)
    gates.done("final", 0, "done")
    assert unit.communicate(timeout=20)[0] == "done\n"
    assert unit.returncode == 0


def test_a_unit_that_gave_up_does_not_end_the_work(folder):
    gates = Gates(folder, ["local"])
    unit = shim(folder, "local")
    gates.wait("local", 20)
    unit.kill()
    unit.communicate()
    assert not gates.done("local", 0, "done")


def test_dropped_stages_have_no_pipe_and_pipes_left_by_a_former_process_are_taken_over(folder):
    Gates(folder, ["local", "final"])
    gates = Gates(folder, ["local", "final"])
    assert sorted(os.listdir(folder)) == ["final", "local"]
    gates.drop()
    assert os.listdir(folder) == []


def test_where_there_is_nothing_to_do_every_unit_that_waits_ends_well_and_the_others_find_no_pipe(folder):
    gates = Gates(folder, ["local", "network", "final"])
    unit = shim(folder, "network")
    gates.wait("local", 20)
    gates.close(0, "switched off")
    assert unit.communicate(timeout=20)[0] == "switched off\n"
    assert (unit.returncode, os.listdir(folder)) == (0, [])


def test_a_unit_that_comes_late_finds_the_word_that_was_left_for_it(folder):
    gates = Gates(folder, ["access", "network"])
    assert not gates.done("access", 2, "users are final")
    unit = shim(folder, "access")
    assert unit.communicate(timeout=20)[0] == "users are final\n"
    assert unit.returncode == 2


def test_a_unit_that_came_after_a_later_one_is_told_all_the_same(folder):
    gates = Gates(folder, ["access", "network"])
    later = shim(folder, "network")
    gates.wait("access", 20)
    unit = shim(folder, "access")
    while not gates._asked("access"):
        pass
    assert gates.done("access", 0, "users are final")
    assert unit.communicate(timeout=20)[0] == "users are final\n"
    gates.done("network", 0, "")
    later.communicate(timeout=20)


def test_units_that_wait_are_told_that_it_is_right_to_and_those_that_are_done_or_not_there_are_not(folder, monkeypatch):
    monkeypatch.setattr(gate, "LINGER_SECONDS", 0)
    gates = Gates(folder, ["local", "access", "network", "config"])
    units = {name: shim(folder, name) for name in ("access", "network")}
    assert not gates.done("local", 0, "left for a unit that comes yet")
    gates.wait("network", 20)
    while not gates._asked("access"):
        pass
    gates.linger()
    gates.done("access", 0, "users are final")
    gates.linger()
    gates.done("network", 0, "done")
    assert units["access"].communicate(timeout=20)[0] == "longer\nusers are final\n"
    assert units["network"].communicate(timeout=20)[0] == "longer\nlonger\ndone\n"
    assert shim(folder, "local").communicate(timeout=20)[0] == "left for a unit that comes yet\n"


def test_a_unit_is_not_told_more_often_than_it_has_to_be(folder):
    gates = Gates(folder, ["local"])
    unit = shim(folder, "local")
    gates.wait("local", 20)
    for _ in range(1000):
        gates.linger()
    gates.done("local", 0, "done")
    assert unit.communicate(timeout=20)[0] == "longer\ndone\n"


def test_a_unit_that_ended_meanwhile_does_not_end_the_waiting(folder):
    gates = Gates(folder, ["local"])
    unit = shim(folder, "local")
    gates.wait("local", 20)
    unit.kill()
    unit.communicate()
    gates.linger()
    assert not gates.done("local", 0, "done")


def test_systemd_is_told_that_the_pipes_are_there(tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        ready({"NOTIFY_SOCKET": path})
        assert systemd.recv(100) == b"READY=1"
    ready({})
