from cloudboot.metadata.vmware import customization
from cloudboot.network import parse
from cloudboot.values import Nic

NICS = [Nic("ens160", "00:50:56:a6:8c:08"), Nic("ens192", "00:50:56:a6:8c:09")]
TWO = b"""[NIC-CONFIG]
NICS = NIC1, NIC2
[NIC1]
MACADDR = 00:50:56:A6:8C:08
PRIMARY = yes
BOOTPROTO = static
IPADDR = 192.0.2.10
NETMASK = 255.255.255.0
GATEWAY = 192.0.2.1
IPv6ADDR|1 = 2001:db8::10
IPv6NETMASK|1 = 56
IPv6GATEWAY|1 = fe80::1
[NIC2]
MACADDR = 00:50:56:A6:8C:09
BOOTPROTO = dhcp
[DNS]
NAMESERVER|2 = 192.0.2.54
NAMESERVER|1 = 192.0.2.53
SUFFIX|1 = example.com
"""
SERVERS = {"addresses": ["192.0.2.53", "192.0.2.54"], "search": ["example.com"]}


def test_the_primary_interface_leads_out():
    network = customization(TWO).network(NICS)
    assert network["ethernets"]["ens160"] == {
        "match": {"macaddress": "00:50:56:a6:8c:08"},
        "set-name": "ens160",
        "dhcp4": False,
        "dhcp6": False,
        "addresses": ["192.0.2.10/24", "2001:db8::10/56"],
        "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}, {"to": "::/0", "via": "fe80::1"}],
        "nameservers": SERVERS,
    }
    assert network["ethernets"]["ens192"]["dhcp4-overrides"] == {"use-dns": False}
    assert len(parse(network, NICS).devices) == 2


def test_interfaces_that_are_not_there_are_left_out():
    assert customization(TWO).network([]) is None
    assert customization(b"").network(NICS) is None


def test_nonsense_is_an_empty_specification():
    assert customization(b"\xff\xfe[[\n=\n[x\n]").sections in ({}, {"[": {}}, {"": {}})
