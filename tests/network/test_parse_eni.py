import pytest

from cloudboot.errors import Invalid
from cloudboot.network.model import Route
from cloudboot.network.parse_eni import parse_eni


def network(text, sources=None):
    return parse_eni("\n".join(line.strip() for line in text.splitlines()), sources)


def test_stanzas_of_one_name_and_its_aliases_are_one_interface():
    found = network("""
        auto lo
        iface lo inet loopback
        auto eth0 eth0:1
        iface eth0 inet static
            address 192.0.2.10
            netmask 255.255.255.0
            gateway 192.0.2.1
            dns-nameservers 192.0.2.53 192.0.2.54
            dns-search example.net
        iface eth0:1 inet static
            address 192.0.2.11/24
        iface eth0 inet6 auto
    """)
    eth0 = found.named()["eth0"]
    assert [(s.kind, s.cidr) for s in eth0.subnets] == [
        ("static", "192.0.2.10/24"), ("static", "192.0.2.11/24"), ("ipv6_slaac", "/0")]  # fmt: skip
    assert {s.control for s in eth0.subnets} == {"auto"}
    assert eth0.subnets[0].gateway == "192.0.2.1"
    assert eth0.subnets[0].dns.servers == ("192.0.2.53", "192.0.2.54")
    assert found.named()["lo"].kind == "loopback"


def test_who_is_not_told_to_start_waits_for_hand_or_for_the_hardware():
    found = network("""
        allow-hotplug eth0
        iface eth0 inet dhcp
        iface eth1 inet6 dhcp
    """)
    assert [(d.subnets[0].kind, d.subnets[0].control) for d in found.devices] == [
        ("dhcp4", "hotplug"), ("dhcp6", "manual")]  # fmt: skip


def test_bonds_bridges_and_vlans_are_known_by_their_options():
    found = network("""
        auto eth0
        iface eth0 inet manual
            bond-master bond0
        auto bond0
        iface bond0 inet manual
            bond-slaves none
            bond-mode 802.3ad
            bond_miimon 100
        iface bond0.5 inet static
            vlan-raw-device bond0
            address 192.0.2.1/24
        iface br0 inet dhcp
            bridge_ports eth1 eth2
            bridge_pathcost eth1 50
            bridge_pathcost eth2 75
    """)
    assert found.named()["bond0"].members == ("eth0",)
    assert found.named()["bond0"].parameters == {"mode": "802.3ad", "miimon": "100"}
    assert (found.named()["bond0.5"].link, found.named()["bond0.5"].vlan_id) == ("bond0", 5)
    assert found.named()["br0"].parameters == {"pathcost": {"eth1": 50, "eth2": 75}}
    assert found.named()["eth2"].bridge == "br0"


def test_commands_that_add_routes_are_routes_and_other_commands_are_named():
    found = network("""
        iface eth0 inet static
            address 192.0.2.1/24
            post-up ip route add 10.0.0.0/8 via 192.0.2.2 metric 5 || true
            pre-down ip route del 10.0.0.0/8 via 192.0.2.2 metric 5 || true
            up /sbin/ip -6 route add default via fe80::1
            up logger up
    """)
    assert found.devices[0].all_routes == (Route("10.0.0.0", 8, "192.0.2.2", 5), Route("::", 0, "fe80::1"))
    assert found.warnings == ("line 7: up: not understood; left out",)


def test_a_line_goes_on_after_a_backslash_and_a_comment_is_nothing():
    found = network("iface eth0 inet static\n# address 192.0.2.2\naddress \\\n192.0.2.1/24\n")
    assert found.devices[0].subnets[0].cidr == "192.0.2.1/24"


def test_other_files_are_read_where_there_is_somebody_to_fetch_them():
    files = {("interfaces.d/*", False): [("interfaces.d/a", "iface eth0 inet dhcp\n")]}
    found = network("source interfaces.d/*", lambda pattern, folder: files[(pattern, folder)])
    assert [d.name for d in found.devices] == ["eth0"]
    assert network("source interfaces.d/*").warnings == ("line 1: source: other files are not read here; left out",)


def test_files_that_name_each_other_end():
    found = network("source a", lambda pattern, folder: [("a", "source a\niface eth0 inet dhcp\n")])
    assert len(found.warnings) == 1


@pytest.mark.parametrize("text", ["address 192.0.2.1", "iface eth0 inet"])
def test_what_is_wrong_is_said_with_its_line(text):
    with pytest.raises(Invalid, match="line 1: "):
        network(text)
