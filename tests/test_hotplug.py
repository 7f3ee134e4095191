"""An interface comes or goes while the machine is up: what is done about it, in a scratch tree, through the command
line; tests/vm plugs a real one."""

import json
import os

import pytest
import yaml

from cloudboot import hotplug, webhook
from cloudboot.cli import hotplug as verb
from cloudboot.datasources import nocloud
from tests.kit import held_by_another
from tests.test_boot import SEED, Tree

ASK = "#cloud-config\nupdates: {network: {when: [boot-new-instance, hotplug]}}\n"
FILES = "/etc/systemd/network"
NOCLOUD = nocloud.DATASOURCE
MACS = {"eth0": "02:00:00:00:00:01", "eth1": "02:00:00:00:00:02", "eth2": "02:00:00:00:00:03"}


class Machine(Tree):
    """A tree with interfaces of its own, networkd, and a seed that describes some of them."""

    def __init__(self, root):
        super().__init__(root)
        for program in ("ip", "systemctl", "udevadm", "networkctl"):
            self.write(f"/usr/bin/{program}", "")
        self.plug("eth0")
        self.plug("dummy0", "02:00:00:00:00:99", driver="")
        self.seed(ASK)
        self.describe("eth0")

    def plug(self, name, mac="", driver="virtio_net"):
        for file, text in (("address", mac or MACS[name]), ("flags", "0x1002"), ("uevent", f"INTERFACE={name}")):
            self.write(f"/sys/class/net/{name}/{file}", text + "\n")
        if driver:
            os.makedirs(f"{self.root}/sys/class/net/{name}/device")
            os.symlink(f"../../../bus/virtio/drivers/{driver}", f"{self.root}/sys/class/net/{name}/device/driver")

    def unplug(self, name):
        os.rename(f"{self.root}/sys/class/net/{name}", f"{self.root}/gone-{name}")

    def describe(self, *names, **more):
        entries = {n: {"match": {"macaddress": MACS[n]}, "dhcp4": True} for n in names}
        self.write(f"{SEED}/network-config", yaml.safe_dump({"version": 2, "ethernets": {**entries, **more}}))

    def files(self):
        folder = self.root + FILES
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def told(self):
        return json.loads(self.read("/run/cloudboot/hotplug.json"))


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(hotplug, "PATIENCE", 0.0)
    made = Machine(tmp_path / "machine")
    assert made.run("boot") in (0, 2)
    return made


def test_an_interface_that_came_is_configured_as_the_datasource_says_now(machine):
    assert machine.files() == ["10-cloudboot-eth0.network"]
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    assert machine.run("hotplug") == 0
    assert machine.files() == ["10-cloudboot-eth0.network", "10-cloudboot-eth1.network"]
    kept = json.loads(machine.read("/var/lib/cloudboot/instances/i-1/network-config.json"))
    assert set(kept["ethernets"]) == {"eth0", "eth1"}
    assert set(json.loads(machine.read("/var/lib/cloudboot/instance/instance.json"))["network"]["ethernets"]) == set(
        kept["ethernets"]
    )


def test_an_interface_that_comes_while_the_datasource_is_asked_is_one_of_the_boots_own(tmp_path, monkeypatch):
    made = Machine(tmp_path / "machine")
    made.unplug("eth0")

    def late(probe):
        made.plug("eth0")
        return NOCLOUD.fetch(probe)

    monkeypatch.setattr(nocloud, "DATASOURCE", NOCLOUD.but(fetch=late))
    made.run("boot")
    assert MACS["eth0"] in made.read("/run/cloudboot/nics").split()


def test_of_one_that_went_nothing_stays(machine):
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    machine.run("hotplug")
    machine.unplug("eth1")
    machine.describe("eth0")
    assert machine.run("hotplug") == 0
    assert machine.files() == ["10-cloudboot-eth0.network"]


def test_when_nothing_came_or_went_nothing_is_asked_and_nothing_done(machine, capsys):
    machine.describe("eth0", "eth1")
    machine.plug("veth7", "02:00:00:00:00:77", driver="")
    assert machine.run("hotplug") == 0
    assert machine.files() == ["10-cloudboot-eth0.network"]
    assert "no network interface came or went" in capsys.readouterr().out


def test_where_nobody_asks_for_it_an_interface_is_left_alone(machine, capsys):
    machine.seed("#cloud-config\n{}\n", id="i-2")
    machine.run("boot")
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    assert machine.run("hotplug") == 0
    assert machine.files() == ["10-cloudboot-eth0.network"]
    assert "nobody asks for it here" in capsys.readouterr().out


def test_one_that_the_datasource_does_not_know_is_named_and_not_asked_for_again(machine, capsys):
    machine.plug("eth1")
    assert machine.run("hotplug") == 2
    assert machine.told()["warnings"] == [
        "nocloud does not describe eth1 (02:00:00:00:00:02); it is left as it is"
    ]  # fmt: skip
    assert machine.run("hotplug") == 0
    assert machine.told()["warnings"] == []


def test_one_that_comes_while_another_is_seen_to_is_seen_to_by_its_own_ring(machine, monkeypatch):
    real = hotplug.configure

    def configure(job):
        machine.plug("eth2")
        return real(job)

    monkeypatch.setattr(hotplug, "configure", configure)
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    machine.run("hotplug")
    monkeypatch.undo()
    machine.describe("eth0", "eth1", "eth2")
    assert machine.run("hotplug") == 0
    assert "10-cloudboot-eth2.network" in machine.files()


def test_a_datasource_that_is_slow_to_know_is_asked_again(machine, monkeypatch):
    monkeypatch.setattr(hotplug, "PATIENCE", 30.0)
    monkeypatch.setattr(hotplug.time, "sleep", lambda seconds: machine.describe("eth0", "eth1"))
    machine.plug("eth1")
    assert machine.run("hotplug") == 0
    assert "10-cloudboot-eth1.network" in machine.files()


