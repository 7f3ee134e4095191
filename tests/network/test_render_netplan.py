import subprocess

import pytest
import yaml

from cloudboot.network import parse
from cloudboot.network.render_netplan import render_netplan
from tests import needs
from tests.network.examples import DOCUMENTS

# netplan refuses members that are described nowhere and one word where it wants a list; it learned of dummy and veth
# devices in 0.107 and 1.1
REFUSED = {
    "v2 bond of what is described nowhere",
    "v2 switches and words where YAML has them otherwise",
    "v2 dummy and veth",
}


def netplan(document):
    [file] = render_netplan(parse(document)).files
    assert (file.path, file.mode) == ("/etc/netplan/50-cloudboot.yaml", 0o600)
    return yaml.safe_load(file.content)["network"]


def one(name, kind="ethernets", device="eth0"):
    return netplan(DOCUMENTS[name])[kind][device]


@pytest.mark.parametrize("name", sorted(n for n in DOCUMENTS if n.startswith("v2")))
def test_version_2_is_passed_on_whole(name):
    assert netplan(DOCUMENTS[name]) == DOCUMENTS[name]


def test_a_static_interface_has_its_gateways_as_default_routes():
    assert one("v1 static", device="lan0") == {
        "match": {"macaddress": "02:00:5e:10:00:01"},
        "set-name": "lan0",
        "mtu": 9000,
        "addresses": ["192.0.2.10/24", "2001:db8:0:1::a/64"],
        "routes": [{"to": "default", "via": "192.0.2.1"}, {"to": "default", "via": "2001:db8:0:1::1"}],
        "nameservers": {"addresses": ["192.0.2.53"], "search": ["example.net"]},
    }


def test_a_gateway_outside_of_the_subnet_is_on_the_link():
    assert one("v1 gateway outside of the subnet")["routes"] == [
        {"to": "default", "via": "198.51.100.1", "on-link": True}
    ]


def test_a_route_of_no_interface_goes_to_the_one_that_reaches_its_gateway():
    assert one("v1 routes")["routes"][0] == {"to": "10.0.0.0/8", "via": "192.0.2.4", "metric": 3}


def test_a_route_whose_gateway_nobody_reaches_is_named():
    document = {"version": 1, "config": [{"type": "route", "destination": "10.0.0.0/8", "gateway": "192.0.2.4"}]}
    assert render_netplan(parse(document)).warnings == (
        "route 10.0.0.0/8: no interface reaches its gateway, and netplan needs one; left out",
    )


def test_metrics_of_dhcp_are_overrides_of_which_netplan_takes_one_for_both_families():
    assert one("v1 dhcp both with metrics") == {
        "dhcp4": True, "dhcp4-overrides": {"route-metric": 50}, "dhcp6": True, "dhcp6-overrides": {"route-metric": 50}
    }  # fmt: skip
    assert render_netplan(parse(DOCUMENTS["v1 dhcp both with metrics"])).warnings == (
        "eth0: metric: netplan takes one for DHCP of both families; 50 is taken",
    )


def test_a_bond_takes_netplans_names_and_kinds():
    assert one("v1 bond", "bonds", "bond0")["parameters"] == {
        "mode": "802.3ad", "mii-monitor-interval": 100, "lacp-rate": "fast", "transmit-hash-policy": "layer3+4",
        "all-slaves-active": False, "resend-igmp": 1}  # fmt: skip
    assert one("v1 bond that watches by ARP", "bonds", "bond0")["parameters"]["arp-ip-targets"] == [
        "192.0.2.1", "192.0.2.2"]  # fmt: skip


def test_a_bridge_has_costs_by_port():
    assert one("v1 bridge", "bridges", "br0")["parameters"] == {
        "ageing-time": 250, "priority": 22, "forward-delay": 2, "hello-time": 1, "max-age": 12, "stp": False,
        "path-cost": {"eth0": 50, "eth1": 75}, "port-priority": {"eth0": 28, "eth1": 14}}  # fmt: skip


def test_name_servers_of_nobody_go_to_those_with_an_address_and_none_of_their_own():
    made = netplan(DOCUMENTS["v1 name servers for all"])["ethernets"]
    assert made["eth0"]["nameservers"]["search"] == ["example.net", "example.org"]
    assert "nameservers" not in made["eth1"]


def test_where_nobody_has_an_address_those_on_dhcp_get_the_name_servers():
    config = [{"type": "physical", "name": "eth0", "subnets": [{"type": "dhcp"}]},
              {"type": "nameserver", "address": "192.0.2.53"}]  # fmt: skip
    made = netplan({"version": 1, "config": config})["ethernets"]["eth0"]
    assert made == {"dhcp4": True, "nameservers": {"addresses": ["192.0.2.53"], "search": []}}


def test_what_a_lease_or_a_domain_to_search_says_besides_keeps_nobody_from_those_servers():
    config = [{"type": "physical", "name": "eth0", "subnets": [
                  {"type": "static", "address": "192.0.2.10/24", "dns_search": ["own.example"]},
                  {"type": "dhcp6", "dns_nameservers": ["2001:db8::53"]}]},
              {"type": "nameserver", "address": "192.0.2.53", "search": ["all.example"]}]  # fmt: skip
    assert netplan({"version": 1, "config": config})["ethernets"]["eth0"]["nameservers"] == {
        "addresses": ["2001:db8::53", "192.0.2.53"],
        "search": ["own.example"],
    }


def test_a_file_with_keys_of_others_is_a_secret():
    assert render_netplan(parse(DOCUMENTS["v2 wifi"])).files[0].secret
    assert render_netplan(parse(DOCUMENTS["v2 wireguard"])).files[0].secret
    assert not render_netplan(parse(DOCUMENTS["v2 dhcp"])).files[0].secret


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - REFUSED))
def test_netplan_itself_takes_every_file(name, tmp_path):
    folder = tmp_path / "etc/netplan"
    folder.mkdir(parents=True)
    file = folder / "50-cloudboot.yaml"
    file.write_bytes(render_netplan(parse(DOCUMENTS[name])).files[0].content)
    file.chmod(0o600)
    needs.program("/usr/libexec/netplan/generate")
    done = subprocess.run(["/usr/libexec/netplan/generate", "--root-dir", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_is_no_address_does_not_have_netplan_refuse_the_rest():
    entry = {"addresses": ["nonsense", {"web/24": {"label": "x"}}, "192.0.2.1/24", {"192.0.2.2/24": {"lifetime": 0}}],
             "gateway4": "gate", "nameservers": {"addresses": ["192.0.2.53"]}, "only-netplan-knows": True}  # fmt: skip
    rendered = render_netplan(parse({"version": 2, "ethernets": {"eth0": entry}}))
    found = yaml.safe_load(rendered.files[0].content)["network"]["ethernets"]["eth0"]
    assert found == {"addresses": ["192.0.2.1/24", {"192.0.2.2/24": {"lifetime": 0}}],
                     "nameservers": {"addresses": ["192.0.2.53"]}, "only-netplan-knows": True}  # fmt: skip
    assert len(rendered.warnings) == 3
