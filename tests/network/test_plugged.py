"""What is run for an interface that came or went while the machine was up, and for no other."""

import os

import pytest

from cloudboot.network import parse
from cloudboot.network.apply import Choice, apply_network
from cloudboot.network.nics import SEEN, hardware
from cloudboot.network.plugged import change, is_described
from cloudboot.network.source import Source
from cloudboot.system.door import System
from cloudboot.values import Host, Nic
from tests import kit
from tests.network.test_apply import ENI, FILE, NETPLAN, dhcp, nic

STATE = "/run/network/ifstate"
ONE = nic("eth0", "02:00:00:00:00:01")
TWO = {**ONE, **nic("eth1", "02:00:00:00:00:02"), SEEN: "02:00:00:00:00:01\n"}
UP = "lo=lo\neth0=eth0\n"


def machine_with(tmp_path, files, answers=None):
    """A scratch tree of which every interface is hardware."""
    machine = kit.Machine(tmp_path, files={**files, "/run/systemd/system/x": ""}, answers=answers)
    for name in machine.names("/sys/class/net"):
        os.makedirs(f"{machine.root}/sys/class/net/{name}/device")
        os.symlink("../../../bus/virtio/drivers/virtio_net", f"{machine.root}/sys/class/net/{name}/device/driver")
    return machine


def plug(machine, source, choice=None, os="debian"):
    machine.actions.clear()
    system = System(machine)
    apply_network(system, source, Host(os=kit.DISTROS[os]), choice or Choice(), plugged=True)
    return system


def test_ifupdown_brings_up_what_came_and_leaves_what_is_up(tmp_path):
    machine = machine_with(tmp_path, {**ENI, **TWO, STATE: UP})
    plug(machine, dhcp("eth0", "eth1"))
    assert machine.commands == ["ifup eth1"]


def test_ifupdown_takes_down_what_went_while_its_file_still_says_how(tmp_path):
    machine = machine_with(
        tmp_path, {**ENI, **nic("eth0", "02:00:00:00:00:01"), STATE: "lo=lo\neth0=eth0\neth1=eth1\n"}
    )
    machine.put(FILE, "iface eth1 inet dhcp\n")
    plug(machine, dhcp("eth0"))
    kinds = [type(action).__name__ for action in machine.actions if getattr(action, "path", FILE) == FILE]
    assert machine.commands == ["ifdown --force eth1"]
    assert kinds == ["Run", "WriteFile"]


def test_before_ifupdown_has_begun_it_is_left_to_do_it_all(tmp_path):
    machine = machine_with(tmp_path, {**ENI, **TWO})
    plug(machine, dhcp("eth0", "eth1"))
    assert machine.commands == []


def test_one_that_is_started_by_hand_and_one_that_is_not_there_are_not_brought_up(tmp_path):
    config = [
        {"type": "physical", "name": "eth1", "subnets": [{"type": "dhcp4", "control": "manual"}]},
        {"type": "physical", "name": "eth7", "subnets": [{"type": "dhcp4"}]},
    ]
    machine = machine_with(tmp_path, {**ENI, **TWO, STATE: UP})
    plug(machine, Source("datasource", {"version": 1, "config": config}))
    assert machine.commands == []


def test_a_vlan_on_what_came_comes_with_it(tmp_path):
    machine = machine_with(tmp_path, {**ENI, **TWO, STATE: UP})
    document = {
        **dhcp("eth0", "eth1").document,
        "vlans": {"v7": {"id": 7, "link": "eth1", "addresses": ["192.0.2.1/24"]}},
    }
    plug(machine, Source("datasource", document))
    assert machine.commands == ["ifup eth1", "ifup v7"]


def test_a_running_networkd_reads_its_files_again_and_restarts_nothing(tmp_path):
    there = {"/usr/bin/ip": "", "/usr/bin/systemctl": "", **TWO}
    machine = machine_with(tmp_path, there, answers={"systemctl is-active --quiet systemd-networkd.service": ""})
    plug(machine, dhcp("eth0", "eth1"), os="arch")
    assert machine.commands == ["networkctl reload"]
    plug(machine, dhcp("eth0", "eth1"), os="arch")
    assert machine.commands == [], "nothing changed"