def test_a_description_that_covers_it_by_its_driver_is_for_it(machine):
    machine.plug("eth1")
    machine.describe("eth0", all={"match": {"driver": "virtio*"}, "dhcp4": True})
    assert machine.run("hotplug") == 0


def test_a_datasource_that_is_gone_is_an_error_and_the_network_stays(machine):
    machine.plug("eth1")
    os.rename(machine.root + SEED, machine.root + "/elsewhere")
    before = machine.files()
    assert machine.run("hotplug") == 1
    assert machine.told()["errors"]
    assert machine.files() == before
    os.rename(machine.root + "/elsewhere", machine.root + SEED)
    machine.describe("eth0", "eth1")
    assert machine.run("hotplug") == 0, "the next ring makes up for it"


def test_another_machines_description_is_not_taken(machine):
    machine.plug("eth1")
    machine.seed(ASK, id="i-2")
    machine.describe("eth0", "eth1")
    assert machine.run("hotplug") == 1
    assert machine.files() == ["10-cloudboot-eth0.network"]
    assert "tells of another machine, i-2" in machine.told()["errors"][0]


def test_a_description_that_cannot_be_leaves_what_runs(machine):
    machine.plug("eth1")
    machine.write(f"{SEED}/network-config", "version: 2\nethernets: [eth0, eth1]\n")
    before = machine.read(f"{FILES}/10-cloudboot-eth0.network")
    assert machine.run("hotplug") == 1
    assert machine.read(f"{FILES}/10-cloudboot-eth0.network") == before
    assert set(json.loads(machine.read("/var/lib/cloudboot/instances/i-1/network-config.json"))["ethernets"]) == {
        "eth0"
    }


def test_what_could_not_be_done_is_tried_again(machine):
    machine.write("/etc/cloudboot/cloudboot.cfg", "system_info: {network: {renderers: [none-such]}}\n")
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    assert machine.run("hotplug") == 1
    assert "no such renderer" in machine.told()["errors"][0]
    machine.write("/etc/cloudboot/cloudboot.cfg", "{}\n")
    assert machine.run("hotplug") == 0
    assert "10-cloudboot-eth1.network" in machine.files()


def test_what_it_does_is_told_beside_the_boot_and_changes_nothing_of_what_is_told_of_that(machine, capsys):
    before = machine.read("/run/cloudboot/status.json")
    machine.plug("eth1")
    machine.run("hotplug")
    assert machine.read("/run/cloudboot/status.json") == before
    capsys.readouterr()
    machine.run("status", "--long")
    assert "hotplug: warning: nocloud does not describe eth1" in capsys.readouterr().out


def test_while_an_agent_is_at_work_it_waits_and_not_for_ever(tmp_path, monkeypatch, capsys):
    machine = Machine(tmp_path)
    machine.write("/run/cloudboot/lock", "")
    holder = held_by_another(f"{machine.root}/run/cloudboot/lock")
    try:
        monkeypatch.setattr(verb, "LOCK_SECONDS", 0.0)
        assert machine.run("hotplug") == 1
        assert "is at work here already" in capsys.readouterr().err
        monkeypatch.setattr(verb, "LOCK_SECONDS", 60.0)
        monkeypatch.setattr(verb.time, "sleep", lambda seconds: (holder.kill(), holder.wait()))
        assert machine.run("hotplug") == 1
        assert "has not booted with cloudboot yet" in capsys.readouterr().err
    finally:
        holder.kill()
        holder.wait()


def test_a_machine_that_is_switched_off_is_left_alone(machine, capsys):
    machine.write("/etc/cloudboot/disabled", "")
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    assert machine.run("hotplug") == 0
    assert machine.files() == ["10-cloudboot-eth0.network"]


def test_what_user_data_says_of_events_counts_at_the_next_boot(machine):
    machine.seed("#cloud-config\nupdates: {network: {when: [boot]}}\n", id="i-2")
    machine.run("boot")
    machine.plug("eth1")
    machine.describe("eth0", "eth1")
    machine.run("boot")
    assert machine.files() == ["10-cloudboot-eth0.network", "10-cloudboot-eth1.network"]


def test_a_storm_of_rings_is_taken_at_once():
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(write, b"\n" * 500)
            os.dup2(read, verb.BELL)
            os.environ["LISTEN_PID"] = str(os.getpid())
            verb.hush()
            from select import select

            os._exit(len(select([verb.BELL], [], [], 0)[0]))
        finally:
            os._exit(9)
    os.close(read)
    os.close(write)
    assert os.waitpid(pid, 0)[1] == 0


def test_what_rang_is_taken_from_the_pipe_where_the_machine_is_switched_off_too(machine):
    machine.write("/etc/cloudboot/disabled", "")
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(write, b"\n")
            os.dup2(read, verb.BELL)
            os.environ["LISTEN_PID"] = str(os.getpid())
            from select import select

            code = machine.run("hotplug")
            os._exit(code or len(select([verb.BELL], [], [], 0)[0]))
        finally:
            os._exit(9)
    os.close(read)
    os.close(write)
    assert os.waitpid(pid, 0)[1] == 0


def test_events_that_a_receiver_never_got_are_told_before_it_ends(machine, monkeypatch):
    monkeypatch.setattr(webhook, "PAUSE", 0.0)
    machine.write(
        "/etc/cloudboot/cloudboot.cfg.d/a.cfg", "reporting: {a: {type: webhook, endpoint: 'http://127.0.0.1:1/'}}"
    )
    assert machine.run("hotplug") == 0
    assert "events of this boot did not reach http://127.0.0.1:1/" in machine.read("/var/log/cloudboot.log")
