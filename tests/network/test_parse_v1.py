import pytest
import yaml

from cloudboot.errors import Invalid
from cloudboot.network import parse
from cloudboot.network.model import Device, Dns, Match, Route, Subnet
from cloudboot.network.source import disabled


def network(text):
    return parse({"version": 1, "config": yaml.safe_load(text)})


def device(text):
    return network(f"[{text}]").devices[0]


def subnet(text):
    return device(f"{{type: physical, name: eth0, subnets: [{{{text}}}]}}").subnets[0]


def complaint(document):
    with pytest.raises(Invalid) as wrong:
        parse(document)
    return str(wrong.value)


def test_a_physical_interface_is_found_by_its_mac_address_and_gets_its_name():
    found = device("{type: physical, name: lan0, mac_address: '02:AA:5e:10:00:01', mtu: 9000}")
    assert found == Device("lan0", "physical", id="lan0", match=Match(mac="02:aa:5e:10:00:01"), renamed=True, mtu=9000)


def test_the_mac_address_of_a_bond_is_one_to_set():
    found = device("{type: bond, name: b0, mac_address: '02:00:00:00:00:01', bond_interfaces: []}")
    assert (found.mac, found.match) == ("02:00:00:00:00:01", Match())


def test_a_mac_address_of_plain_digits_without_quotes_is_read_back_from_the_number_it_became():
    assert device("{type: physical, name: e, mac_address: 11:22:33:44:55:06}").match.mac == "11:22:33:44:55:06"


@pytest.mark.parametrize(
    "said, prefix",
    [
        ("type: static, address: 192.0.2.1/25, netmask: 255.0.0.0", 25),
        ("type: static, address: 192.0.2.1, netmask: 255.255.240.0", 20),
        ("type: static, address: 192.0.2.1, netmask: 20", 20),
        ("type: static, address: 192.0.2.1/255.255.0.0", 16),
        ("type: static, address: 192.0.2.1", 24),
        ("type: static, address: '2001:db8::1'", 64),
        ("type: static6, address: '2001:db8::1', netmask: 'ffff:ffff::'", 32),
        ("type: static6, ip_address: '2001:db8::1', prefix: 48", 48),
    ],
)
def test_the_prefix_comes_from_the_address_then_the_mask_then_the_custom_of_the_family(said, prefix):
    assert subnet(said).prefix == prefix


@pytest.mark.parametrize("mask", ["255.0.255.0", "33", "no mask", "256.0.0.0"])
def test_a_mask_that_is_none_is_refused_by_its_path(mask):
    said = complaint({"version": 1, "config": [{"type": "physical", "name": "e", "subnets": [
        {"type": "static", "address": "192.0.2.1", "netmask": mask}]}]})  # fmt: skip
    assert said.startswith("config[0].subnets[0].netmask: ")


def test_dhcp_is_dhcp_over_ipv4():
    assert subnet("type: dhcp, metric: 9") == Subnet("dhcp4", metric=9)


def test_a_default_route_is_of_the_family_of_its_gateway():
    text = "type: dhcp, routes: [{destination: default, gateway: 192.0.2.1}, {network: default, gateway: 'fe80::1'}]"
    assert subnet(text).routes == (Route("0.0.0.0", 0, "192.0.2.1"), Route("::", 0, "fe80::1"))


def test_metric_zero_is_kept_and_one_that_is_no_number_is_refused():
    assert subnet("type: dhcp, routes: [{destination: 10.0.0.0/8, gateway: 1.1.1.1, metric: 0}]").routes[0].metric == 0
    entry = {"type": "route", "destination": "10.0.0.0/8", "gateway": "1.1.1.1", "metric": "low"}
    said = complaint({"version": 1, "config": [entry]})
    assert said == "config[0].metric: expected a whole number, got text"


def test_name_servers_may_be_a_text_of_words():
    found = subnet("type: static, address: 192.0.2.1/24, dns_search: a.example b.example, dns_nameservers: 192.0.2.53")
    assert found.dns == Dns(("192.0.2.53",), ("a.example", "b.example"))


def test_name_servers_of_one_interface_go_to_it_and_others_to_all():
    found = network("""
    - {type: nameserver, address: 192.0.2.53, interface: eth0}
    - {type: physical, name: eth0}
    - {type: nameserver, address: [192.0.2.54, 192.0.2.54], search: example.net}
    """)
    assert found.devices[0].dns == Dns(("192.0.2.53",))
    assert found.dns == Dns(("192.0.2.54",), ("example.net",))


def test_name_servers_of_an_interface_that_is_not_there_are_refused():
    said = complaint({"version": 1, "config": [{"type": "nameserver", "address": "1.1.1.1", "interface": "eth9"}]})
    assert said == "config[0].interface: no device of this name is described here"


