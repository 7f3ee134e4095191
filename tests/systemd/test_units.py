"""The units as texts, and their shell shims as they run; tests/nspawn boots them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cloudboot.gate import GATES, LINGER_SECONDS, Gates
from cloudboot.modules.install_hotplug import RULE

UNITS = Path(__file__).resolve().parents[2] / "systemd"
STAGES = ("local", "network", "config", "final")
ALL = ("cloudboot.service", *(f"cloudboot-{s}.service" for s in GATES))


LAST_WORDS = {"access": "users were final"}


class Unit:
    """A unit's settings; one that is given more than once has all its values."""

    def __init__(self, name):
        self.values = {}
        section = ""
        for line in (UNITS / name).read_text().splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                self.values.setdefault((section, key), []).append(value)

    def words(self, key, section="Unit"):
        return [word for value in self.values.get((section, key), []) for word in value.split()]

    def one(self, key, section="Service"):
        (value,) = self.values[section, key]
        return value


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(|s|min|h|d)", text).groups()
    return int(number) * {"": 1, "s": 1, "min": 60, "h": 3600, "d": 86400}[unit]


def shim(stage, folder):
    """The stage unit's command, as systemd would start it, with its pipe below ``folder``."""
    command = Unit(f"cloudboot-{stage}.service").one("ExecStart")
    shell, option, script = re.fullmatch(r"(/bin/sh) (-c) '(.*)'", command).groups()
    return [shell, option, script.replace("$$", "$").replace("/run/cloudboot/stage", str(folder))]


@pytest.mark.parametrize("name", (*ALL, "cloudboot-hotplug.service"))
def test_no_unit_waits_without_a_bound(name):
    assert 0 < seconds(Unit(name).one("TimeoutStartSec")) <= 86400


def test_a_login_is_at_most_ten_minutes_away_however_long_the_agent_hangs():
    for last in ("cloudboot-access.service", "cloudboot-network.service"):  # a console's, and sshd's
        before_login = ("cloudboot.service", "cloudboot-local.service", last)
        assert sum(seconds(Unit(name).one("TimeoutStartSec")) for name in before_login) <= 600


@pytest.mark.parametrize("stage", GATES)
def test_a_unit_whose_agent_says_that_it_is_right_to_wait_has_its_time_anew(stage, tmp_path):
    notify = tmp_path / "bin/systemd-notify"
    notify.parent.mkdir()
    notify.write_text(f"#!/bin/sh\necho $# $* >>{tmp_path}/told\n")
    notify.chmod(0o755)
    gates = Gates(str(tmp_path / "stage"), GATES)
    path = {**os.environ, "PATH": f"{notify.parent}:{os.environ['PATH']}"}
    unit = subprocess.Popen(shim(stage, tmp_path / "stage"), stdout=subprocess.PIPE, text=True, env=path)
    gates.wait(stage, 20)
    for _ in range(2):
        gates._lingered = -LINGER_SECONDS
        gates.linger()
    gates.done(stage, 2, "3 modules")
    assert (unit.communicate(timeout=20)[0], unit.returncode) == ("3 modules\n", 2)
    its = Unit(f"cloudboot-{stage}.service")
    anew = seconds(its.one("TimeoutStartSec"))
    assert (tmp_path / "told").read_text() == f"1 EXTEND_TIMEOUT_USEC={anew * 10**6}\n" * 2
    assert its.one("NotifyAccess") == "all", "else systemd hears the shell, and not what it starts"
    assert anew > 3 * LINGER_SECONDS


@pytest.mark.parametrize("name", (*ALL, "cloudboot-hotplug.service"))
def test_done_with_warnings_counts_as_success(name):
    assert Unit(name).words("SuccessExitStatus", "Service") == ["2"]


@pytest.mark.parametrize("name", ALL)
def test_no_unit_holds_up_what_every_early_service_waits_for(name):
    early = {"sysinit.target", "basic.target", "sockets.target", "local-fs.target", "dbus.service", "dbus.socket"}
    assert not early & set(Unit(name).words("Before"))


def test_the_agent_is_off_by_its_file_and_by_the_kernel_command_line():
    main = Unit("cloudboot.service")
    assert main.words("ConditionPathExists") == ["!/etc/cloudboot/disabled"]
    assert main.words("ConditionKernelCommandLine") == ["!cloudboot=disabled"]


