"""Switched off, or nothing to do: it costs nothing."""

import pytest

from tests.nspawn.conftest import SEED

pytestmark = pytest.mark.nspawn
STAGES = tuple(f"cloudboot-{stage}.service" for stage in ("local", "access", "network", "config", "final"))


def assert_nothing_ran(report, *units):
    assert report.failed == []
    assert {report.unit(u)["ConditionResult"] for u in units} == {"no"}


def test_off_by_its_file(machine):
    machine.keys()
    machine.put("/etc/cloudboot/disabled", "")
    assert_nothing_ran(machine.boot(limit=60), "cloudboot.service", *STAGES)


def test_off_by_the_kernel_command_line(machine):
    machine.keys()
    assert_nothing_ran(machine.boot("cloudboot=disabled", limit=60), "cloudboot.service", *STAGES)


def test_with_no_datasource_the_later_stages_cost_no_process(machine):
    machine.keys()
    report = machine.boot(limit=60)
    assert report.unit("cloudboot.service")["ConditionResult"] == "yes"
    assert_nothing_ran(report, *STAGES[1:])


KEYGEN = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/touch /keygen-%i\n"


@pytest.mark.parametrize(("seed", "made"), [({}, True), (SEED, False)])
def test_other_makers_of_host_keys_run_only_where_the_agent_does_not(machine, seed, made):
    machine.keys()
    machine.seed(seed)
    machine.put("/usr/lib/systemd/system/sshd-keygen@.service", KEYGEN)
    machine.enable("sshd-keygen@rsa.service", "multi-user.target")
    report = machine.boot(limit=60)
    assert (report.unit("sshd-keygen@rsa.service").get("ActiveState") == "active") is made
