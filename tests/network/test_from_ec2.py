import pytest

from cloudboot.network import RENDERERS, parse, render
from cloudboot.network.from_ec2 import ec2_network
from cloudboot.network.model import Target
from cloudboot.values import Nic

NICS = [Nic("ens5", "06:00:00:00:00:01"), Nic("ens6", "06:00:00:00:00:02")]
FIRST = {"device-number": "0", "local-ipv4s": "192.0.2.10", "subnet-ipv4-cidr-block": "192.0.2.0/25"}
SECOND = {
    "device-number": "1",
    "local-ipv4s": ["198.51.100.20", "198.51.100.21"],
    "subnet-ipv4-cidr-block": "198.51.100.0/24",
    "ipv6s": "2001:db8::20",
    "subnet-ipv6-cidr-blocks": "2001:db8::/64",
    "ipv4-prefix": "198.51.100.64/28",
}


def ethernets(first, second=None, nics=NICS):
    macs = {nics[0].mac.upper(): first, **({nics[1].mac: second} if second else {})}
    return ec2_network(macs, nics)["ethernets"]


def test_one_interface_needs_nothing_but_dhcp():
    match = {"macaddress": "06:00:00:00:00:01"}
    assert ethernets(FIRST) == {"ens5": {"match": match, "set-name": "ens5", "dhcp4": True, "dhcp6": False}}


def test_further_addresses_are_static_and_no_prefix_is_wider_than_is_known():
    about = {**FIRST, "local-ipv4s": ["192.0.2.10", "192.0.2.11"], "ipv6s": ["2001:db8::1", "2001:db8::2"]}
    assert ethernets(about)["ens5"]["addresses"] == ["192.0.2.11/25", "2001:db8::2/128"]


def test_a_further_interface_answers_over_a_table_of_its_own():
    second = ethernets(FIRST, SECOND)["ens6"]
    assert second["routes"] == [
        {"to": "0.0.0.0/0", "via": "198.51.100.1", "table": 101},
        {"to": "198.51.100.0/24", "scope": "link", "table": 101},
        {"to": "2001:db8::/64", "scope": "link", "table": 101},
    ]
    assert [rule["from"] for rule in second["routing-policy"]] == [
        "198.51.100.20", "198.51.100.21", "2001:db8::20", "198.51.100.64/28",
    ]  # fmt: skip
    assert second["dhcp4-overrides"] == second["dhcp6-overrides"] == {"route-metric": 200}


def test_interfaces_are_in_the_order_of_card_and_device_number():
    found = ethernets({**FIRST, "network-card": "1"}, {**SECOND, "network-card": "0"})
    assert list(found) == ["ens6", "ens5"]
    assert "routes" not in found["ens6"]


def test_nonsense_in_the_tree_is_left_out():
    second = {"device-number": "x", "subnet-ipv4-cidr-block": "nonsense", "local-ipv4s": {"a": 1}}
    assert ethernets(FIRST, second)["ens6"]["routes"] == []
    assert ec2_network({"06:00:00:00:00:01": "nonsense"}, NICS) == {"version": 2, "ethernets": {}}


RULES = {  # how each renderer has the rule for the second interface's second address
    "eni": "ip rule add from 198.51.100.21 table 101",
    "netplan": '- from: "198.51.100.21"\n          table: 101',
    "networkd": "[RoutingPolicyRule]\nFrom=198.51.100.21\nTable=101",
    "network-manager": "from 198.51.100.21 table 101",
    "sysconfig": "from 198.51.100.21 table 101",
}


@pytest.mark.parametrize("renderer", RENDERERS)
def test_what_came_in_over_a_further_interface_is_answered_over_it_with_every_renderer(renderer):
    network = parse(ec2_network({NICS[0].mac: FIRST, NICS[1].mac: SECOND}, NICS))
    made = render(renderer, network, Target("redhat" if renderer == "sysconfig" else "debian"))
    text = "".join(spec.content.decode() for spec in made.files)
    assert made.warnings == ()
    assert RULES[renderer] in text
    for source in ("198.51.100.20", "2001:db8::20", "198.51.100.64/28"):
        assert source in text
    assert "198.51.100.1" in text  # the router of its subnet, which is the table's way out


def test_suses_files_have_no_place_for_rules_and_that_is_told():
    network = parse(ec2_network({NICS[0].mac: FIRST, NICS[1].mac: SECOND}, NICS))
    assert [text for text in render("sysconfig", network, Target("suse")).warnings if "routing-policy" in text]
