from cloudboot.ephemeral.cards import cards, is_named
from cloudboot.netlink.values import CARRIER, LOOPBACK, NO_ARP, UP, Link
from cloudboot.values import FileView

MAC = bytes.fromhex("020000000001")


def link(name, **more):
    return Link(**{"index": 2, "name": name, "mac": MAC, **more})


def names(*links):
    return [card.name for card in cards(links)]


def test_what_has_a_carrier_comes_first_then_eth0_then_the_others_in_natural_order():
    on = {"flags": UP | CARRIER}
    assert names(link("ens10"), link("ens9"), link("eth0"), link("z", **on), link("eth0", **on)) == [
        "eth0", "z", "eth0", "ens9", "ens10"
    ]  # fmt: skip


def test_what_somebody_built_or_cannot_be_asked_on_is_left_out():
    assert names(
        link("lo", flags=LOOPBACK),
        link("br0", kind="bridge"),
        link("bond0", kind="bond"),
        link("eth0.7", kind="vlan"),
        link("port", master=9),
        link("wg0", type=65534),
        link("ib0", type=32, mac=bytes(20)),
        link("nomac", mac=bytes(6)),
        link("noarp", flags=NO_ARP),
        link("veth1a2b", kind="veth"),
    ) == []  # fmt: skip


def test_a_containers_own_end_of_a_cable_is_a_card():
    assert names(link("host0", kind="veth"), link("mv", kind="macvlan")) == ["host0", "mv"]


def test_a_card_is_left_alone_until_udev_has_named_it():
    udev = {"/run/udev/control": b""}
    assert is_named(link("eth0"), FileView())
    assert not is_named(link("eth0"), FileView(udev))
    assert is_named(link("eth0"), FileView({**udev, "/run/udev/data/n2": b"I:1"}))
