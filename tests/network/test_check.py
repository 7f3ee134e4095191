import pytest
import yaml

from cloudboot.network import check_network_config
from cloudboot.network.parse_v1 import KINDS, SUBNETS
from tests.network.examples import DOCUMENTS


def said(text):
    return [(str(p), p.level) for p in check_network_config(yaml.safe_load(text))]


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_example_is_right(name):
    assert check_network_config(DOCUMENTS[name]) == ()
    assert check_network_config({"network": DOCUMENTS[name]}) == ()


def test_every_device_that_is_wrong_is_named_at_once():
    assert said("""
    network:
      version: 2
      ethernets: {eth0: {mtu: big}, eth1: {dhcp4: perhaps}, eth2: {}}
      vlans: {v1: [], eth2: {}}
    """) == [
        ("network.ethernets.eth0.mtu: expected a whole number, got text", "error"),
        ("network.ethernets.eth1.dhcp4: expected true or false, got text", "error"),
        ("network.vlans.v1: expected a mapping, got a list", "error"),
    ]


def test_every_entry_that_is_wrong_is_named_at_once():
    assert said("""
    version: 1
    config:
      - {type: tap, name: t}
      - {type: physical}
      - {type: physical, name: e, colour: red, subnets: [{type: smoke}]}
      - {type: physical, name: f, subnets: [{type: dhcp, colour: red}]}
    """) == [
        (f"config[0].type: no such type of entry; there are {', '.join(KINDS)}", "error"),
        ("config[1]: name is missing; the physical is left out", "dropped"),
        (f"config[2].subnets[0].type: no such type of subnet; there are {', '.join(SUBNETS)}", "error"),
        ("config[3].subnets[0].colour: no such key here; left out", "wrong"),
    ]  # fmt: skip


def test_a_key_that_only_netplan_may_know_is_no_error():
    [problem] = check_network_config({"version": 2, "ethernets": {"eth0": {"dhcp": True}}})
    assert (problem.path, problem.level) == (("ethernets", "eth0", "dhcp"), "deprecated")


@pytest.mark.parametrize(
    "text, path",
    [("network: {version: 1}", ("network",)), ("{}", ()), ("version: 3", ("version",)), ("[]", ())],
)
def test_a_document_without_what_it_needs_is_wrong_as_a_whole(text, path):
    [problem] = check_network_config(yaml.safe_load(text))
    assert (problem.path, problem.level) == (path, "error")


def test_everything_that_is_wrong_with_a_device_is_named_and_what_was_nearly_right():
    assert said("""
    version: 2
    ethernets:
      eth0: {mtu: big, dhcp4: perhaps, adresses: [192.0.2.1/24], addresses: [192.0.2.1/33],
             nameservers: {addresses: {}}}
    """) == [
        ("ethernets.eth0.nameservers.addresses: expected a list, got a mapping", "error"),
        ("ethernets.eth0.mtu: expected a whole number, got text", "error"),
        ("ethernets.eth0.dhcp4: expected true or false, got text", "error"),
        ("ethernets.eth0.addresses[0]: this prefix is longer than the address", "error"),
        ("ethernets.eth0.adresses: cloudboot knows no such key; only netplan may know it; did you mean addresses?",
         "deprecated"),
    ]  # fmt: skip


@pytest.mark.parametrize("vlan, key", [("{link: eth0}", "id"), ("{id: 5}", "link"), ("", "id")])
def test_a_vlan_without_what_it_is_made_of_is_left_out(vlan, key):
    assert said(f"{{version: 2, vlans: {{v: {vlan}}}}}") == [
        (f"vlans.v: {key} is missing; the vlan is left out", "dropped")]  # fmt: skip


@pytest.mark.parametrize("number", ["--5", "5-", "²", ".inf", "1.5", "true", "[]"])
def test_a_number_that_is_none_is_an_error_and_no_crash(number):
    [(text, level)] = said(f"{{version: 2, ethernets: {{eth0: {{mtu: {number}}}}}}}")
    assert (text.partition(",")[0], level) == ("ethernets.eth0.mtu: expected a whole number", "error")
