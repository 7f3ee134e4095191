import pytest

from cloudboot.errors import Invalid
from cloudboot.network.parse_klibc import klibc_config
from cloudboot.values import Nic

DHCP = """DEVICE='eth0'
PROTO='dhcp'
IPV4ADDR='192.0.2.10'
IPV4BROADCAST='192.0.2.255'
IPV4NETMASK='255.255.255.0'
IPV4GATEWAY='192.0.2.1'
IPV4DNS0='192.0.2.53'
IPV4DNS1='0.0.0.0'
DOMAINSEARCH='a.example, b.example'
"""


def test_a_lease_is_an_interface_on_dhcp_that_is_up_already():
    assert klibc_config({"/run/net-eth0.conf": DHCP}, (Nic("eth0", "02:00:00:00:00:AA"),)) == {
        "version": 1,
        "config": [{"type": "physical", "name": "eth0", "mac_address": "02:00:00:00:00:aa", "subnets": [
            {"type": "dhcp", "control": "manual", "netmask": "255.255.255.0", "broadcast": "192.0.2.255",
             "gateway": "192.0.2.1", "dns_nameservers": ["192.0.2.53"], "dns_search": ["a.example", "b.example"]}]}],
    }  # fmt: skip


def test_both_families_of_one_interface_are_one_interface():
    six = "DEVICE6=eth0\nIPV6PROTO=none\nIPV6ADDR=2001:db8::1\nIPV6NETMASK=64\nIPV6GATEWAY=fe80::1\n"
    config = klibc_config({"/run/net6-eth0.conf": six, "/run/net-eth0.conf": DHCP})["config"]
    assert [s["type"] for s in config[0]["subnets"]] == ["dhcp", "static"]
    assert config[0]["subnets"][1] == {"type": "static", "control": "manual", "address": "2001:db8::1",
                                       "netmask": "64", "gateway": "fe80::1"}  # fmt: skip


def test_without_a_protocol_a_boot_file_means_dhcp():
    kinds = [klibc_config({"n": f"DEVICE=e\nIPV4ADDR=192.0.2.1\n{more}"}) for more in ("", "filename='/boot'\n")]
    assert [k["config"][0]["subnets"][0]["type"] for k in kinds] == ["static", "dhcp"]


def test_nothing_described_is_nothing():
    assert klibc_config({"/run/net-eth0.conf": "IPV4ADDR=192.0.2.1\n"}) is None


def test_a_protocol_that_is_none_is_refused():
    with pytest.raises(Invalid, match="/run/net-e.conf: the initramfs names a protocol that is none"):
        klibc_config({"/run/net-e.conf": "DEVICE=e\nPROTO=smoke\nIPV4ADDR=192.0.2.1\n"})
