import pytest

from cloudboot.errors import Invalid
from cloudboot.network.parse_openstack import openstack_config, parse_openstack
from cloudboot.values import Nic

NICS = (Nic("ens3", "fa:16:3e:00:00:01"), Nic("ens4", "fa:16:3e:00:00:02"))
LINK = {"id": "tap1", "type": "vif", "ethernet_mac_address": "FA:16:3E:00:00:01", "mtu": 1450}


def entries(data, nics=NICS):
    return openstack_config(data, nics, [])["config"]


def subnet(network, **link):
    [entry] = entries({"links": [{**LINK, **link}], "networks": [{"id": "n", "link": "tap1", **network}]})
    return entry


def test_a_link_is_the_interface_with_its_mac_address():
    assert subnet({"type": "ipv4_dhcp"}) == {
        "type": "physical", "name": "ens3", "mac_address": "fa:16:3e:00:00:01", "mtu": 1450,
        "subnets": [{"type": "dhcp4", "routes": [], "dns_nameservers": []}]}  # fmt: skip


def test_a_link_whose_interface_is_not_there_is_refused():
    with pytest.raises(Invalid, match=r"links\[0\].ethernet_mac_address: no network interface of this machine"):
        parse_openstack({"links": [LINK]}, NICS[1:])


@pytest.mark.parametrize(
    "kind, became, accept_ra",
    [
        ("ipv4", "static", None),
        ("ipv6", "static6", False),
        ("ipv6_dhcp", "dhcp6", True),
        ("ipv6_dhcpv6-stateful", "ipv6_dhcpv6-stateful", True),
        ("ipv6_dhcpv6-stateless", "ipv6_dhcpv6-stateless", None),
        ("ipv6_slaac", "ipv6_slaac", None),
    ],
)
def test_each_type_of_network_says_what_to_do_with_router_advertisements(kind, became, accept_ra):
    entry = subnet({"type": kind, "ip_address": "192.0.2.1"})
    assert (entry["subnets"][0]["type"], entry.get("accept-ra")) == (became, accept_ra)


def test_name_servers_come_from_routes_then_the_network_then_from_all():
    data = {
        "links": [LINK],
        "networks": [
            {"id": "n", "link": "tap1", "type": "ipv4", "ip_address": "192.0.2.9", "netmask": "255.255.255.0",
             "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "192.0.2.1",
                         "services": [{"type": "dns", "address": "192.0.2.51"}]}],
             "services": [{"type": "dns", "address": "192.0.2.52"}, {"type": "ntp", "address": "192.0.2.1"}]}
        ],
        "services": [{"type": "dns", "address": "192.0.2.53"}, {"type": "ntp", "address": "192.0.2.1"}],
    }  # fmt: skip
    network = parse_openstack(data, NICS)
    [found] = network.devices
    assert found.subnets[0].dns.servers == ("192.0.2.51", "192.0.2.52")
    assert network.dns.servers == ("192.0.2.53",)
    assert found.all_routes[0].default


def test_bonds_and_vlans_are_named_by_the_names_of_the_guest():
    data = {
        "links": [
            LINK,
            {**LINK, "id": "tap2", "ethernet_mac_address": "fa:16:3e:00:00:02"},
            {"id": "bondx", "type": "bond", "bond_links": ["tap1", "tap2"], "bond_mode": "802.3ad",
             "bond_xmit_hash_policy": "layer3+4", "ethernet_mac_address": "fa:16:3e:00:00:01"},
            {"id": "vlanx", "type": "vlan", "vlan_id": 7, "vlan_link": "bondx",
             "vlan_mac_address": "fa:16:3e:00:00:07"},
        ],
        "networks": [],
    }  # fmt: skip
    network = parse_openstack(data, NICS)
    bond = network.named()["bond0"]
    assert (bond.members, bond.mac) == (("ens3", "ens4"), "fa:16:3e:00:00:01")
    assert bond.parameters == {"mode": "802.3ad", "xmit_hash_policy": "layer3+4"}
    vlan = network.named()["bond0.7"]
    assert (vlan.link, vlan.vlan_id, vlan.mac) == ("bond0", 7, "fa:16:3e:00:00:07")


def test_infiniband_is_found_by_the_short_form_of_its_address():
    long = "a0:00:02:20:fe:80:00:00:00:00:00:00:ec:0d:9a:03:00:15:e2:c1"
    [entry] = entries({"links": [{**LINK, "ethernet_mac_address": "ec:0d:9a:15:e2:c1"}]}, (Nic("ib0", long),))
    assert (entry["type"], entry["name"], entry["mac_address"]) == ("infiniband", "ib0", long)


def test_a_network_of_no_link_is_left_out_and_named():
    warnings = []
    openstack_config({"networks": [{"id": "n", "link": "gone", "type": "ipv4_dhcp"}]}, NICS, warnings)
    assert warnings == ["networks[0].link: no link has this id; the network is left out"]
