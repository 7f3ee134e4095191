import json
import subprocess

import pytest
import yaml

from cloudboot.network import parse
from cloudboot.network.render_network_manager import render_network_manager
from tests import needs
from tests.network.examples import DOCUMENTS

FOLDER = "/etc/NetworkManager/system-connections/cloudboot-"
READER = """
import json, sys, gi
gi.require_version("NM", "1.0")
from gi.repository import GLib, NM
said = {}
for path in sys.argv[1:]:
    keys = GLib.KeyFile.new()
    keys.load_from_file(path, GLib.KeyFileFlags.NONE)
    found = []
    def warned(keys, connection, kind, data, _):
        found.append(str(kind))
    try:
        connection = NM.keyfile_read(keys, "/", NM.KeyfileHandlerFlags.NONE, warned, None)
        connection.normalize()
        connection.verify()
    except GLib.Error as error:
        found.append(error.message)
    said[path] = found
print(json.dumps(said))
"""


def connections(document):
    """Each connection's sections as mappings, by the name of its file."""
    document = yaml.safe_load(document) if isinstance(document, str) else document
    found = {}
    for spec in render_network_manager(parse(document)).files:
        if not spec.path.startswith(FOLDER):
            continue
        assert spec.mode == 0o600
        sections = {}
        for line in spec.content.decode().splitlines():
            if line.startswith("["):
                section = sections.setdefault(line[1:-1], {})
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                section[key] = value
        found[spec.path[len(FOLDER) :].replace(".nmconnection", "")] = sections
    return found


def test_an_interface_on_dhcp():
    made = connections(DOCUMENTS["v1 dhcp"])["eth0"]
    assert made.pop("connection") == {"id": "cloudboot eth0", "uuid": made_uuid("eth0"), "interface-name": "eth0",
                                      "autoconnect-priority": "120", "type": "ethernet"}  # fmt: skip
    assert made == {
        "user": {"org.freedesktop.NetworkManager.origin": "cloudboot"},
        "ethernet": {},
        "ipv4": {"method": "auto", "may-fail": "false"},
    }


def made_uuid(name):
    return connections({"version": 2, "ethernets": {name: {}}})[name]["connection"]["uuid"]


def test_a_connection_has_the_same_uuid_at_every_boot_and_another_than_others():
    assert made_uuid("eth0") == made_uuid("eth0") != made_uuid("eth1")


def test_an_interface_found_by_its_address_is_not_tied_to_a_name():
    made = connections(DOCUMENTS["v1 static"])["lan0"]
    assert "interface-name" not in made["connection"]
    assert made["ethernet"] == {"mtu": "9000", "mac-address": "02:00:5E:10:00:01"}
    assert made["ipv4"] == {"method": "manual", "may-fail": "false", "address1": "192.0.2.10/24",
                            "gateway": "192.0.2.1", "dns": "192.0.2.53;", "dns-search": "example.net;"}  # fmt: skip
    assert made["ipv6"] == {"method": "manual", "may-fail": "false", "address1": "2001:db8:0:1::a/64",
                            "gateway": "2001:db8:0:1::1", "dns-search": "example.net;"}  # fmt: skip


def test_of_two_families_that_ask_somebody_else_either_is_enough():
    made = connections(DOCUMENTS["v1 dhcp both with metrics"])["eth0"]
    assert made["ipv4"] == {"method": "auto", "may-fail": "true", "route-metric": "50"}
    assert made["ipv6"] == {"method": "auto", "may-fail": "true", "route-metric": "60"}


def test_who_makes_its_own_ipv6_addresses_wants_no_ipv4():
    made = connections(DOCUMENTS["v1 autoconfiguration"])
    assert [made[f"eth{i}"]["ipv6"]["method"] for i in range(3)] == ["auto", "auto", "dhcp"]
    assert made["eth0"]["ipv4"] == {"method": "disabled"}


def test_routes_have_options_of_their_own_line():
    made = connections(DOCUMENTS["v2 every kind of route"])["eth0"]
    four = {k: v for k, v in made["ipv4"].items() if k.startswith("rout")}
    assert four == {
        "route-metric": "300",
        "route1": "0.0.0.0/0,192.0.2.1",
        "route2": "198.51.100.0/24,203.0.113.1",
        "route2_options": "mtu=1400,table=101,src=192.0.2.10,onlink=true",
        "route3": "10.9.0.0/16",
        "route4": "10.8.0.0/16",
        "route4_options": "type=blackhole",
        "routing-rule1": "priority 10 from 192.0.2.10 table 101",
    }
    assert made["ipv6"]["routing-rule1"] == "priority 30001 to 2001:db8:5::/48 fwmark 7 tos 16 table 102"


def test_a_family_with_routes_and_no_address_has_a_method_or_the_connection_is_invalid():
    made = connections(DOCUMENTS["v2 an IPv6 route without an IPv6 address"])["eth0"]
    assert made["ipv6"] == {"method": "auto", "route1": "::/0,fe80::1"}


def test_overrides_that_there_are_words_for():
    made = connections(DOCUMENTS["v2 every override"])["eth0"]["ipv4"]
    assert made["ignore-auto-dns"] == made["ignore-auto-routes"] == made["never-default"] == "true"
    assert (made["dhcp-send-hostname"], made["dhcp-hostname"], made["route-metric"]) == ("false", "web1", "77")


