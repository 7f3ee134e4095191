import pytest
import yaml

from cloudboot.errors import Invalid
from cloudboot.network import parse
from cloudboot.network.model import Device, Dns, Match, Route, Rule, Subnet
from cloudboot.values import Nic


def network(text, nics=()):
    return parse({"version": 2, **yaml.safe_load(text)}, nics)


def ethernet(text, nics=()):
    return network(f"ethernets: {{nic0: {{{text}}}}}", nics).devices[0]


def complaint(text):
    with pytest.raises(Invalid) as wrong:
        network(text)
    return str(wrong.value)


def test_the_key_is_the_name_where_nothing_else_says_it():
    assert ethernet("dhcp4: yes").name == "nic0"


def test_the_name_to_set_counts_before_the_present_name_of_the_address():
    nics = [Nic("ens3", "02:00:00:00:00:AA")]
    assert ethernet("match: {macaddress: '02:00:00:00:00:aa'}", nics).name == "ens3"
    found = ethernet("match: {macaddress: '02:00:00:00:00:aa'}, set-name: lan0", nics)
    assert (found.name, found.id, found.renamed) == ("lan0", "nic0", True)
    assert found.match == Match(mac="02:00:00:00:00:aa")


def test_dhcp_comes_before_addresses_and_a_gateway_goes_to_the_first_address_of_its_family():
    found = ethernet(
        "dhcp4: true, dhcp4-overrides: {route-metric: 7}, addresses: [192.0.2.1/24, '2001:db8::1/48', 192.0.2.2/25], "
        "gateway4: 192.0.2.254, gateway6: 'fe80::1', nameservers: {addresses: [192.0.2.53], search: [example.net]}"
    )
    dns = Dns(("192.0.2.53",), ("example.net",))
    assert found.subnets == (
        Subnet("dhcp4", metric=7),
        Subnet("static", "192.0.2.1", 24, gateway="192.0.2.254", dns=dns),
        Subnet("static", "2001:db8::1", 48, gateway="fe80::1"),
        Subnet("static", "192.0.2.2", 25),
    )
    assert found.dns == dns


def test_a_gateway_without_an_address_is_left_out_and_named():
    found = network("ethernets: {eth0: {dhcp4: true, gateway4: 192.0.2.1}}")
    assert found.warnings == ("ethernets.eth0.gateway4: there is no address of that family to go with it; left out",)


def test_a_route_has_all_that_netplan_knows_of_it():
    found = ethernet(
        "routes: [{to: default, via: 'fe80::1', metric: 0}, {to: 10.0.0.0/8, via: 192.0.2.1, table: 5, mtu: 1400, "
        "on-link: true, from: 192.0.2.9, type: unicast, scope: global, congestion-window: 1, "
        "advertised-receive-window: 2, advertised-mss: 3}, {to: 192.0.2.7}]"
    )
    assert found.routes == (
        Route("::", 0, "fe80::1", 0),
        Route("10.0.0.0", 8, "192.0.2.1", None, 5, 1400, True, "192.0.2.9", "unicast", "global", 1, 2, 3),
        Route("192.0.2.7", 32),
    )


def test_a_routing_policy_is_a_rule():
    found = ethernet("routing-policy: [{from: 192.0.2.1, table: 5, priority: 1, mark: 7, type-of-service: 16}]")
    assert found.rules == (Rule("192.0.2.1", "", 5, 1, 7, 16),)


def test_links_and_members_are_named_by_interface_not_by_key():
    found = network("""
    ethernets: {nic0: {match: {macaddress: '02:00:00:00:00:aa'}, set-name: lan0}}
    bridges: {br0: {interfaces: [nic0]}}
    vlans: {v7: {id: 7, link: nic0}}
    vrfs: {blue: {table: 9, interfaces: [v7]}}
    """)
    assert found.named()["lan0"].bridge == "br0"
    assert (found.named()["v7"].link, found.named()["v7"].vlan_id, found.named()["v7"].vrf) == ("lan0", 7, "blue")
    assert found.named()["blue"].options == {"table": 9}


