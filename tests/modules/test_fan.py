import subprocess

import pytest

from cloudboot.errors import Invalid
from cloudboot.network.fan import fans
from modules import fan
from tests import kit, needs

SERVED = {"/lib/systemd/system/ubuntu-fan.service": ""}
MACHINE = {"os": "ubuntu", "tools": ("fanctl", "systemctl")}
CONFIG = {"fan": {"config": "10.0.0.0/8 eth0/16 dhcp"}}
SEVERAL = {"fan": {"config": "241.0.0.0/8 172.16.3.4/16 dhcp\n242.0.0.0/8 eth1/16\n243.0.0.0/8 eth2/16 off\n"}}
FANS = fans(SEVERAL["fan"]["config"])[:2]


def test_the_file_is_written_and_taken_up(tmp_path):
    machine = kit.Machine(tmp_path, SERVED, tools=("fanctl", "systemctl"))
    kit.apply(fan.MODULE, CONFIG, machine, os="ubuntu")
    assert machine.text("/etc/network/fan") == "10.0.0.0/8 eth0/16 dhcp\n"
    assert machine.commands == ["systemctl --no-block restart ubuntu-fan"]


def test_the_package_comes_where_it_is_missing_after_its_file(tmp_path):
    machine = kit.Machine(tmp_path, tools=("apt-get", "systemctl"))
    kit.apply(fan.MODULE, CONFIG, machine, os="ubuntu")
    order = [type(a).__name__ for a in machine.actions if type(a).__name__ != "AwaitLock"]
    assert order == ["WriteFile", "Run", "Run"]
    assert machine.commands[0].endswith("install ubuntu-fan")


def test_a_file_that_says_so_already_restarts_nothing(tmp_path):
    machine = kit.Machine(
        tmp_path, {**SERVED, "/etc/network/fan": "10.0.0.0/8 eth0/16 dhcp\n"}, tools=("fanctl", "systemctl")
    )
    kit.apply(fan.MODULE, CONFIG, machine, os="ubuntu")
    assert machine.commands == []


def test_it_is_for_ubuntu_alone():
    suits = fan.MODULE.card.suits
    assert suits(kit.boot_of({}, os="ubuntu").host)
    assert not suits(kit.boot_of({}, os="debian").host)


def test_a_text_in_place_of_the_mapping_is_refused():
    with pytest.raises(Invalid):
        fan.MODULE.read({"fan": "10.0.0.0/8 eth0/16 dhcp"})


def test_where_fanctl_has_no_service_a_unit_makes_the_fans_when_the_network_is_there(tmp_path):
    machine = kit.Machine(tmp_path, tools=("fanctl", "systemctl", "netplan"))
    kit.apply(fan.MODULE, SEVERAL, machine, os="ubuntu")
    text = machine.text("/etc/systemd/system/cloudboot-fan.service")
    assert "After=network-online.target\n" in text
    fanctl = next(line for line in text.splitlines() if line.startswith("ExecStart=")).split()[0].partition("=")[2]
    assert [line for line in text.splitlines() if "fanctl" in line or "this host" in line[:12]] == [
        "# this host has 241.3.4.0/24",
        f"ExecStart={fanctl} up -u 172.16.3.4/16 -o 241.0.0.0/8 --dhcp",
        f"ExecStart={fanctl} up -u eth1/16 -o 242.0.0.0/8",
        f"ExecStop=-{fanctl} down -u eth1/16 -o 242.0.0.0/8",
        f"ExecStop=-{fanctl} down -u 172.16.3.4/16 -o 241.0.0.0/8",
    ]
    assert machine.commands == ["systemctl daemon-reload", "systemctl enable cloudboot-fan.service",
                                "systemctl --no-block restart cloudboot-fan.service"]  # fmt: skip
    again = kit.Machine(tmp_path, tools=("fanctl", "systemctl", "netplan"))
    kit.apply(fan.MODULE, SEVERAL, again, os="ubuntu")
    assert again.commands == []


def test_systemd_has_nothing_to_say_against_the_unit(tmp_path):
    made = tmp_path / "cloudboot-fan.service"
    made.write_text(fan.unit(FANS, "/bin/true"))
    needs.program("systemd-analyze")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", made], capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "cloudboot-fan" in line]) == (0, [])


def test_ifupdown_has_a_stanza_for_each_fan(tmp_path):
    machine = kit.Machine(tmp_path, {"/etc/network/interfaces": "source interfaces.d/*\n"},
                          tools=("fanctl", "ifup", "ifdown", "ifquery"))  # fmt: skip
    kit.apply(fan.MODULE, SEVERAL, machine, os="ubuntu")
    assert machine.commands == ["ifup fan-241", "ifup fan-242"]
    assert "# this host has 241.3.4.0/24\nauto fan-241\niface fan-241 inet manual\n" in machine.text(fan.STANZAS)


def test_ifupdown_runs_fanctl_when_it_brings_a_fan_up_and_down(tmp_path):
    file = tmp_path / "interfaces"
    file.write_text(fan.stanzas(FANS, "/usr/sbin/fanctl"))
    needs.programs("/sbin/ifup", "/sbin/ifdown")
    said = {verb: subprocess.run([f"/sbin/{verb}", "--no-act", "--force", "-v", "-a", "-i", file], capture_output=True,
                                 text=True) for verb in ("ifup", "ifdown")}  # fmt: skip
    assert [verb.returncode for verb in said.values()] == [0, 0]
    lines = said["ifup"].stderr.splitlines()
    assert [line for line in lines if line.startswith("/usr/sbin/fanctl")] == [
        "/usr/sbin/fanctl up -u 172.16.3.4/16 -o 241.0.0.0/8 --dhcp",
        "/usr/sbin/fanctl up -u eth1/16 -o 242.0.0.0/8",
    ]


def test_what_no_fan_can_be_made_of_is_refused_before_anything_is_written(tmp_path):
    machine = kit.Machine(tmp_path, SERVED, tools=("fanctl", "systemctl"))
    with pytest.raises(Invalid, match="line 1: the overlay has bits behind its prefix"):
        kit.apply(fan.MODULE, {"fan": {"config": "10.0.0.7/8 eth0/16"}}, machine, os="ubuntu")
    assert machine.actions == []


def test_an_option_that_only_the_service_takes_is_named(tmp_path):
    machine = kit.Machine(tmp_path, tools=("fanctl", "systemctl"))
    system = kit.apply(fan.MODULE, {"fan": {"config": "10.0.0.0/8 eth0/16 host-reserve"}}, machine, os="ubuntu")
    assert system.notes == ["fan 10.0.0.0/8: host-reserve: only the service ubuntu-fan takes it; left out"]
