import pytest

from cloudboot.errors import Invalid
from cloudboot.network import parse
from cloudboot.network.parse_vmware import vmware_config
from cloudboot.values import Nic

MAC1, MAC2 = "00:50:56:00:00:01", "00:50:56:00:00:02"
STATIC = f"""
[NETWORK]
HOSTNAME = web1
[NIC-CONFIG]
NICS = NIC1, NIC2
[NIC1]
MACADDR = {MAC1}
PRIMARY = %s
ONBOOT = yes
BOOTPROTO = static
IPADDR = 192.0.2.10
NETMASK = 255.255.255.0
GATEWAY = 192.0.2.1, 192.0.2.2
IPv6ADDR|1 = 2001:db8::10
IPv6NETMASK|1 = 48
IPv6GATEWAY|1 = 2001:db8::1
[NIC2]
MACADDR = 00-50-56-00-00-02
BOOTPROTO = dhcp
[DNS]
NAMESERVER|2 = 192.0.2.54
NAMESERVER|1 = 192.0.2.53
SUFFIX|1 = example.net
"""


def test_the_primary_nic_has_one_default_route_of_each_family():
    found = vmware_config(STATIC % "true", (Nic("ens192", MAC1.upper()),))
    assert found["ethernets"]["ens192"] == {
        "match": {"macaddress": MAC1},
        "set-name": "ens192",
        "wakeonlan": True,
        "dhcp4": False,
        "addresses": ["192.0.2.10/24", "2001:db8::10/48"],
        "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}, {"to": "::/0", "via": "2001:db8::1"}],
        "dhcp6": False,
        "nameservers": {"addresses": ["192.0.2.53", "192.0.2.54"], "search": ["example.net"]},
    }  # fmt: skip
    assert found["ethernets"]["NIC2"]["dhcp4-overrides"] == {"use-dns": False}
    parse(found)


def test_without_a_primary_nic_a_gateway_serves_its_own_network():
    found = vmware_config(STATIC % "no")["ethernets"]["NIC1"]
    assert found["routes"] == [
        {"to": "192.0.2.0/24", "via": "192.0.2.1"},
        {"to": "192.0.2.0/24", "via": "192.0.2.2"},
        {"to": "2001:db8::/48", "via": "2001:db8::1"},
    ]


def test_ipv4_may_be_off():
    text = f"[NIC-CONFIG]\nNICS=NIC1\n[NIC1]\nMACADDR={MAC2}\nIPv4_MODE=disabled\n"
    assert vmware_config(text)["ethernets"]["NIC1"] == {
        "match": {"macaddress": MAC2},
        "set-name": "NIC1",
        "wakeonlan": False,
        "dhcp4": False,
    }


@pytest.mark.parametrize(
    "text",
    ["[NIC-CONFIG]\nNICS = NIC1\n", "[NIC-CONFIG]\nNICS = NIC1\n[NIC1]\nBOOTPROTO = dhcp\n",
     STATIC.replace("255.255.255.0", "255.0.255.0"), STATIC.replace("192.0.2.1,", "here,") % "no"],
)  # fmt: skip
def test_what_cannot_be_is_refused(text):
    with pytest.raises(Invalid):
        vmware_config(text)
