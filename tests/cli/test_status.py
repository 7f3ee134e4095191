import json
import os
import subprocess
import sys

import pytest

from cloudboot.cli import main
from cloudboot.cli.status import switch
from cloudboot.report import is_alive, process
from tests.kit import held_by_another


def told(root, capsys, *words):
    code = main(["--root", str(root), "status", "--format", "json", *words])
    return code, json.loads(capsys.readouterr().out)


def write(root, **data):
    at = root / "run/cloudboot/status.json"
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(json.dumps({"version": 1, "stages": {}, "errors": [], "warnings": [], **data}))


def test_a_tree_that_never_booted_has_not_started(tmp_path, capsys):
    code, seen = told(tmp_path, capsys)
    assert (code, seen["status"]) == (0, "not started")


def test_waiting_ends_at_its_deadline_and_says_so(tmp_path, capsys):
    write(tmp_path)
    code, seen = told(tmp_path, capsys, "--wait", "--timeout", "0")
    assert (code, seen["status"]) == (1, "running")
    assert "still running after 0 s" in seen["detail"]


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        ({}, 0, "done"),
        ({"warnings": ["a"]}, 2, "done"),
        ({"errors": ["a"], "warnings": ["b"]}, 1, "error"),
    ],
)
def test_a_boot_that_is_over_answers_with_how_it_went(tmp_path, capsys, data, code, status):
    write(tmp_path, finished=1.0, **data)
    assert (code, status) == (told(tmp_path, capsys, "--wait")[0], told(tmp_path, capsys)[1]["status"])


def test_what_was_not_heard_at_this_boot_is_told_as_such(tmp_path, capsys):
    write(tmp_path, finished=1.0, datasource="nocloud", subplatform="config-disk (/dev/sr0)", cached=True)
    _, seen = told(tmp_path, capsys)
    assert seen["cached"] is True
    assert seen["detail"].startswith("datasource nocloud [config-disk (/dev/sr0)], as it was at an earlier boot")


def test_switched_off_is_told_with_what_did_it(tmp_path, capsys):
    (tmp_path / "etc/cloudboot").mkdir(parents=True)
    (tmp_path / "etc/cloudboot/disabled").touch()
    code, seen = told(tmp_path, capsys, "--wait")
    assert (code, seen["status"], seen["boot_status_code"]) == (0, "disabled", "disabled-by-marker-file")
    assert switch("cloud-init=disabled on the kernel command line") == "disabled-by-kernel-command-line"
    assert switch("KERNEL_CMDLINE=cloudboot=disabled") == "disabled-by-environment-variable"


def test_a_process_that_has_ended_is_told_from_one_that_lives():
    assert is_alive({"process": process(os.getpid())})
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lives = {"process": process(child.pid)}
    assert is_alive(lives)
    child.communicate(b"\n")
    assert not is_alive(lives)
    assert not is_alive({"process": f"{os.getpid()} 1"})


def test_between_stages_that_run_one_by_one_nobody_is_missed():
    assert is_alive({"process": ""})
    assert is_alive({})


def test_a_trees_agent_that_ended_too_early_is_told_unless_it_goes_on_where_its_number_is_another(tmp_path, capsys):
    write(tmp_path, process="1 1")
    code, seen = told(tmp_path, capsys)
    assert (code, seen["status"]) == (1, "error")
    assert "ended before the boot was over" in seen["errors"][0]
    with held_by_another(tmp_path / "run/cloudboot/lock") as process:
        assert told(tmp_path, capsys)[1]["status"] == "running"
        process.kill()


def test_the_status_is_told_to_those_who_may_not_read_the_agents_memory(tmp_path, capsys):
    write(tmp_path, finished=1.0)
    (tmp_path / "var/lib/cloudboot").mkdir(parents=True)
    (tmp_path / "var/lib/cloudboot/state.json").symlink_to("state.json")
    assert told(tmp_path, capsys)[1]["status"] == "done"