def test_a_bond_without_addresses_asks_for_none():
    made = connections({"version": 2, "bonds": {"b0": {"interfaces": ["eth0"], "parameters": {"mode": "802.3ad"}}}})
    assert made["b0"]["bond"] == {"mode": "802.3ad"}
    assert made["b0"]["ipv4"] == made["b0"]["ipv6"] == {"method": "disabled", "may-fail": "false"}
    assert made["eth0"]["connection"]["master"] == made["b0"]["connection"]["uuid"]
    assert made["eth0"]["connection"]["slave-type"] == "bond"


def test_what_is_built_of_software_has_its_own_size_and_address():
    made = connections(DOCUMENTS["v1 vlan over a bond"])
    vlan = made["bond0.40"]
    assert vlan["vlan"] == {"id": "40", "parent": made["bond0"]["connection"]["uuid"]}
    assert vlan["ethernet"] == {"mtu": "1400", "cloned-mac-address": "02:00:5E:10:00:09"}


def test_a_port_says_what_it_costs_its_bridge():
    made = connections(DOCUMENTS["v1 bridge"])
    assert made["eth0"]["bridge-port"] == {"path-cost": "50", "priority": "28"}
    assert made["br0"]["bridge"] == {"stp": "false", "priority": "22", "ageing-time": "250", "forward-delay": "2",
                                     "hello-time": "1", "max-age": "12"}  # fmt: skip


def test_a_pattern_is_one_connection_for_many_interfaces():
    made = connections(DOCUMENTS["v2 found by name and driver"])["all"]
    assert made["match"] == {"interface-name": "en*;", "driver": "virtio_net;e1000;"}
    assert made["connection"]["multi-connect"] == "3"
    assert "interface-name" not in made["connection"]


def test_who_is_started_by_hand_does_not_start_alone():
    made = connections(DOCUMENTS["v1 started by hand"])
    assert made["eth0"]["connection"]["autoconnect"] == "false"
    assert "autoconnect" not in made["eth1"]["connection"]


def test_ipv6_addresses_are_made_of_mac_addresses_as_clouds_expect():
    files = {f.path: f.content.decode() for f in render_network_manager(parse(DOCUMENTS["v1 dhcp"])).files}
    assert files["/etc/NetworkManager/conf.d/30-cloudboot-ip6-addr-gen-mode.conf"].endswith(
        "[connection]\nipv6.addr-gen-mode=0\n"
    )


def test_the_key_of_a_document_leads_nowhere():
    document = {"version": 2, "ethernets": {"../../x": {"match": {"macaddress": "02:00:00:00:00:01"}, "set-name": "e"}}}
    assert list(connections(document)) == [".._.._x"]


@pytest.mark.parametrize(
    "name, said",
    [
        ("v2 wifi", "wlan0: NetworkManager knows no wifi devices; it is left out"),
        ("v2 every override", "eth0: dhcp4-overrides.use-ntp: not written for NetworkManager"),
        ("v1 kept and optional", "eth0: critical: not written for NetworkManager"),
    ],
)
def test_what_is_not_written_is_named(name, said):
    assert said in render_network_manager(parse(DOCUMENTS[name])).warnings


def test_network_managers_own_reader_takes_every_file(tmp_path):
    paths = []
    for i, name in enumerate(sorted(DOCUMENTS)):
        for spec in render_network_manager(parse(DOCUMENTS[name])).files:
            if spec.path.startswith(FOLDER):
                path = tmp_path / f"{i}-{spec.path[len(FOLDER) :]}"
                path.write_bytes(spec.content)
                paths.append(str(path))
    needs.path("/usr/lib/python3/dist-packages/gi")
    asked = subprocess.run(["/usr/bin/python3", "-c", READER, *paths], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    said = json.loads(asked.stdout)
    assert len(said) == len(paths) > 60
    assert {path: found for path, found in said.items() if found} == {}


def test_an_interface_without_addresses_asks_nobody_for_them():
    made = connections("{version: 1, config: [{type: physical, name: eth0, subnets: [{type: manual}]}]}")
    assert made["eth0"]["ipv4"] == {"method": "disabled"}
    assert "ipv6" not in made["eth0"]


def test_servers_for_all_are_asked_where_there_are_only_domains_to_search():
    made = connections("""{version: 1, config: [{type: nameserver, address: [192.0.2.53, "2001:db8::53"]},
        {type: physical, name: eth0, subnets: [{type: dhcp, dns_search: [own.example]}]}]}""")
    assert (made["eth0"]["ipv4"]["dns"], made["eth0"]["ipv4"]["dns-search"]) == ("192.0.2.53;", "own.example;")


def test_a_server_of_a_family_without_addresses_is_named():
    config = [{"type": "physical", "name": "eth0", "subnets": [
        {"type": "static", "address": "2001:db8::2/64", "dns_nameservers": ["192.0.2.53"]}]}]  # fmt: skip
    [said] = render_network_manager(parse({"version": 1, "config": config})).warnings
    assert said == ("eth0: nameserver 192.0.2.53: NetworkManager asks it with an IPv4 address only; left out")


def test_a_bridge_has_its_address_in_a_section_of_its_own():
    made = connections("{version: 2, bridges: {br0: {macaddress: '02:00:5e:20:00:77'}}}")
    assert made["br0"]["bridge"] == {"mac-address": "02:00:5E:20:00:77"}


def test_a_name_that_is_no_pattern_is_one_interface():
    made = connections("{version: 2, ethernets: {id0: {match: {name: ens3}, dhcp4: true}}}")
    assert made["id0"]["connection"]["interface-name"] == "ens3"
    assert "match" not in made["id0"]
