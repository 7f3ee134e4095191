import subprocess

import pytest
import yaml

from cloudboot.errors import Invalid
from cloudboot.network import parse
from cloudboot.network.ifcfg import quoted, updated
from cloudboot.network.model import Target
from cloudboot.network.render_sysconfig import render_sysconfig
from tests.network.examples import DOCUMENTS

REDHAT, SUSE = Target("redhat"), Target("suse")


def files(document, target):
    document = yaml.safe_load(document) if isinstance(document, str) else document
    made = render_sysconfig(parse(document), target).files
    return {spec.path: "".join(line + "\n" for line in spec.content.decode().splitlines() if line[:1] != "#")
            for spec in made}  # fmt: skip


def redhat(document):
    found = files(document, REDHAT)
    return {path.replace("/etc/sysconfig/network-scripts/", ""): text for path, text in found.items()}


def suse(document):
    return {path.replace("/etc/sysconfig/network/", ""): text for path, text in files(document, SUSE).items()}


def test_red_hats_way_of_a_static_interface():
    made = redhat(DOCUMENTS["v1 static"])
    assert (
        made["ifcfg-lan0"]
        == """\
BOOTPROTO=none
DEFROUTE=yes
DEVICE=lan0
DNS1=192.0.2.53
DOMAIN=example.net
GATEWAY=192.0.2.1
HWADDR=02:00:5e:10:00:01
IPADDR=192.0.2.10
IPV6ADDR=2001:db8:0:1::a/64
IPV6INIT=yes
IPV6_AUTOCONF=no
IPV6_DEFAULTGW=2001:db8:0:1::1
IPV6_FORCE_ACCEPT_RA=no
MTU=9000
NETMASK=255.255.255.0
ONBOOT=yes
TYPE=Ethernet
USERCTL=no
"""
    )
    assert made["/etc/resolv.conf"] == "nameserver 192.0.2.53\nsearch example.net\n"
    assert made["/etc/NetworkManager/conf.d/99-cloudboot.conf"] == "[main]\ndns=none\n"
    assert made["/etc/sysconfig/network"] == "NETWORKING=yes\nNETWORKING_IPV6=yes\nIPV6_AUTOCONF=no\n"


def test_suses_way_of_a_static_interface():
    made = suse(DOCUMENTS["v1 static"])
    assert (
        made["ifcfg-lan0"]
        == """\
BOOTPROTO=static
IPADDR=192.0.2.10
IPADDR6=2001:db8:0:1::a/64
LLADDR=02:00:5e:10:00:01
MTU=9000
NETMASK=255.255.255.0
STARTMODE=auto
"""
    )
    assert made["routes"] == "default 192.0.2.1 - lan0\ndefault 2001:db8:0:1::1 - lan0\n"


def test_routes_stand_beside_the_interface():
    made = redhat(DOCUMENTS["v1 routes"])
    assert (
        made["route-eth0"]
        == """\
ADDRESS0=10.0.0.0
GATEWAY0=192.0.2.4
METRIC0=3
NETMASK0=255.0.0.0
ADDRESS1=198.51.100.0
GATEWAY1=192.0.2.2
METRIC1=7
NETMASK1=255.255.255.0
ADDRESS2=203.0.113.7
GATEWAY2=192.0.2.3
NETMASK2=255.255.255.255
"""
    )
    assert made["route6-eth0"] == "2001:db8:9::/48 via fe80::1 dev eth0\n"


def test_routes_with_tables_are_written_in_the_words_of_ip():
    made = redhat(DOCUMENTS["v2 every kind of route"])
    assert "198.51.100.0/24 via 203.0.113.1 table 101 src 192.0.2.10 dev eth0 onlink\n" in made["route-eth0"]
    assert "ADDRESS" not in made["route-eth0"]
    assert made["rule-eth0"] == "from 192.0.2.10 table 101 priority 10\n"
    assert made["rule6-eth0"] == "to 2001:db8:5::/48 fwmark 7 tos 16 table 102\n"


