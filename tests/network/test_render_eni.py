import subprocess

import pytest
import yaml

from cloudboot.network import parse
from cloudboot.network.eni_hooks import hook_files
from cloudboot.network.model import Target
from cloudboot.network.parse_eni import parse_eni
from cloudboot.network.render_eni import render_eni
from tests import needs
from tests.network.examples import DOCUMENTS


def stanzas(document, target=None):
    """The text below the head, from the stanza of the loopback on."""
    made = render_eni(parse(yaml.safe_load(document) if isinstance(document, str) else document), target or Target())
    text = made.files[0].content.decode()
    return text[text.index("auto lo") :]


def without_loopback(text):
    return text.partition("\n\n")[2]


def test_an_interface_on_dhcp_is_two_lines():
    assert stanzas(DOCUMENTS["v1 dhcp"]) == (
        "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n"
    )  # fmt: skip


def test_every_address_is_a_stanza_and_the_device_is_said_in_the_first():
    assert (
        without_loopback(stanzas(DOCUMENTS["v1 static"]))
        == """\
auto lan0
iface lan0 inet static
    address 192.0.2.10/24
    gateway 192.0.2.1
    dns-nameservers 192.0.2.53
    dns-search example.net
    mtu 9000

# control-alias lan0
iface lan0 inet6 static
    address 2001:db8:0:1::a/64
    gateway 2001:db8:0:1::1
"""
    )


def test_routes_stand_with_their_family_and_do_not_fail_the_interface():
    assert (
        without_loopback(stanzas(DOCUMENTS["v1 routes"]))
        == """\
auto eth0
iface eth0 inet static
    address 192.0.2.10/24
    post-up ip route add 198.51.100.0/24 via 192.0.2.2 metric 7 || true
    pre-down ip route del 198.51.100.0/24 via 192.0.2.2 metric 7 || true
    post-up ip route add 203.0.113.7/32 via 192.0.2.3 || true
    pre-down ip route del 203.0.113.7/32 via 192.0.2.3 || true

# control-alias eth0
iface eth0 inet6 static
    address 2001:db8::2/64
    post-up ip -family inet6 route add 2001:db8:9::/48 via fe80::1 || true
    pre-down ip -family inet6 route del 2001:db8:9::/48 via fe80::1 || true

post-up ip route add 10.0.0.0/8 via 192.0.2.4 metric 3 || true
pre-down ip route del 10.0.0.0/8 via 192.0.2.4 metric 3 || true
"""
    )


def test_a_guest_without_ip_uses_route():
    text = stanzas(DOCUMENTS["v1 routes"], Target(ip_command=False))
    assert "    post-up route add -net 198.51.100.0/24 gw 192.0.2.2 metric 7 || true\n" in text
    assert "    post-up route add -host 203.0.113.7/32 gw 192.0.2.3 || true\n" in text
    assert "    pre-down route del -A inet6 2001:db8:9::/48 gw fe80::1 || true\n" in text


def test_a_bond_repeats_its_options_with_its_members():
    text = stanzas(DOCUMENTS["v1 bond"])
    assert "auto lan0\niface lan0 inet manual\n    bond-lacp-rate fast\n    bond-master bond0\n" in text
    assert "    bond-slaves none\n    bond-xmit-hash-policy layer3+4\n    hwaddress 02:00:5e:10:00:01\n" in text
    assert "all-slaves-active" not in text, "zero is what the kernel does anyway"


def test_a_bridge_names_each_port_with_its_options():
    text = stanzas(DOCUMENTS["v1 bridge"])
    assert "    bridge-pathcost eth0 50\n    bridge-pathcost eth1 75\n" in text
    assert "    bridge-ports eth0 eth1\n    bridge-stp off\n" in text


def test_policies_tables_and_links_are_commands():
    text = stanzas(DOCUMENTS["v2 every kind of route"])
    assert (
        "    post-up ip route add 198.51.100.0/24 via 203.0.113.1 src 192.0.2.10 table 101 dev $IFACE onlink || true\n"
        in text
    )
    assert "    post-up ip rule add from 192.0.2.10 table 101 priority 10 || true\n" in text
    assert "    post-up ip -family inet6 rule add to 2001:db8:5::/48 fwmark 7 tos 16 table 102 || true\n" in text


def test_a_family_with_routes_and_no_address_gets_a_stanza_that_can_come_up():
    text = stanzas(DOCUMENTS["v2 an IPv6 route without an IPv6 address"])
    assert text.endswith("""
# control-alias eth0
iface eth0 inet6 manual
    post-up ip -family inet6 route add default via fe80::1 || true
    pre-down ip -family inet6 route del default via fe80::1 || true
""")


def test_name_servers_that_belong_to_nobody_stand_with_the_loopback():
    text = stanzas(DOCUMENTS["v1 name servers for all"])
    assert text.startswith("auto lo\niface lo inet loopback\n    dns-nameservers 192.0.2.53\n"
                           "    dns-search example.net example.org\n")  # fmt: skip


def test_name_servers_of_the_loopback_stand_with_it():
    made = stanzas("""{version: 1, config: [{type: loopback, name: lo, subnets: [
        {type: loopback, dns_nameservers: [192.0.2.53], dns_search: [example.net]}]}]}""")
    assert made == ("auto lo\niface lo inet loopback\n    dns-nameservers 192.0.2.53\n    dns-search example.net\n")


