"""Whatever a document says, it is refused with a path or rendered by every renderer; nothing else happens."""

import configparser
import subprocess

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.network import RENDERERS, parse, render
from cloudboot.network.model import Target
from cloudboot.network.parse_eni import parse_eni
from cloudboot.network.yaml_text import yaml_text
from tests import needs

NAMES = st.sampled_from(["eth0", "eth1", "bond0", "br0", "v.7", "blue", "tun0", "lo"])
V4 = st.integers(1, 254).map(lambda n: f"192.0.2.{n}")
V6 = st.integers(1, 0xFFFF).map(lambda n: f"2001:db8::{n:x}")
ADDRESSES = st.one_of(V4.map(lambda a: f"{a}/24"), V6.map(lambda a: f"{a}/64"), V4, V6)
NUMBERS = st.integers(0, 70000)
BOOLS = st.one_of(st.booleans(), st.sampled_from(["yes", "no", "on", "off"]))
MACS = st.integers(0, 255).map(lambda n: f"02:00:00:00:00:{n:02x}")
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS, st.just("a\nb")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def some(**values):
    return st.fixed_dictionaries({}, optional={k.replace("_", "-"): v for k, v in values.items()})


DNS = some(addresses=st.lists(st.one_of(V4, V6), max_size=3), search=st.lists(st.just("example.net"), max_size=2))
ROUTES = st.lists(
    st.fixed_dictionaries(
        {"to": st.one_of(ADDRESSES, st.just("default"))},
        optional={"via": st.one_of(V4, V6), "metric": NUMBERS, "table": NUMBERS, "mtu": NUMBERS, "on-link": BOOLS,
                  "from": V4, "type": st.just("blackhole"), "scope": st.just("link")},
    ),
    max_size=3,
)  # fmt: skip
RULES = st.lists(some(to=ADDRESSES, table=NUMBERS, priority=NUMBERS, mark=NUMBERS), max_size=2)
OVERRIDES = some(
    use_dns=BOOLS, use_domains=st.sampled_from([True, "route"]), route_metric=NUMBERS, hostname=st.just("h")
)
SHARED = {
    "dhcp4": BOOLS, "dhcp6": BOOLS, "dhcp4-overrides": OVERRIDES, "dhcp6-overrides": OVERRIDES, "gateway4": V4,
    "gateway6": V6, "addresses": st.lists(ADDRESSES, max_size=4), "nameservers": DNS, "routes": ROUTES,
    "routing-policy": RULES, "mtu": NUMBERS, "optional": BOOLS, "accept-ra": BOOLS, "critical": BOOLS,
    "macaddress": MACS, "link-local": st.lists(st.sampled_from(["ipv4", "ipv6"]), max_size=2),
    "ipv6-privacy": st.booleans(), "activation-mode": st.sampled_from(["manual", "off"]),
}  # fmt: skip


def devices(**own):
    return st.dictionaries(
        NAMES, st.fixed_dictionaries({}, optional={**SHARED, **{k.replace("_", "-"): v for k, v in own.items()}}),
        max_size=3)  # fmt: skip


MEMBERS = st.lists(NAMES, max_size=3)
V2 = st.fixed_dictionaries(
    {"version": st.just(2)},
    optional={
        "ethernets": devices(match=some(name=st.just("en*"), macaddress=MACS, driver=st.just("e1000")),
                             set_name=NAMES, wakeonlan=BOOLS),
        "bonds": devices(interfaces=MEMBERS, parameters=some(mode=st.sampled_from([4, "802.3ad", "balance-rr"]),
                         primary=NAMES, arp_ip_targets=st.lists(V4, max_size=2), up_delay=NUMBERS)),
        "bridges": devices(interfaces=MEMBERS, parameters=some(stp=BOOLS, priority=NUMBERS, path_cost=st.dictionaries(
            NAMES, NUMBERS, max_size=2))),
        "vlans": devices(id=st.integers(0, 4094), link=NAMES),
        "vrfs": devices(interfaces=MEMBERS, table=NUMBERS),
        "tunnels": devices(mode=st.sampled_from(["sit", "gre", "vxlan", "wireguard", "ip6ip6", "smoke"]), local=V4,
                           remote=st.one_of(V4, V6), key=NUMBERS, id=NUMBERS, link=NAMES),
        "dummy-devices": devices(),
        "virtual-ethernets": devices(peer=NAMES),
        "wifis": devices(),
    },
)  # fmt: skip
SUBNETS = st.lists(
    some(type=st.sampled_from(["dhcp", "dhcp4", "dhcp6", "static", "static6", "manual", "ipv6_slaac",
                               "ipv6_dhcpv6-stateless", "ipv6_dhcpv6-stateful"]),
         address=ADDRESSES, netmask=st.sampled_from(["255.255.255.0", "24", "64"]), gateway=st.one_of(V4, V6),
         metric=NUMBERS, mtu=NUMBERS, control=st.sampled_from(["auto", "manual", "hotplug"]),
         dns_nameservers=st.lists(st.one_of(V4, V6), max_size=2), dns_search=st.just("a.example b.example")),
    max_size=4,
)  # fmt: skip
ENTRIES = st.one_of(
    st.fixed_dictionaries({"type": st.just("physical"), "name": NAMES},
                          optional={"mac_address": MACS, "subnets": SUBNETS, "mtu": NUMBERS, "accept-ra": BOOLS}),
    st.fixed_dictionaries({"type": st.just("bond"), "name": NAMES, "bond_interfaces": MEMBERS,
                           "params": some(bond_mode=st.sampled_from(["802.3ad", 1]), bond_miimon=NUMBERS)},
                          optional={"subnets": SUBNETS, "mac_address": MACS}),
    st.fixed_dictionaries({"type": st.just("bridge"), "name": NAMES, "bridge_interfaces": MEMBERS},
                          optional={"subnets": SUBNETS, "params": some(bridge_stp=BOOLS, bridge_fd=NUMBERS)}),
    st.fixed_dictionaries({"type": st.just("vlan"), "name": NAMES, "vlan_link": NAMES, "vlan_id": NUMBERS},
                          optional={"subnets": SUBNETS, "mac_address": MACS}),
    st.fixed_dictionaries({"type": st.just("nameserver"), "address": st.one_of(V4, st.lists(V6, max_size=2))}),
    st.fixed_dictionaries({"type": st.just("route"), "destination": ADDRESSES, "gateway": V4},
                          optional={"metric": NUMBERS}),
)  # fmt: skip
V1 = st.fixed_dictionaries({"version": st.just(1), "config": st.lists(ENTRIES, max_size=6)})
TARGETS = [Target("debian", ip_command=False), Target("redhat"), Target("suse")]


