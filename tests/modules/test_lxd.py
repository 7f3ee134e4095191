import json

import pytest

from cloudboot.errors import CloudbootError, Invalid
from cloudboot.values import Host
from modules import lxd
from tests import kit

THERE = {"snap list lxd": 0}
MACHINE = {"os": "ubuntu", "tools": ("snap", "zfs"), "answers": THERE}
MODULE = lxd.MODULE
READY = "lxd waitready --timeout=300"
THIN = {"/lib/modules/6.8/kernel/drivers/md/dm-thin-pool.ko.zst": ""}


def applied(tmp_path, config, tools=("snap", "zfs", "lvcreate"), answers=THERE, files=None):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers, files=files)
    machine.system = kit.apply(MODULE, {"lxd": config}, machine, host=Host(os=kit.DISTROS["ubuntu"], kernel="6.8"))
    stdins = [a.stdin for a in machine.actions if getattr(a, "argv", ())[-1:] == ("--preseed",)]
    machine.seeds = [s.reveal() for s in stdins]
    return machine


def test_it_is_installed_where_it_is_not_and_set_up_with_what_was_said(tmp_path):
    init = {"network_address": "0.0.0.0", "storage_backend": "dir", "storage_pool": "poolname"}
    assert applied(tmp_path, {"init": init}, answers={}).commands == [
        "snap install lxd", READY,
        "lxd init --auto --network-address=0.0.0.0 --storage-backend=dir --storage-pool=poolname"]  # fmt: skip


@pytest.mark.parametrize(("backend", "package"), [("zfs", "zfsutils-linux"), ("lvm", "lvm2"), ("btrfs", "btrfs-progs")])
def test_what_the_storage_needs_is_installed(tmp_path, backend, package):
    tools = ("apt-get", "snap")
    machine = applied(tmp_path / "a", {"init": {"storage_backend": backend}}, tools, files=THIN)
    assert machine.commands[0].endswith(f"install {package}")
    preseed = f"storage_pools:\n- name: default\n  driver: {backend}\n"
    assert applied(tmp_path / "b", {"preseed": preseed}, tools).commands[0].endswith(f"install {package}")


def test_a_password_goes_in_by_stdin(tmp_path):
    machine = applied(tmp_path, {"init": {"trust_password": "hunter2"}})
    assert [json.loads(s) for s in machine.seeds] == [{"config": {"core.trust_password": "hunter2"}}]
    assert "hunter2" not in repr(machine.actions)


def test_a_new_bridge_has_the_addresses_that_were_given_and_no_others(tmp_path):
    bridge = {"mode": "new", "ipv4_address": "10.0.8.1", "ipv4_netmask": 16, "ipv4_dhcp_first": "10.0.8.2",
              "ipv4_dhcp_last": "10.0.8.9", "ipv4_nat": True, "domain": "lab", "mtu": 1400}  # fmt: skip
    (seed,) = applied(tmp_path, {"bridge": bridge}).seeds
    assert json.loads(seed) == {
        "networks": [{"name": "lxdbr0", "type": "bridge", "config": {
            "ipv4.address": "10.0.8.1/16", "ipv4.nat": "true", "ipv6.address": "none",
            "ipv4.dhcp.ranges": "10.0.8.2-10.0.8.9", "dns.domain": "lab", "bridge.mtu": "1400"}}],
        "profiles": [{"name": "default", "devices": {
            "eth0": {"name": "eth0", "type": "nic", "nictype": "bridged", "parent": "lxdbr0"}}}],
    }  # fmt: skip


def test_an_existing_bridge_is_joined_and_none_is_none(tmp_path):
    (seed,) = applied(tmp_path / "a", {"bridge": {"mode": "existing", "name": "br0"}}).seeds
    assert list(json.loads(seed)) == ["profiles"]
    assert applied(tmp_path / "b", {"bridge": {"mode": "none"}}).commands == [READY]


def test_without_thin_pools_lvm_is_set_up_first_and_without(tmp_path):
    init = {"storage_backend": "lvm", "storage_create_device": "/dev/vdb", "network_port": 1}
    machine = applied(tmp_path / "a", {"init": init})
    assert machine.commands == [READY, "lxd init --preseed", "lxd init --auto --network-port=1"]
    (pool,) = json.loads(machine.seeds[0])["storage_pools"]
    assert (pool["driver"], pool["config"]) == ("lvm", {"lvm.use_thinpool": "false", "source": "/dev/vdb"})
    assert "no thin pools" in machine.system.notes[0]
    there = applied(tmp_path / "b", {"init": init}, files=THIN)
    auto = "lxd init --auto --network-port=1 --storage-backend=lvm --storage-create-device=/dev/vdb"
    assert there.commands == [READY, auto]


def test_a_preseed_is_handed_over_as_it_is_and_stands_alone(tmp_path):
    machine = applied(tmp_path / "a", {"preseed": "config: {}\n"})
    assert machine.seeds == ["config: {}\n"]
    with pytest.raises(CloudbootError, match="stands alone"):
        applied(tmp_path / "b", {"preseed": "x", "init": {}})


@pytest.mark.parametrize("wrong", [{"preseed": {}}, {"init": {"storage_backend": "x"}}, {"bridge": {}}])
def test_what_has_another_shape_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"lxd": wrong})
