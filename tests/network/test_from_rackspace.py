import json

import pytest

from cloudboot.network import parse
from cloudboot.network.from_rackspace import prefix, rackspace_network
from cloudboot.values import Nic
from tools.mock_cloud.xenstore import example

NICS = [Nic("eth1", "02:16:3e:00:00:ac"), Nic("eth0", "02:16:3e:00:00:ab")]
INTERFACES = [json.loads(v) for k, v in example().items() if "networking" in k]


def test_addresses_are_static_and_one_interface_leads_out():
    ethernets = rackspace_network(INTERFACES, NICS)["ethernets"]
    assert list(ethernets) == ["eth0", "eth1"]
    assert ethernets["eth0"] == {
        "match": {"macaddress": "02:16:3e:00:00:ab"},
        "set-name": "eth0",
        "dhcp4": False,
        "dhcp6": False,
        "addresses": ["192.0.2.10/24", "2001:db8::10/64"],
        "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}, {"to": "::/0", "via": "fe80::1"}],
        "nameservers": {"addresses": ["192.0.2.53", "192.0.2.54"]},
    }
    assert ethernets["eth1"]["addresses"] == ["10.1.2.3/19"]
    assert ethernets["eth1"]["routes"] == [{"to": "10.176.0.0/12", "via": "10.1.0.1"}]


def test_the_document_is_one_that_networks_are_made_of():
    assert len(parse(rackspace_network(INTERFACES, NICS), NICS).devices) == 2


def test_an_older_agents_words_are_known_too():
    old = {"mac": NICS[0].mac, "ip6s": [{"address": "2001:db8::1", "netmask": "64"}], "gateway6": "fe80::2"}
    entry = rackspace_network([old], NICS)["ethernets"]["eth1"]
    assert (entry["addresses"], entry["routes"]) == (["2001:db8::1/64"], [{"to": "::/0", "via": "fe80::2"}])


def test_interfaces_that_are_not_there_are_left_out():
    assert rackspace_network(INTERFACES, []) is None


@pytest.mark.parametrize("nonsense", [{"ips": 3}, {"ips": [3], "routes": [None], "dns": [{}]}, {"ip6s": {"a": 1}}])
def test_nonsense_is_left_out(nonsense):
    entry = rackspace_network([{"mac": NICS[0].mac, **nonsense}], NICS)["ethernets"]["eth1"]
    assert entry["addresses"] == [] and "routes" not in entry and "nameservers" not in entry


@pytest.mark.parametrize(
    ("mask", "length"), [("255.255.224.0", 19), (64, 64), ("64", 64), (None, 128), ("x.y.z.w", 128)]
)
def test_a_mask_is_a_prefix(mask, length):
    assert prefix(mask, 128) == length