def test_accept_ra_is_carried_out_by_a_hook_of_ours():
    made = hook_files(parse(DOCUMENTS["v1 router advertisements refused"]))
    assert [(f.path, f.mode) for f in made] == [
        ("/etc/network/if-pre-up.d/cloudboot-accept-ra", 0o755),
        ("/etc/network/if-up.d/cloudboot-accept-ra", 0o755),
    ]
    assert hook_files(parse(DOCUMENTS["v1 dhcp"])) == ()


def test_a_size_of_the_first_address_takes_the_place_of_the_devices():
    text = stanzas(DOCUMENTS["v1 its own sizes"])
    assert text.count("mtu") == 2
    assert "    mtu 8000\n" in text
    assert "    mtu 1500\n" in text


def test_router_advertisements_are_a_matter_of_ipv6_stanzas():
    text = stanzas("{version: 1, config: [{type: physical, name: e, accept-ra: false, subnets: [{type: static, "
                   "address: 192.0.2.1/24}, {type: static, address: '2001:db8::1/64'}]}]}")  # fmt: skip
    assert text.endswith("iface e inet6 static\n    address 2001:db8::1/64\n    accept-ra 0\n")


@pytest.mark.parametrize(
    "name, said",
    [
        ("v2 dhcp and a route of its own", "eth0: nameservers: ifupdown needs an address to tie them to; left out"),
        (
            "v2 found by name and driver",
            "all: match.name: what is written for ifupdown names one device; all is taken for the name",
        ),
        ("v2 vrf", "blue: ifupdown knows no vrf devices; it is left out"),
        ("v2 every override", "eth0: dhcp4-overrides.use-routes: not written for ifupdown"),
        ("v2 every setting", "eth0: ipv6-privacy: not written for ifupdown"),
        ("v2 every kind of route", "eth0: routes.mtu: not written for ifupdown"),
        ("v1 kept and optional", "eth0: critical: not written for ifupdown"),
        ("v1 name servers for all", ("nameserver 2001:db8::53: ifupdown has no IPv6 stanza that belongs to no "
         "interface; left out")),
    ],
)  # fmt: skip
def test_what_ifupdown_cannot_hold_is_named(name, said):
    assert said in render_eni(parse(DOCUMENTS[name])).warnings


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_ifupdown_reads_every_file(name, tmp_path):
    file = tmp_path / "interfaces"
    file.write_bytes(render_eni(parse(DOCUMENTS[name])).files[0].content)
    needs.program("/sbin/ifquery")
    listed = subprocess.run(["/sbin/ifquery", "-i", file, "--list"], capture_output=True, text=True)
    assert (listed.returncode, listed.stderr) == (0, "")
    for interface in listed.stdout.split():
        asked = subprocess.run(["/sbin/ifquery", "-i", file, interface], capture_output=True, text=True)
        assert (asked.returncode, asked.stderr) == (0, ""), interface


@pytest.mark.parametrize("name", sorted(n for n in DOCUMENTS if n.startswith("v1")))
def test_what_was_written_is_read_back_as_the_same_devices_with_the_same_addresses(name):
    network = parse(DOCUMENTS[name])
    again = parse_eni(render_eni(network).files[0].content.decode())

    def seen(found):
        kinds = {"ipv6_dhcpv6-stateful": "dhcp6"}  # ifupdown has one word for both
        return {
            d.name: (
                d.kind,
                sorted(
                    (kinds.get(s.kind, s.kind), s.address, s.prefix, s.gateway) for s in d.subnets if s.v6 or s.address
                ),
                (d.link, d.vlan_id),
            )
            for d in found.devices
            if d.name != "lo"
        }

    assert seen(again) == seen(network)


def test_ipv4_routes_stay_where_they_are_while_no_stanza_has_an_ipv4_address():
    made = stanzas("""{version: 1, config: [{type: physical, name: eth0, subnets: [
        {type: dhcp6, routes: [{network: 198.51.100.0/24, gateway: 192.0.2.1}]}]}]}""")
    assert (
        without_loopback(made)
        == """\
auto eth0
iface eth0 inet6 dhcp
    post-up ip route add 198.51.100.0/24 via 192.0.2.1 || true
    pre-down ip route del 198.51.100.0/24 via 192.0.2.1 || true
"""
    )


def test_the_first_stanza_that_comes_up_at_boot_says_so_for_the_rest():
    subnets = ", ".join(f"{{type: static, address: 192.0.2.{n}/24, control: {word}}}"
                        for n, word in enumerate(("manual", "auto", "manual", "auto"), 1))  # fmt: skip
    made = stanzas(f"{{version: 1, config: [{{type: physical, name: eth0, subnets: [{subnets}]}}]}}")
    lines = [line for line in without_loopback(made).splitlines() if line.endswith(" eth0")]
    assert lines == ["# control-manual eth0", "auto eth0", "# control-alias eth0", "# control-alias eth0"]


def test_stanzas_after_the_first_with_name_servers_say_those_of_their_family_again():
    made = stanzas("""{version: 1, config: [{type: physical, name: eth0, subnets: [
        {type: static, address: 192.0.2.1/24},
        {type: static, address: 192.0.2.2/24, dns_nameservers: [192.0.2.53, "2001:db8::53"]},
        {type: dhcp}, {type: dhcp6}]}]}""")
    servers = [line.split()[1:] for line in made.splitlines() if "dns-nameservers" in line]
    assert servers == [["192.0.2.53"], ["192.0.2.53"], ["2001:db8::53"]]