def test_a_second_default_route_of_one_metric_is_refused():
    text = "{version: 2, ethernets: {eth0: {addresses: [192.0.2.1/24], routes: [%s]}}}"
    two = "{to: default, via: 192.0.2.2}, {to: default, via: 192.0.2.3%s}"
    with pytest.raises(Invalid, match="eth0 has two default routes of one metric"):
        redhat(text % (two % ""))
    made = redhat(text % (two % ", metric: 9"))
    assert "GATEWAY=192.0.2.2\n" in made["ifcfg-eth0"]
    assert made["route-eth0"] == "ADDRESS0=0.0.0.0\nGATEWAY0=192.0.2.3\nMETRIC0=9\nNETMASK0=0.0.0.0\n"


def test_dhcp_gives_no_default_route_where_another_interface_has_one():
    text = """{version: 2, ethernets: {eth0: {addresses: [192.0.2.1/24], routes: [{to: default, via: 192.0.2.2}]},
                                        eth1: {dhcp4: true}}}"""
    assert "DHCLIENT_SET_DEFAULT_ROUTE=no\n" in redhat(text)["ifcfg-eth1"]


@pytest.mark.parametrize(
    "name, words",
    [
        ("eth0", "IPV6INIT=yes IPV6_AUTOCONF=yes"),
        ("eth1", "DHCPV6C=yes DHCPV6C_OPTIONS=-S IPV6INIT=yes IPV6_AUTOCONF=yes"),
        ("eth2", "DHCPV6C=yes IPV6INIT=yes IPV6_AUTOCONF=no IPV6_FAILURE_FATAL=yes IPV6_FORCE_ACCEPT_RA=yes"),
    ],
)
def test_ways_to_an_ipv6_address(name, words):
    made = redhat(DOCUMENTS["v1 autoconfiguration"])[f"ifcfg-{name}"].split()
    assert [w for w in made if "V6" in w] == words.split()


def test_suse_has_modes_for_them():
    made = suse(DOCUMENTS["v1 autoconfiguration"])
    assert [made[f"ifcfg-eth{i}"].split()[1] for i in range(3)] == [f"DHCLIENT6_MODE={m}" for m in (
        "info", "info", "managed")]  # fmt: skip
    assert "BOOTPROTO=dhcp\n" in suse(DOCUMENTS["v1 dhcp both with metrics"])["ifcfg-eth0"]


def test_a_bond_and_its_members():
    made = redhat(DOCUMENTS["v1 bond"])
    assert ('BONDING_OPTS="mode=4 xmit_hash_policy=layer3+4 miimon=100 lacp_rate=fast all_slaves_active=0 '
            'resend_igmp=1"\n') in made["ifcfg-bond0"]  # fmt: skip
    assert "BONDING_SLAVE0=lan0\nBONDING_SLAVE1=lan1\nBOOTPROTO=dhcp\n" in made["ifcfg-bond0"]
    assert "MASTER=bond0\nONBOOT=yes\nSLAVE=yes\nTYPE=Ethernet\n" in made["ifcfg-lan0"]
    other = suse(DOCUMENTS["v1 bond"])
    assert "BONDING_SLAVE_0=lan0\n" in other["ifcfg-bond0"]
    assert other["ifcfg-lan1"] == "BOOTPROTO=none\nLLADDR=02:00:5e:10:00:02\nSTARTMODE=hotplug\n"


def test_a_bridge_and_its_ports():
    made, other = redhat(DOCUMENTS["v1 bridge"]), suse(DOCUMENTS["v1 bridge"])
    assert "PRIO=22\nSTP=no\nTYPE=Bridge\n" in made["ifcfg-br0"]
    assert "BRIDGE=br0\n" in made["ifcfg-eth0"]
    assert 'BRIDGE_AGEINGTIME=250\nBRIDGE_PORTS="eth0 eth1"\nBRIDGE_PRIORITY=22\nBRIDGE_STP=off\n' in other["ifcfg-br0"]