def test_the_agent_reads_its_code_before_file_systems_can_be_written_and_its_stages_come_after():
    assert not Unit("cloudboot.service").words("After") and not Unit("cloudboot.service").words("RequiresMountsFor")
    assert "systemd-remount-fs.service" in Unit("cloudboot-local.service").words("After")
    for stage in GATES:
        assert Unit(f"cloudboot-{stage}.service").words("RequiresMountsFor") == ["/var/lib/cloudboot", "/var/log"]


def test_starting_the_agent_starts_its_stages():
    assert Unit("cloudboot.service").words("Wants") == list(ALL[1:])


def test_users_and_homes_are_there_before_a_login_and_neither_waits_for_a_network():
    unit = Unit("cloudboot-access.service")
    assert {"local-fs.target", "systemd-sysusers.service", "cloudboot-local.service"} <= set(unit.words("After"))
    assert not any("network" in word for word in unit.words("After"))
    login = Unit("systemd-user-sessions.service.d/cloudboot.conf")
    assert login.words("After") == ["cloudboot-access.service"]


@pytest.mark.parametrize("stage", ["access", "network"])
def test_sshd_starts_when_its_keys_are_made_and_all_that_configures_it_is_written(stage):
    assert {"ssh.service", "sshd.service"} <= set(Unit(f"cloudboot-{stage}.service").words("Before"))


@pytest.mark.parametrize("stage", GATES)
def test_a_stage_whose_pipe_is_gone_costs_no_process(stage):
    assert Unit(f"cloudboot-{stage}.service").words("ConditionPathExists") == [f"/run/cloudboot/stage/{stage}"]


@pytest.mark.parametrize("stage", GATES)
def test_a_stage_ends_with_the_agent_and_comes_after_the_stage_before_it(stage):
    unit = Unit(f"cloudboot-{stage}.service")
    assert unit.words("BindsTo") == ["cloudboot.service"]
    before = STAGES[: STAGES.index(stage)] if stage in STAGES else ("local",)
    earlier = [f"cloudboot-{s}.service" for s in before][-1:]
    assert {"cloudboot.service", *earlier} <= set(unit.words("After"))


@pytest.mark.parametrize("stage", GATES)
@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_stage_unit_ends_as_the_agent_says(stage, code, tmp_path):
    gates = Gates(str(tmp_path), GATES)
    unit = subprocess.Popen(shim(stage, tmp_path), stdout=subprocess.PIPE, text=True)
    gates.wait(stage, 20)
    gates.done(stage, code, "3 modules, 5 changes")
    assert unit.communicate(timeout=20)[0] == "3 modules, 5 changes\n"
    assert unit.returncode == code


@pytest.mark.parametrize("stage", GATES)
def test_a_stage_unit_fails_at_once_when_the_agent_dies_in_its_stage(stage, tmp_path):
    os.mkfifo(tmp_path / stage)
    unit = subprocess.Popen(shim(stage, tmp_path), stderr=subprocess.PIPE, text=True)
    os.close(os.open(tmp_path / stage, os.O_WRONLY))
    assert (
        unit.communicate(timeout=20)[1] == f"cloudboot ended before its {LAST_WORDS.get(stage, f'{stage} stage did')}\n"
    )
    assert unit.returncode == 1


def test_what_udev_rings_at_is_roots_alone_and_nothing_waits_there_when_nobody_listens():
    socket = Unit("cloudboot-hotplug.socket")
    assert socket.one("ListenFIFO", "Socket") == "/run/cloudboot/hotplug"
    assert (socket.one("SocketMode", "Socket"), socket.one("RemoveOnStop", "Socket")) == ("0600", "yes")
    assert 'TEST=="/run/cloudboot/hotplug"' in RULE
    assert "1<>/run/cloudboot/hotplug" in RULE, "opened for both, it does not wait for a reader"


def test_a_ring_reaches_who_listens_and_costs_nothing_where_nobody_does(tmp_path):
    (words,) = re.findall(r"RUN\+=\"(.*)\"", RULE)
    shell, option, script = re.fullmatch(r"(/bin/sh) (-c) '(.*)'", words).groups()
    ring = [shell, option, script.replace("/run/cloudboot", str(tmp_path))]
    os.mkfifo(tmp_path / "hotplug")
    subprocess.run(ring, check=True, timeout=20)
    listener = os.open(tmp_path / "hotplug", os.O_RDWR)
    subprocess.run(ring, check=True, timeout=20)
    assert os.read(listener, 100) == b"\n"
    os.close(listener)