def test_netplan_makes_its_files_and_the_program_behind_it_reads_them(tmp_path):
    machine = machine_with(tmp_path, NETPLAN, answers={"systemctl is-active --quiet systemd-networkd.service": ""})
    plug(machine, dhcp("eth0", "eth1"))
    assert machine.commands == ["netplan generate", "networkctl reload"]
    machine = machine_with(
        tmp_path / "nm", NETPLAN, answers={"systemctl is-active --quiet NetworkManager.service": "",
                                                 "systemctl is-active --quiet systemd-networkd.service": 3}
    )  # fmt: skip
    plug(machine, dhcp("eth0", "eth1"))
    assert machine.commands == ["netplan generate", "nmcli connection reload"]


def test_network_manager_activates_the_profiles_that_changed_and_forgets_those_that_went(tmp_path):
    there = {"/usr/bin/nmcli": "", **TWO}
    running = {f"systemctl {word} NetworkManager.service": "" for word in ("is-enabled", "is-active --quiet")}
    machine = machine_with(tmp_path, there, answers=running)
    folder = "/etc/NetworkManager/system-connections"
    plug(machine, dhcp("eth0"), os="fedora")
    plug(machine, dhcp("eth0", "eth1"), os="fedora")
    profile = f"{folder}/cloudboot-eth1.nmconnection"
    assert machine.commands == [f"nmcli connection load {profile}", f"nmcli connection up filename {profile}"]
    other = {"version": 2, "ethernets": {"eth0": {"dhcp6": True}, "eth1": {"dhcp4": True}}}
    plug(machine, Source("datasource", other), os="fedora")
    assert machine.commands == [f"nmcli connection load {folder}/cloudboot-eth0.nmconnection"], "that was up already"
    plug(machine, Source("datasource", {"version": 2, "ethernets": {"eth0": {"dhcp6": True}}}), os="fedora")
    assert machine.commands == ["nmcli connection reload"]


def test_network_manager_activates_what_came_by_whatever_name_its_entry_has(tmp_path):
    running = {f"systemctl {word} NetworkManager.service": "" for word in ("is-enabled", "is-active --quiet")}
    machine = machine_with(tmp_path, {"/usr/bin/nmcli": "", **TWO}, running)
    entry = {"match": {"macaddress": "02:00:00:00:00:02"}, "set-name": "lan0", "dhcp4": True}
    plug(machine, Source("datasource", {"version": 2, "ethernets": {"id7": entry}}), os="fedora")
    profile = "/etc/NetworkManager/system-connections/cloudboot-id7.nmconnection"
    assert machine.commands[-1] == f"nmcli connection up filename {profile}"


def test_links_are_not_touched_where_the_image_says_so(tmp_path):
    machine = machine_with(tmp_path, {**ENI, **TWO, STATE: "lo=lo\neth0=eth0\neth9=eth9\n"})
    plug(machine, dhcp("eth0", "eth1"), Choice(activation=False))
    assert machine.commands == []
    assert "iface eth1" in machine.text(FILE)


CARDS = (Nic("eth0", "02:00:00:00:00:01", "virtio_net"), Nic("eth1", "02:00:00:00:00:02", "ena"))


def test_only_hardware_comes_and_goes():
    made = (Nic("veth1", "02:00:00:00:00:03"), Nic("br0", "02:00:00:00:00:04"), Nic("ib0", "00:00:00:00:00:00", "ib"))
    assert set(hardware(CARDS + made)) == {nic.mac for nic in CARDS}


def test_what_came_and_what_went_is_found():
    found = change("02:00:00:00:00:01\n02:00:00:00:00:09\n", CARDS)
    assert (found.came, found.gone) == ((CARDS[1],), ("02:00:00:00:00:09",))
    assert not change("02:00:00:00:00:02\n02:00:00:00:00:01\n", CARDS)


@pytest.mark.parametrize(("entry", "is_for"), [
    ({"eth1": {"dhcp4": True}}, True),
    ({"eth0": {"dhcp4": True}}, False),
    ({"x": {"match": {"macaddress": "02:00:00:00:00:02"}}}, True),
    ({"eth1": {"match": {"macaddress": "02:00:00:00:00:01"}}}, False),
    ({"x": {"match": {"name": "eth*"}}}, True),
    ({"x": {"match": {"driver": "en?"}}}, True),
    ({"x": {"match": {"driver": "virtio*"}}}, False),
    ({"x": {"match": {"name": "eth*", "driver": "virtio*"}}}, False),
    ({}, False),
])  # fmt: skip
def test_a_description_is_for_what_its_entries_match(entry, is_for):
    assert is_described(parse({"version": 2, "ethernets": entry}, CARDS), CARDS[1]) is is_for
