"""The agent dies or hangs, at every point of the boot: no unit hangs with it, and sshd comes up all the same."""

import pytest

from tests.nspawn.conftest import SEED

pytestmark = pytest.mark.nspawn
MAIN = "cloudboot.service"
STAGES = ("local", "access", "network", "config", "final")
UNITS = tuple(f"cloudboot-{stage}.service" for stage in STAGES)
KILL = "kill -9 $(systemctl show -p MainPID --value cloudboot.service)"


def drop_in(machine, unit, text):
    machine.put(f"/etc/systemd/system/{unit}.d/test.conf", text)


def kill_between(machine, after, before):
    """A unit of the boot's own that kills the agent when one stage is over and the next was not asked for."""
    machine.put(
        "/etc/systemd/system/killer.service",
        f"[Unit]\nAfter=cloudboot-{after}.service\nBefore=cloudboot-{before}.service\n"
        f"[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c '{KILL.replace('$', '$$')}'\n",
    )
    machine.enable("killer.service", "multi-user.target")


def assert_the_machine_is_up(report):
    """Nothing hangs, sshd runs, and none but the agent's own units has failed."""
    assert report.end == "off"
    assert report.text("jobs.txt").strip() == "No jobs running."
    assert MAIN in report.failed
    assert set(report.failed) <= {MAIN, *UNITS}
    assert {report.unit(u)["ActiveState"] for u in ("ssh.service", "multi-user.target")} == {"active"}
    assert report.text("status-code.txt").strip() == "1"


def test_an_agent_that_cannot_start_leaves_the_machine_as_it_is(machine):
    machine.keys()
    drop_in(machine, MAIN, "[Service]\nExecStart=\nExecStart=/bin/false\n")
    assert_the_machine_is_up(machine.boot(limit=60))


def test_killed_before_any_stage_was_asked_for(machine):
    machine.keys()
    machine.seed(SEED)
    drop_in(machine, MAIN, "[Service]\nExecStartPost=/bin/sh -c 'kill -9 $$MAINPID'\n")
    assert_the_machine_is_up(machine.boot(limit=60))


@pytest.mark.parametrize(("after", "before"), [("access", "network"), ("network", "config"), ("config", "final")])
def test_killed_between_two_stages(machine, after, before):
    machine.keys()
    machine.seed(SEED)
    kill_between(machine, after, before)
    assert_the_machine_is_up(machine.boot(limit=60))


@pytest.mark.parametrize(("key", "stage"), [("bootcmd", "network"), ("runcmd", "final")])
def test_killed_within_a_stage(machine, key, stage):
    machine.keys()
    machine.seed({**SEED, "user-data": f"#cloud-config\n{key}:\n  - [sh, -c, '{KILL}; sleep 5']\n"})
    report = machine.boot(limit=60)
    assert "cloudboot.service: Main process exited, code=killed, status=9/KILL" in report.journal
    assert report.unit(f"cloudboot-{stage}.service")["ActiveState"] != "active"
    assert_the_machine_is_up(report)


def test_killed_in_a_stage_the_next_boot_goes_on(machine):
    once = f"[ -e /gone ] || {{ touch /gone; {KILL}; sleep 5; }}"
    user_data = f"#cloud-config\nbootcmd:\n  - [sh, -c, '{once}']\nhostname: came-through\n"
    machine.seed({**SEED, "user-data": user_data})
    assert MAIN in machine.boot(limit=60).failed
    report = machine.boot(limit=60)
    assert report.failed == []
    assert report.text("hostname.txt").strip() == "came-through"


def test_an_agent_that_hangs_holds_up_the_boot_no_longer_than_its_units_allow(machine):
    machine.keys()
    machine.seed(SEED)
    drop_in(machine, MAIN, "[Service]\nExecStartPost=/bin/sh -c 'kill -STOP $$MAINPID'\nTimeoutStopSec=1\n")
    for unit in UNITS:
        drop_in(machine, unit, "[Service]\nTimeoutStartSec=2\n")
    report = machine.boot(limit=30)
    assert {report.unit(u)["Result"] for u in UNITS} == {"timeout"}
    assert {report.unit(u)["ActiveState"] for u in ("ssh.service", "multi-user.target")} == {"active"}


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_masked_stage_unit_stops_nothing_else(machine, stage):
    machine.keys()
    machine.seed({**SEED, "user-data": "#cloud-config\nruncmd:\n  - touch /opt/reached\n"})
    machine.mask(f"cloudboot-{stage}.service")
    report = machine.boot(limit=60)
    assert report.failed == []
    assert report.member("/opt/reached")
