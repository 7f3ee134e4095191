from cloudboot.network import parse
from cloudboot.network.from_opennebula import opennebula_network
from cloudboot.values import Nic

NICS = [Nic("eth0", "02:00:c0:00:02:0a"), Nic("eth1", "02:00:c0:00:02:0b")]
MAC = {"ETH0_MAC": "02:00:C0:00:02:0a"}


def entry(**more):
    return opennebula_network({**MAC, **{f"ETH0_{k}": v for k, v in more.items()}}, NICS)["ethernets"]["eth0"]


def test_an_address_that_is_not_told_is_in_the_mac_address():
    assert entry()["addresses"] == ["192.0.2.10/24"]


def test_all_that_is_told_of_an_interface():
    context = {
        **MAC, "ETH0_IP": "198.51.100.10", "ETH0_MASK": "255.255.0.0", "ETH0_GATEWAY": "198.51.100.1",
        "ETH0_DNS": "192.0.2.53", "ETH0_SEARCH_DOMAIN": "a.example b.example", "ETH0_MTU": "1450",
        "ETH0_IP6": "2001:db8::10", "ETH0_IP6_ULA": "fd00::10", "ETH0_IP6_PREFIX_LENGTH": "56",
        "ETH0_IP6_GATEWAY": "fe80::1", "ETH0_ROUTES": "10.0.0.0/8 via 198.51.100.2, nonsense",
        "DNS": "192.0.2.54", "SEARCH_DOMAIN": "a.example",
    }  # fmt: skip
    network = opennebula_network(context, NICS)
    assert network["ethernets"]["eth0"] == {
        "match": {"macaddress": "02:00:c0:00:02:0a"},
        "set-name": "eth0",
        "dhcp4": False,
        "dhcp6": False,
        "addresses": ["198.51.100.10/16", "2001:db8::10/56", "fd00::10/56"],
        "routes": [
            {"to": "0.0.0.0/0", "via": "198.51.100.1"},
            {"to": "::/0", "via": "fe80::1"},
            {"to": "10.0.0.0/8", "via": "198.51.100.2"},
        ],
        "nameservers": {"addresses": ["192.0.2.53", "192.0.2.54"], "search": ["a.example", "b.example"]},
        "mtu": 1450,
    }
    assert len(parse(network, NICS).devices) == 1


def test_a_method_may_ask_for_dhcp_or_for_nothing():
    assert (entry(METHOD="dhcp")["dhcp4"], "addresses" in entry(METHOD="dhcp")) == (True, False)
    assert "addresses" not in entry(METHOD="skip", IP6_METHOD="disable", IP6="2001:db8::1")


def test_interfaces_that_are_not_there_are_left_out():
    assert opennebula_network(MAC, []) is None
    assert opennebula_network({"ETHX_MAC": NICS[0].mac, "ETH0_ALIAS1_MAC": NICS[1].mac}, NICS) is None