def test_bond_options_are_known_by_either_spelling_and_members_know_their_bond():
    found = network("""
    - {type: physical, name: a}
    - type: bond
      name: b0
      bond_interfaces: [a, z]
      params: {bond-mode: 4, bond-lacp_rate: fast, bond_miimon: 100, bond-arp-ip-target: [1.1.1.1]}
    """)
    bond = found.named()["b0"]
    assert bond.parameters == {"mode": 4, "lacp_rate": "fast", "miimon": 100, "arp_ip_target": ("1.1.1.1",)}
    assert found.named()["a"].bond == "b0"
    assert found.named()["z"] == Device("z", "physical", id="z", bond="b0")


def test_what_the_kernel_only_reports_of_a_bond_is_left_out_and_named():
    found = network("[{type: bond, name: b, bond_interfaces: [], params: {bond-mii_status: up}}]")
    assert found.devices[0].parameters == {}
    assert found.warnings == (
        "config[0].params.bond-mii_status: the kernel reports this and takes no setting of it; left out",
    )


def test_bridge_options_of_a_port_are_by_port():
    found = device(
        "{type: bridge, name: br0, bridge_interfaces: [a], params: {bridge_pathcost: [a 50], bridge_stp: 1}}"
    )
    assert found.parameters == {"pathcost": {"a": 50}, "stp": True}
    assert found.members == ("a",)


def test_an_entry_without_what_it_needs_is_left_out_and_named():
    found = network("[{type: vlan, name: v, vlan_id: 5}, {type: physical, name: e}]")
    assert [d.name for d in found.devices] == ["e"]
    assert found.warnings == ("config[0]: vlan_link is missing; the vlan is left out",)


def test_a_key_that_nobody_knows_is_named():
    assert network("[{type: physical, name: e, colour: red}]").warnings == (
        "config[0].colour: no such key here; left out",
    )


@pytest.mark.parametrize(
    "document, said",
    [
        ({"version": 1}, "config is missing; version 1 needs a list of devices there"),
        ({}, "version is missing; write version: 1 or version: 2"),
        ({"version": 13.2}, "version: there is no such version; write version: 1 or version: 2"),
        ([], "a network configuration is a mapping, this is a list; start it with version: 2"),
        ({"version": 1, "config": {}}, "config: expected a list, got a mapping"),
        ({"version": 1, "config": ["x"]}, "config[0]: expected a mapping, got text"),
        ({"version": 1, "config": [{"type": "tap", "name": "t"}]}, ("config[0].type: no such type of entry; "
         "there are physical, bond, bridge, vlan, infiniband, loopback")),
        ({"version": 1, "config": [{"type": "physical", "name": "a/b"}]}, ("config[0].name: no interface can have this "
         "name; use letters, digits, dots and dashes")),
        ({"version": 1, "config": [{"type": "physical", "name": "a\nb"}]},
         "config[0].name: a line break or control character"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_path(document, said):
    assert complaint(document) == said


def test_one_outer_network_key_is_taken_off():
    assert parse({"network": {"version": 1, "config": []}}).devices == ()


def test_the_word_disabled_is_understood_in_and_out_of_its_wrapper():
    assert disabled({"network": {"config": "disabled"}})
    assert disabled({"config": "disabled"})
    assert not disabled({"version": 1, "config": []})


def test_a_member_that_two_want_belongs_to_the_first():
    found = network("""
    - {type: bond, name: bond0, bond_interfaces: [eth0, eth1], params: {bond-mode: active-backup}}
    - {type: bridge, name: br0, bridge_interfaces: [eth1, eth2], params: {}}
    """)
    named = found.named()
    assert (named["eth1"].bond, named["eth1"].bridge, named["br0"].members) == ("bond0", "", ("eth2",))
    assert found.warnings == ("eth1 belongs to bond0 and cannot to br0 as well",)


def test_a_route_without_a_mask_has_the_usual_one_where_the_kernel_takes_that():
    found = subnet(
        "type: dhcp, routes: [{network: 10.1.2.0, gateway: 10.0.0.1}, {network: 10.1.2.3, gateway: 10.0.0.1}]"
    )
    assert [route.to for route in found.routes] == ["10.1.2.0/24", "10.1.2.3/32"]


def test_a_subnet_whose_address_is_none_gives_none_and_is_named():
    subnets = "[{type: static, address: nonsense/24, gateway: gate}, {type: static, address: 192.0.2.1/24}]"
    found = network(f"[{{type: physical, name: nic0, subnets: {subnets}}}]")
    assert [subnet.address for subnet in found.devices[0].subnets] == ["", "192.0.2.1"]
    assert [warning.partition(":")[0] for warning in found.warnings] == [
        f"config[0].subnets[0].{key}" for key in ("address", "gateway")
    ]