def rendered(document):
    """Every file by renderer, family and path; what is refused is refused with words."""
    found = {}
    try:
        network = parse(document)
    except Invalid as problem:
        assert str(problem)
        return found
    for renderer in RENDERERS:
        for target in TARGETS if renderer in ("eni", "sysconfig") else TARGETS[:1]:
            try:
                made = render(renderer, network, target)
            except Invalid as problem:
                assert "two default routes" in str(problem)
                continue
            for spec in made.files:
                key = (renderer, target.family, spec.path)
                assert key not in found, "a file is written once"
                assert ".." not in spec.path.split("/")
                found[key] = spec.content.decode()
    return found


@settings(max_examples=120, deadline=None)
@given(st.one_of(V2, V1))
def test_a_sound_document_is_rendered_by_all_and_read_back(document):
    for (renderer, _, path), text in rendered(document).items():
        if renderer == "netplan":
            assert yaml.safe_load(text)["network"]["version"] == 2
            parse(yaml.safe_load(text))
        elif path.endswith("/50-cloudboot"):
            parse_eni(text)
        elif path.endswith((".network", ".netdev", ".link", ".nmconnection")):
            configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",)).read_string(text)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([1, 2]), JUNK, st.sampled_from(["ethernets", "bonds", "vlans", "tunnels", "config"]))
def test_any_other_document_is_refused_or_rendered(version, junk, key):
    rendered({"version": version, key: junk})
    rendered({"version": version, key: {"eth0": junk} if version == 2 else [junk]})
    rendered(junk)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(SHARED)), JUNK)
def test_any_value_of_any_key_is_refused_or_rendered(key, junk):
    rendered({"version": 2, "ethernets": {"eth0": {"dhcp4": True, key: junk}}})


@settings(max_examples=60, deadline=None)
@given(V2)
def test_version_2_reaches_netplan_as_it_was(document):
    made = rendered(document)
    if made:
        text = made["netplan", "debian", "/etc/netplan/50-cloudboot.yaml"]
        assert yaml.safe_load(text) == {"network": document}


@settings(max_examples=200, deadline=None)
@given(JUNK.filter(lambda value: isinstance(value, (dict, list)) and value))
def test_yaml_that_is_written_by_hand_says_what_the_library_reads(value):
    def as_text(value):
        if isinstance(value, dict):
            return {k: as_text(v) for k, v in value.items()}
        return [as_text(v) for v in value] if isinstance(value, list) else str(value) if type(value) is float else value

    assert yaml.safe_load(yaml_text(value)) == as_text(value)


@pytest.mark.parametrize(
    "text", ["é", "\x85", "\u2028", "\U0001f600", "yes", "1e3", "0x10", "12:30", "~", "- a", "a: b", "#"]
)
def test_texts_that_yaml_would_take_for_something_else_are_quoted(text):
    assert yaml.safe_load(yaml_text({text: text})) == {text: text}


@settings(max_examples=15, deadline=None)
@given(V1)
def test_ifupdown_itself_reads_what_is_made_of_any_sound_document(document):
    made = rendered(document)
    if not made:
        return
    text = made["eni", "debian", "/etc/network/interfaces.d/50-cloudboot"]
    needs.program("/sbin/ifquery")
    asked = subprocess.run(["/sbin/ifquery", "-i", "/dev/stdin", "--list"], input=text, capture_output=True, text=True)
    assert (asked.returncode, asked.stderr) == (0, "")