def test_a_vlan_names_its_parent_whatever_its_own_name():
    text = "{version: 2, ethernets: {eth0: {}}, vlans: {infra0: {id: 7, link: eth0}}}"
    assert "PHYSDEV=eth0\nUSERCTL=no\nVLAN=yes\n" in redhat(text)["ifcfg-infra0"]
    assert "ETHERDEVICE=eth0\n" in suse(text)["ifcfg-infra0"]


def test_who_is_started_by_hand_is_not_started():
    assert "ONBOOT=no\n" in redhat(DOCUMENTS["v1 started by hand"])["ifcfg-eth0"]
    made = suse(DOCUMENTS["v1 started by hand"])
    assert ("STARTMODE=manual" in made["ifcfg-eth0"], "STARTMODE=hotplug" in made["ifcfg-eth1"]) == (True, True)


def test_lines_of_others_in_a_file_we_share_are_kept():
    kept = Target("redhat", kept={"/etc/sysconfig/network": "# mine\nNETWORKING=no\nHOSTNAME=a b\n"})
    made = {f.path: f.content.decode() for f in render_sysconfig(parse(DOCUMENTS["v1 dhcp"]), kept).files}
    assert made["/etc/sysconfig/network"] == "# mine\nNETWORKING=yes\nHOSTNAME=a b\n"


def test_suses_netconfig_is_told_of_the_name_servers():
    kept = Target("suse", kept={"/etc/sysconfig/network/config": 'NETCONFIG_DNS_STATIC_SERVERS=""\nOTHER=1\n'})
    made = {
        f.path: f.content.decode() for f in render_sysconfig(parse(DOCUMENTS["v1 name servers for all"]), kept).files
    }
    assert made["/etc/sysconfig/network/config"] == (
        'NETCONFIG_DNS_STATIC_SERVERS="192.0.2.53 2001:db8::53"\nOTHER=1\n'
        'NETCONFIG_DNS_STATIC_SEARCHLIST="example.net example.org"\n'
    )


@pytest.mark.parametrize("text", ["plain-1.2:3/4", "two words", '$HOME "and" `id` \\ end', "it's", ""])
def test_a_shell_reads_back_what_was_meant(text):
    shell = subprocess.run(["sh", "-c", f'A={quoted(text)}; printf %s "$A"'], capture_output=True, text=True)
    assert shell.stdout == text


def test_updating_adds_what_was_not_there():
    assert updated("", {"A": True}) == "A=yes\n"


@pytest.mark.parametrize("target", [REDHAT, SUSE], ids=["redhat", "suse"])
@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_shell_reads_every_file_without_running_anything(name, target, tmp_path):
    for i, spec in enumerate(render_sysconfig(parse(DOCUMENTS[name]), target).files):
        if "/ifcfg-" in spec.path:
            path = tmp_path / str(i)
            path.write_bytes(spec.content)
            shell = subprocess.run(["/bin/sh", "-eu", path], capture_output=True, text=True, env={"PATH": "/nowhere"})
            assert (shell.returncode, shell.stderr) == (0, "")


@pytest.mark.parametrize("name, said", [("eth0.77", ""), ("eth0.0077", ""), ("vlan77", ""), ("lan", "VLAN_ID=77\n"),
                                        ("eth0.7", "VLAN_ID=77\n"), ("myvlan77", "VLAN_ID=77\n")])  # fmt: skip
def test_a_vlan_whose_name_does_not_tell_its_number_says_it(name, said):
    made = redhat(f"{{version: 1, config: [{{type: vlan, name: {name}, vlan_link: eth0, vlan_id: 77}}]}}")
    assert made[f"ifcfg-{name}"].partition("VLAN=yes\n")[2] == said