def test_bond_options_take_the_kernels_names_in_every_spelling():
    found = network("""
    bonds: {b0: {interfaces: [eth0], parameters: {mode: 802.3ad, arp-ip-targets: [192.0.2.1], gratuitious-arp: 2,
                 all-members-active: true, packets-per-member: 3}}}
    """)
    assert found.named()["b0"].parameters == {
        "mode": "802.3ad", "arp_ip_target": ("192.0.2.1",), "num_grat_arp": 2, "all_slaves_active": True,
        "packets_per_slave": 3}  # fmt: skip
    assert found.named()["eth0"] == Device("eth0", "physical", id="eth0", bond="b0")


def test_overrides_are_read_as_what_they_are():
    found = ethernet("dhcp4: true, dhcp4-overrides: {use-dns: no, use-domains: route, hostname: web1, route-metric: 5}")
    assert found.dhcp4_overrides == {"use-dns": False, "use-domains": "route", "hostname": "web1", "route-metric": 5}


def test_the_document_is_kept_whole():
    document = {"version": 2, "renderer": "networkd", "wifis": {"w": {"access-points": {"a": {}}}}}
    assert parse({"network": document}).document is document


def test_unknown_keys_are_named():
    found = network("ethernets: {eth0: {dhcp: true, match: {colour: red}}}\nrouters: {}")
    assert found.warnings == (
        "ethernets.eth0.match.colour: no such key here; left out",
        "ethernets.eth0.dhcp: cloudboot knows no such key; only netplan may know it; did you mean dhcp6?",
        "routers: no such key here; left out",
    )


@pytest.mark.parametrize(
    "text, said",
    [
        ("ethernets: [eth0]", "ethernets: expected a mapping, got a list"),
        ("ethernets: {eth0: [1]}", "ethernets.eth0: expected a mapping, got a list"),
        ("ethernets: {eth0: {dhcp4: perhaps}}", "ethernets.eth0.dhcp4: expected true or false, got text"),
        ("ethernets: {eth0: {mtu: big}}", "ethernets.eth0.mtu: expected a whole number, got text"),
        ("ethernets: {eth0: {addresses: [192.0.2.1/33]}}", ("ethernets.eth0.addresses[0]: this prefix is longer than "
         "the address")),
        ("ethernets: {eth0: {routes: [{via: 192.0.2.1}]}}", "ethernets.eth0.routes[0].to: this key is missing"),
        ("ethernets: {eth0: {set-name: ../x}}", ("ethernets.eth0: no interface can have this name; use letters, "
         "digits, dots and dashes")),
        ('ethernets: {eth0: {nameservers: {addresses: ["1.1.1.1\\nx"]}}}',
         "ethernets.eth0.nameservers.addresses[0]: a line break or control character"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_path(text, said):
    assert complaint(text) == said


def test_a_name_to_match_that_is_no_pattern_is_the_name():
    assert ethernet("match: {name: ens3}").name == "ens3"
    assert ethernet("match: {name: 'en*'}").name == "nic0"


def test_what_is_no_address_is_left_out_and_named_and_the_others_count():
    text = "{addresses: [nonsense, 10.0.0.300/24, 192.0.2.1/24, 'fe80::1%nic0/64'], gateway4: gate, gateway6: '::x'}"
    found = network(f"ethernets: {{nic0: {text}}}")
    assert [subnet.address for subnet in found.devices[0].subnets] == ["192.0.2.1", "fe80::1%nic0"]
    assert [warning.partition(":")[0] for warning in found.warnings] == [
        f"ethernets.nic0.{key}" for key in ("gateway4", "gateway6", "addresses[0]", "addresses[1]")
    ]


def test_blanks_around_an_address_are_none_of_it_and_only_ipv6_has_zones():
    found = network("ethernets: {nic0: {addresses: [' 192.0.2.1/24 ', '192.0.2.2%nic0/24'], gateway4: '192.0.2.9 '}}")
    assert [(s.address, s.gateway) for s in found.devices[0].subnets] == [("192.0.2.1", "192.0.2.9")]
