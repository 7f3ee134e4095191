import pytest
import yaml

from cloudboot.network import parse
from cloudboot.network.render_networkd import render_networkd
from tests.network.examples import DOCUMENTS


def files(document):
    """The text of each file below its head, by its name without the start that all have in common."""
    document = yaml.safe_load(document) if isinstance(document, str) else document
    found = {}
    for spec in render_networkd(parse(document)).files:
        name = spec.path.replace("/etc/systemd/network/10-cloudboot-", "")
        found[name] = spec.content.decode().partition("\n[")[2].join(("[", ""))
    return found


def ethernet(text):
    return files(f"{{version: 2, ethernets: {{eth0: {{{text}}}}}}}")["eth0.network"]


def test_dhcp_is_a_word_for_the_families():
    for said, word in (
        ("dhcp4: true", "ipv4"),
        ("dhcp6: true", "ipv6"),
        ("dhcp4: true, dhcp6: true", "yes"),
        ("", "no"),
    ):
        assert ethernet(said) == f"[Match]\nName=eth0\n\n[Network]\nDHCP={word}\n"


def test_a_static_interface_has_a_section_for_each_address_and_gateway():
    assert (
        files(DOCUMENTS["v1 static"])["lan0.network"]
        == """\
[Match]
Name=lan0
MACAddress=02:00:5e:10:00:01

[Link]
MTUBytes=9000

[Network]
DHCP=no
DNS=192.0.2.53
Domains=example.net

[Address]
Address=192.0.2.10/24

[Address]
Address=2001:db8:0:1::a/64

[Route]
Gateway=192.0.2.1

[Route]
Gateway=2001:db8:0:1::1
"""
    )


def test_a_gateway_outside_of_the_subnet_is_on_the_link():
    assert "Gateway=198.51.100.1\nGatewayOnLink=yes\n" in files(DOCUMENTS["v1 gateway outside of the subnet"])[
        "eth0.network"]  # fmt: skip


def test_a_route_says_all_that_is_said_of_it():
    text = files(DOCUMENTS["v2 every kind of route"])["eth0.network"]
    assert (
        """\
[Route]
Destination=198.51.100.0/24
Gateway=203.0.113.1
GatewayOnLink=yes
Table=101
PreferredSource=192.0.2.10
MTUBytes=1400
"""
        in text
    )
    assert "[Route]\nDestination=10.8.0.0/16\nType=blackhole\n" in text
    assert "[RoutingPolicyRule]\nTo=2001:db8:5::/48\nTable=102\nFirewallMark=7\nTypeOfService=16\n" in text


def test_a_route_of_no_interface_goes_to_the_one_that_reaches_its_gateway_else_to_all_with_addresses():
    assert "Destination=10.0.0.0/8" in files(DOCUMENTS["v1 routes"])["eth0.network"]
    config = [{"type": "physical", "name": "eth0", "subnets": [{"type": "dhcp"}]}, {"type": "physical", "name": "eth1"},
              {"type": "route", "destination": "10.0.0.0/8", "gateway": "192.0.2.4"}]  # fmt: skip
    made = files({"version": 1, "config": config})
    assert "Destination=10.0.0.0/8" in made["eth0.network"]
    assert "Destination" not in made["eth1.network"]


def test_overrides_stand_in_the_section_of_their_family():
    made = files(DOCUMENTS["v2 every override"])
    assert made["eth0.network"].endswith("""
[DHCPv4]
UseDNS=False
UseDomains=route
UseHostname=False
UseMTU=False
UseNTP=False
UseRoutes=False
SendHostname=False
Hostname=web1
RouteMetric=77
""")
    assert made["eth1.network"].endswith("[DHCPv6]\nUseDNS=False\nUseNTP=False\n\n[IPv6AcceptRA]\nRouteMetric=78\n")


def test_settings_of_ipv6_and_of_the_link():
    made = files(DOCUMENTS["v2 every setting"])
    for line in ("IPv6PrivacyExtensions=yes", "LinkLocalAddressing=ipv4", "IPv6MTUBytes=1300", "RequiredForOnline=no",
                 "MACAddress=02:00:5e:20:00:09", "KeepConfiguration=yes", "EmitLLDP=yes",
                 "IPv6LinkLocalAddressGenerationMode=eui64"):  # fmt: skip
        assert f"{line}\n" in made["eth0.network"]
    for line in (
        "ActivationPolicy=manual",
        "LinkLocalAddressing=no",
        "Token=static:::2",
        "ConfigureWithoutCarrier=yes",
    ):
        assert f"{line}\n" in made["eth1.network"]


def test_waking_on_lan_is_a_matter_of_a_link_file():
    assert files(DOCUMENTS["v2 vlan"])["lan0.link"].endswith(
        "[Match]\nMACAddress=02:00:5e:20:00:02\nType=ether\n\n"
        "[Link]\nNamePolicy=keep kernel database onboard slot path\nWakeOnLan=magic\n"
    )


