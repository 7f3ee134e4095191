import itertools

import pytest

from cloudboot.network import parse
from cloudboot.network.rename import commands, renames
from cloudboot.values import Nic


def mac(n):
    return f"02:00:00:00:00:{n:02x}"


def network(**names):
    config = [{"type": "physical", "name": k, "mac_address": mac(v)} for k, v in names.items()]
    return parse({"version": 1, "config": config})


def carried_out(nics, todo):
    """The names that the kernel would end with, by number of the MAC address."""
    names = {n.name: n.mac for n in nics}
    up = {n.name for n in nics if n.up}
    for argv in todo:
        assert argv[:4] == ("ip", "link", "set", "dev")
        name = argv[4]
        if argv[5] == "down":
            up.remove(name)
        elif argv[5] == "up":
            up.add(name)
        else:
            assert name not in up, "a link that is up cannot be renamed"
            assert argv[6] not in names, "the name is taken"
            names[argv[6]] = names.pop(name)
    return names, up


def go(network, nics, busy=()):
    wanted, warnings = renames(network, nics)
    todo, more = commands(wanted, nics, lambda name: name in busy)
    return (*carried_out(nics, todo), (*warnings, *more))


def test_an_interface_gets_the_name_that_is_asked_for():
    names, _, warnings = go(network(lan0=1), [Nic("eth0", mac(1))])
    assert (names, warnings) == ({"lan0": mac(1)}, ())


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_names_can_be_swapped_and_passed_round(order):
    nics = [Nic(f"eth{i}", mac(i), up=i == 2) for i in (1, 2, 3)]
    wanted = dict(zip(("eth1", "eth2", "eth3"), order))
    names, up, warnings = go(network(**wanted), nics)
    assert names == {name: mac(n) for name, n in wanted.items()}
    assert up == {next(name for name, n in wanted.items() if n == 2)}
    assert warnings == ()


def test_a_link_in_use_keeps_its_name_and_so_does_whoever_wants_it():
    nics = [Nic("eth0", mac(1), up=True), Nic("eth1", mac(2))]
    names, _, warnings = go(network(eth1=1, eth0=2), nics, busy=("eth0",))
    assert names == {"eth0": mac(1), "eth1": mac(2)}
    assert warnings == (
        "eth0: it is in use, so it is not renamed to eth1 before the next boot",
        "eth1: the name eth0 is taken by an interface that keeps it",
    )


def test_two_interfaces_with_one_address_are_left_alone():
    names, _, warnings = go(network(lan0=1), [Nic("eth0", mac(1)), Nic("eth1", mac(1))])
    assert set(names) == {"eth0", "eth1"}
    assert warnings == ("lan0: eth0, eth1 all have its MAC address; none is renamed",)


def test_a_driver_tells_two_interfaces_with_one_address_apart():
    document = {
        "version": 2,
        "ethernets": {"a": {"match": {"macaddress": mac(1), "driver": "hv*"}, "set-name": "lan0"}},
    }
    names, _, _ = go(parse(document), [Nic("eth0", mac(1), "mlx5_core"), Nic("eth1", mac(1), "hv_netvsc")])
    assert names == {"eth0": mac(1), "lan0": mac(1)}


def test_a_name_that_is_too_long_is_named_and_not_tried():
    names, _, warnings = go(network(abcdefghijklmnop=1), [Nic("eth0", mac(1))])
    assert names == {"eth0": mac(1)}
    assert warnings == ("abcdefghijklmnop: a name has at most 15 bytes; the interface keeps the one it has",)
