import pytest

from cloudboot.errors import Invalid
from cloudboot.network import parse
from cloudboot.network.model import Route
from cloudboot.network.parse_dracut import dracut_config
from cloudboot.values import Nic


def network(line, first="eth0"):
    document = dracut_config(line.split(), (Nic("ens9", "02:00:00:00:00:09"),), first)
    return document and parse(document)


def device(line):
    [found] = network(line).devices
    return found


@pytest.mark.parametrize("word, kind", [("dhcp", "dhcp4"), ("on", "dhcp4"), ("dhcp6", "dhcp6"), ("auto6", "ipv6_slaac"),
                                        ("dhcp,1,a1b2", "dhcp4")])  # fmt: skip
def test_a_lone_word_is_for_the_first_interface(word, kind):
    found = device(f"ro ip={word} quiet")
    assert (found.name, found.subnets[0].kind) == ("eth0", kind)


def test_an_interface_may_have_a_way_a_size_and_an_address():
    found = device("ip=ens3:dhcp:1400:02:00:00:00:00:01")
    assert (found.name, found.subnets[0].kind, found.mtu, found.match.mac) == (
        "ens3", "dhcp4", 1400, "02:00:00:00:00:01")  # fmt: skip


def test_a_fixed_address_has_seven_fields_and_name_servers_or_a_size_behind():
    found = device("ip=192.0.2.10::192.0.2.1:255.255.255.0:web1:ens3:none:192.0.2.53:192.0.2.54")
    assert (found.name, found.subnets[0].cidr, found.subnets[0].gateway) == ("ens3", "192.0.2.10/24", "192.0.2.1")
    assert found.subnets[0].dns.servers == ("192.0.2.53", "192.0.2.54")
    found = device("ip=[2001:db8::10]::[2001:db8::1]:64::ens3:none:1400")
    assert (found.subnets[0].cidr, found.subnets[0].gateway, found.mtu) == ("2001:db8::10/64", "2001:db8::1", 1400)


def test_without_an_address_seven_fields_are_a_way():
    assert device("ip=:::::ens3:dhcp").subnets[0].kind == "dhcp4"


def test_bonds_vlans_and_bridges():
    found = network("bond=bond0:em1,em2:mode=active-backup,arp_ip_target=192.0.2.1;192.0.2.2:1400 "
                    "vlan=bond0.0005:bond0 bridge=br0:em3 ip=bond0.0005:dhcp ip=br0:dhcp").named()  # fmt: skip
    assert (found["bond0"].members, found["bond0"].mtu) == (("em1", "em2"), 1400)
    assert found["bond0"].parameters == {"mode": "active-backup", "arp_ip_target": "192.0.2.1,192.0.2.2"}
    assert (found["bond0.0005"].link, found["bond0.0005"].vlan_id) == ("bond0", 5)
    assert found["br0"].members == ("em3",)
    assert network("ip=bond0:dhcp bond=").named()["bond0"].members == ("eth0", "eth1")


def test_names_routes_and_name_servers_have_words_of_their_own():
    found = network("ip=lan0:dhcp ifname=lan0:02:00:00:00:00:01 nameserver=192.0.2.53 nameserver=[2001:db8::53] "
                    "rd.route=10.0.0.0/8:192.0.2.1:lan0 rd.route=[2001:db8:1::]/48:[fe80::1]")  # fmt: skip
    assert found.named()["lan0"].match.mac == "02:00:00:00:00:01"
    assert found.named()["lan0"].all_routes == (Route("10.0.0.0", 8, "192.0.2.1"),)
    assert found.dns.servers == ("192.0.2.53", "2001:db8::53")


@pytest.mark.parametrize("line", ["ro quiet", "ip=off", "ip=none", "ip=ibft", "nameserver=192.0.2.53"])
def test_what_asks_for_no_network_describes_none(line):
    assert network(line) is None


@pytest.mark.parametrize("line", ["ip=smoke", "ip=a:b:c", "vlan=blue:eth0 ip=dhcp"])
def test_what_makes_no_sense_is_refused(line):
    with pytest.raises(Invalid):
        network(line)


def test_the_interface_that_the_firmware_booted_from_is_known_by_its_address():
    assert device("ip=::::web1:BOOTIF BOOTIF=01-02-00-00-00-00-09").name == "ens9"
    assert device("ip=dhcp bootdev=ens7").name == "ens7"
    assert network("ip=::::web1:BOOTIF") is None
