import json

import pytest

from cloudboot.network import parse
from cloudboot.network.from_smartos import smartos_network
from cloudboot.values import Nic
from tools.mock_cloud.lines import smartos

NICS = [Nic("eth0", "90:b8:d0:d8:82:b4"), Nic("eth1", "90:b8:d0:0a:51:31")]


def network(**more):
    told = {key[4:].replace("_", "-"): value for key, value in smartos().values.items() if key.startswith("sdc:")}
    return smartos_network({**told, **more}, NICS, more.pop("warn", lambda text: None))


def test_the_primary_interface_leads_out():
    ethernets = network()["ethernets"]
    assert ethernets["eth0"] == {
        "match": {"macaddress": "90:b8:d0:d8:82:b4"},
        "set-name": "eth0",
        "dhcp4": False,
        "dhcp6": True,
        "addresses": ["192.0.2.10/24"],
        "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}, {"to": "198.51.100.0/24", "via": "192.0.2.254"}],
        "mtu": 1500,
        "nameservers": {"addresses": ["192.0.2.53"], "search": ["example.com"]},
    }
    assert (ethernets["eth1"]["dhcp4"], "routes" in ethernets["eth1"]) == (True, False)
    assert len(parse(network(), NICS).devices) == 2


@pytest.mark.parametrize("nics", ["{", "3", "[3]", json.dumps([{"mac": "other"}])])
def test_nonsense_is_no_network(nics):
    assert network(nics=nics) is None