def test_a_bond_is_built_and_its_members_and_the_first_of_them_are_told():
    made = files(DOCUMENTS["v2 bond of what is described nowhere"])
    assert made["bond0.netdev"] == "[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=active-backup\n"
    assert made["eth0.network"].endswith("DHCP=no\nBond=bond0\nPrimarySlave=yes\n")
    assert made["eth1.network"].endswith("DHCP=no\nBond=bond0\n")


def test_bond_options_take_networkds_names_and_units():
    text = files(DOCUMENTS["v1 bond"])["bond0.netdev"]
    assert text.endswith("""
[Bond]
Mode=802.3ad
MIIMonitorSec=100ms
LACPTransmitRate=fast
TransmitHashPolicy=layer3+4
AllSlavesActive=no
ResendIGMP=1
""")
    assert "ARPIPTargets=192.0.2.1 192.0.2.2\n" in files(DOCUMENTS["v1 bond that watches by ARP"])["bond0.netdev"]


def test_a_port_knows_its_bridge_and_what_it_costs():
    made = files(DOCUMENTS["v1 bridge"])
    assert made["eth0.network"].endswith("Bridge=br0\n\n[Bridge]\nCost=50\nPriority=28\n")
    assert made["br0.netdev"].endswith(
        "[Bridge]\nAgeingTimeSec=250\nPriority=22\nForwardDelaySec=2\nHelloTimeSec=1\nMaxAgeSec=12\n"
    )


def test_what_a_vlan_is_built_on_is_told():
    made = files(DOCUMENTS["v1 vlan over a bond"])
    assert made["bond0.network"].endswith("DHCP=no\nVLAN=bond0.40\n")
    assert made["bond0.40.netdev"].endswith(
        "Name=bond0.40\nKind=vlan\nMTUBytes=1400\nMACAddress=02:00:5e:10:00:09\n\n[VLAN]\nId=40\n"
    )


def test_routes_and_rules_of_a_vrf_are_in_its_table():
    made = files(DOCUMENTS["v2 vrf"])
    assert made["blue.netdev"].endswith("[VRF]\nTable=1000\n")
    assert "[Route]\nDestination=0.0.0.0/0\nGateway=192.0.2.1\nTable=1000\n" in made["blue.network"]
    assert made["blue.network"].endswith("[RoutingPolicyRule]\nFrom=192.0.2.10\nTable=1000\n")
    assert "VRF=blue\n" in made["eth0.network"]


def test_tunnels_of_every_make():
    made = files(DOCUMENTS["v2 tunnels"])
    assert made["sit0x.netdev"].endswith("[Tunnel]\nIndependent=yes\nLocal=192.0.2.10\nRemote=198.51.100.9\n")
    assert made["gre1.netdev"].endswith("TTL=64\nInputKey=5\nOutputKey=5\n")
    assert made["vx0.netdev"].endswith(
        "[VXLAN]\nRemote=198.51.100.9\nVNI=42\nLocal=192.0.2.10\nMacLearning=no\nDestinationPort=4789\n"
    )
    assert made["eth0.network"].partition("[Address]")[0].endswith("VXLAN=vx0\n\n")


def test_a_file_with_a_key_is_for_the_daemon_alone():
    [file] = [f for f in render_networkd(parse(DOCUMENTS["v2 wireguard"])).files if f.path.endswith("netdev")]
    assert (file.mode, file.owner, file.secret) == (0o640, "root:systemd-network", True)
    assert b"[WireGuardPeer]\nPublicKey=M9nt4Y" in file.content


def test_of_two_ends_of_a_cable_one_is_built_with_the_other():
    made = files(DOCUMENTS["v2 dummy and veth"])
    assert made["veth0.netdev"].endswith("Kind=veth\n\n[Peer]\nName=veth1\n")
    assert "veth1.netdev" not in made
    assert made["dm0.netdev"].endswith("Kind=dummy\n")


def test_a_pattern_stands_as_it_is():
    assert files(DOCUMENTS["v2 found by name and driver"])["all.network"].startswith(
        "[Match]\nName=en*\nDriver=virtio_net e1000\n"
    )


@pytest.mark.parametrize(
    "name, said",
    [
        ("v2 wifi", "wlan0: networkd knows no wifi devices; it is left out"),
        ("v2 every setting", "eth1: receive-checksum-offload: not written for networkd"),
    ],
)
def test_what_is_not_written_is_named(name, said):
    assert said in render_networkd(parse(DOCUMENTS[name])).warnings


def test_a_route_that_no_interface_can_reach_is_named():
    route = {"type": "route", "destination": "10.0.0.0/8", "gateway": "192.0.2.1"}
    made = render_networkd(parse({"version": 1, "config": [{"type": "physical", "name": "eth0"}, route]}))
    assert "Route" not in made.files[0].content.decode()
    assert made.warnings == ("route 10.0.0.0/8: no interface has an address to reach its gateway; left out",)
