"""Machines whose network is what no kernel of a build machine can show: bonds, VLANs, dummies, VRFs, cards that come
and go, links that lose packets; under each program that manages networks. One boot each, since a boot is what costs."""

import json

import pytest

from tools import clouds
from tools.boots import onto, seed, tree
from tools.boots.machine import Machine, image
from tools.boots.monitor import Monitor
from tools.mock_cloud.ec2 import example
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import Tree

pytestmark = pytest.mark.vm
PACKAGES = (*tree.PACKAGES, "netplan.io", "network-manager", "ifenslave", "vlan", "dnsmasq-base", "iputils-ping")
MAC = "52:54:00:12:34:"
CARDS = {"lan0": MAC + "60", "bond-a": MAC + "61", "bond-b": MAC + "62"}
OFF = {  # the units of those who are not to manage it
    "network-manager": ("NetworkManager.service", "NetworkManager-wait-online.service"),
    "ifupdown": ("networking.service",),
    "networkd": ("systemd-networkd.service", "systemd-networkd.socket", "systemd-networkd-wait-online.service"),
}
NETWORK = {
    "version": 2,
    "ethernets": {
        "wan0": {"match": {"macaddress": clouds.MAC}, "set-name": "wan0", "dhcp4": True},
        "lan0": {"match": {"macaddress": CARDS["lan0"]}, "set-name": "lan0", "addresses": ["2001:db8:7::10/64"],
                 "routes": [{"to": "2001:db8:8::/48", "via": "2001:db8:7::1"}]},
        "port0": {"match": {"macaddress": CARDS["bond-a"]}, "set-name": "port0"},
        "port1": {"match": {"macaddress": CARDS["bond-b"]}, "set-name": "port1"},
    },
    "bonds": {"bond0": {"interfaces": ["port0", "port1"], "addresses": ["192.0.2.10/24"],
                        "parameters": {"mode": "active-backup", "mii-monitor-interval": 100}}},
    "vlans": {"bond0.40": {"id": 40, "link": "bond0", "addresses": ["198.51.100.40/24"]}},
}  # fmt: skip
VRF = {"vrfs": {"blue": {"table": 50, "interfaces": ["lan0"]}}}
DUMMY = {"dummy-devices": {"dummy0": {"addresses": ["203.0.113.9/32"]}}}
SHOW = """#cloud-config
ssh_genkeytypes: [ed25519]
runcmd:
  - ip -j address >/var/tmp/address.json
  - ip -d -j link >/var/tmp/link.json
  - ip -6 -j route show table all >/var/tmp/route.json
  - udevadm test-builtin net_setup_link /sys/class/net/lan0 >/var/tmp/name.txt 2>&1
"""
LOSSY = """
  - sh /var/tmp/lossy
write_files:
  - path: /var/tmp/lossy
    content: |
      set -eu
      ip netns add far
      ip link add near0 address 02:00:00:00:00:01 type veth peer name far0 netns far
      ip -n far addr add 192.0.2.1/24 dev far0
      ip -n far link set far0 up
      ip -n far link set lo up
      ip netns exec far tc qdisc add dev far0 root netem loss 30% delay 200ms 50ms
      tc qdisc add dev near0 root netem loss 30% delay 200ms 50ms duplicate 10%
      ip netns exec far dnsmasq -p0 -C/dev/null --bind-interfaces --interface=far0 --no-ping --leasefile-ro \\
          --dhcp-range=192.0.2.50,192.0.2.60,10m --dhcp-authoritative --pid-file= --user=root
      ip netns add near
      ip link set near0 netns near
      ip netns exec near python3 -I /var/tmp/lossy.py >/var/tmp/lossy.json
  - path: /var/tmp/lossy.py
    content: |
      import json, sys
      sys.path.insert(0, "/usr/lib/cloudboot")
      from cloudboot.ephemeral.network import Network
      from cloudboot.values import FileView
      with Network(FileView(), lambda kept: None, lambda what: None) as network:
          network.next(False)
          print(json.dumps([network.lease.address if network.lease else "", network.why]))
"""


@pytest.fixture(scope="session")
def networks():
    return tree.debian(PACKAGES)


@pytest.fixture(scope="session")
def networks_disk(networks):
    return image(tree.with_agent(networks))


class Shown:
    """What ip(8) said in a machine."""

    def __init__(self, report):
        read = {name: json.loads(report.read(f"/var/tmp/{name}.json") or "[]") for name in ("address", "link", "route")}
        self.links = {link["ifname"]: link for link in read["link"]}
        self.addresses = {
            link["ifname"]: {f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"]} for link in read["address"]
        }
        self.routes = {(route["dst"], route.get("gateway")) for route in read["route"]}

    def about(self, name):
        return self.links[name]["linkinfo"]["info_data"]


def managed(renderer, manager):
    """The words for a machine whose network this program manages, written by this renderer."""
    words = [f"systemd.mask={unit}" for other in OFF if other != manager for unit in OFF[other]]
    return [*words, f"cc: {{system_info: {{network: {{renderers: [{renderer}], activators: [{renderer}]}}}}}} end_cc"]


def boot(renderer, manager, networks_disk, networks, tmp_path, network, user_data=SHOW):
    """A machine of four cards that is told of its network by a seed on a disk."""
    folder = tmp_path / "seed"
    folder.mkdir()
    for name, text in (("meta-data", "instance-id: i-1\n"), ("user-data", user_data)):
        (folder / name).write_text(text)
    (folder / "network-config").write_text(json.dumps(network))
    cards = [w for name, mac in CARDS.items() for w in ("-nic", f"user,model=virtio-net-pci,mac={mac},restrict=on")]
    return Machine(networks_disk, networks / "boot", tmp_path / "machine").boot(
        *managed(renderer, manager), media=[seed.vfat(folder, tmp_path / "seed.img")], options=cards
    )


def assert_has_all(report):
    assert report.failed == []
    assert report.status["errors"] == []
    assert "ID_NET_NAME=lan0" in report.read("/var/tmp/name.txt"), "udev gives it the same name at the next boot"
    shown = Shown(report)
    assert shown.links["wan0"]["address"] == clouds.MAC
    assert any(a.startswith("10.0.2.") for a in shown.addresses["wan0"])
    assert "2001:db8:7::10/64" in shown.addresses["lan0"]
    assert "192.0.2.10/24" in shown.addresses["bond0"]
    assert shown.about("bond0")["mode"] == "active-backup"
    assert shown.about("bond0")["miimon"] == 100
    assert {shown.links[port]["master"] for port in ("port0", "port1")} == {"bond0"}
    assert shown.about("bond0.40")["id"] == 40
    assert shown.links["bond0.40"]["link"] == "bond0"
    assert "198.51.100.40/24" in shown.addresses["bond0.40"]
    assert ("2001:db8:8::/48", "2001:db8:7::1") in shown.routes
    return shown


def test_ifupdown_has_two_cards_a_bond_a_vlan_and_a_fixed_ipv6_address(networks_disk, networks, tmp_path):
    report = boot("eni", "ifupdown", networks_disk, networks, tmp_path, NETWORK, SHOW + LOSSY)
    assert_has_all(report)
    assert json.loads(report.read("/var/tmp/lossy.json"))[0].startswith("192.0.2.5")


def test_netplan_and_networkd_have_them_and_a_vrf(networks_disk, networks, tmp_path):
    report = boot("netplan", "networkd", networks_disk, networks, tmp_path, {**NETWORK, **VRF})
    shown = assert_has_all(report)
    assert shown.about("blue")["table"] == 50
    assert shown.links["lan0"]["master"] == "blue"


def test_network_manager_has_them_and_a_dummy(networks_disk, networks, tmp_path):
    report = boot("network-manager", "network-manager", networks_disk, networks, tmp_path, {**NETWORK, **DUMMY})
    shown = assert_has_all(report)
    assert shown.links["dummy0"]["linkinfo"]["info_kind"] == "dummy"
    assert "203.0.113.9/32" in shown.addresses["dummy0"]


NEW = MAC + "70"
PLUGGING = f"""#cloud-config
ssh_genkeytypes: [ed25519]
write_files:
  - path: /etc/systemd/system/plugging.service
    content: |
      [Service]
      Type=oneshot
      ExecStart=/bin/sh /var/tmp/plugging
  - path: /var/tmp/plugging
    content: |
      until_so() {{ n=0; until sh -c "$1" || [ $n -ge 90 ]; do n=$((n + 1)); sleep 1; done; }}
      until_so 'test -p /run/cloudboot/hotplug'
      stat -c '%a %U' /run/cloudboot/hotplug >/var/tmp/bell.txt
      echo plug-it >/dev/console
      until_so 'ip -o -4 address | grep -q 198.51.100'
      ip -j address >/var/tmp/plugged.json
      cat /etc/netplan/50-cloudboot.yaml >/var/tmp/plugged.txt
      until_so 'test "$(systemctl is-active cloudboot-hotplug.service)" = inactive'
      cloudboot status --long >/var/tmp/plugged-status.txt
      echo unplug-it >/dev/console
      until_so '! grep -qrs {NEW} /etc/netplan /run/cloudboot/nics'
      ip -j address >/var/tmp/unplugged.json
      cat /etc/netplan/50-cloudboot.yaml >/var/tmp/unplugged.txt
      until_so 'test "$(systemctl is-active cloudboot-hotplug.service)" = inactive'
      systemctl show -p Result cloudboot-hotplug.service >/var/tmp/result.txt
runcmd:
  - systemctl --no-block start plugging.service
"""


def test_a_card_that_comes_is_configured_as_its_cloud_says_and_forgotten_when_it_goes(
    networks_disk, networks, tmp_path
):
    cloud = clouds.cloud("ec2")
    wishes = clouds.Wishes(id="i-0mock00000000077", user_data=PLUGGING.encode())
    machine, monitor = Machine(networks_disk, networks / "boot", tmp_path), Monitor(tmp_path)
    answers = cloud.answers(wishes)
    before = answers.leaves

    def plug():
        macs = (clouds.MAC, NEW)
        answers.leaves = Tree(example(name=wishes.id, user_data=wishes.user_data, macs=macs)).leaves
        monitor.plug("card", NEW)

    def unplug():
        answers.leaves = before
        monitor.unplug("card")

    with Server(answers) as server:
        about = onto.options(cloud, wishes, tmp_path, server)
        about["options"] = (*about["options"], *monitor.options)
        report = machine.boot(
            *managed("netplan", "networkd"), *cloud.words, **about, at={"plug-it": plug, "unplug-it": unplug}, limit=420
        )
    assert report.failed == []
    assert report.read("/var/tmp/bell.txt") == "600 root\n"
    plugged = {link["address"]: link for link in json.loads(report.read("/var/tmp/plugged.json"))}
    got = {a["local"] for a in plugged[NEW]["addr_info"] if a["family"] == "inet"}
    assert any(a.startswith("198.51.100.") for a in got)
    assert NEW in report.read("/var/tmp/plugged.txt")
    assert "hotplug: done" in report.read("/var/tmp/plugged-status.txt")
    assert NEW not in report.read("/var/tmp/unplugged.txt")
    assert clouds.MAC in report.read("/run/cloudboot/nics")
    assert NEW not in {link["address"] for link in json.loads(report.read("/var/tmp/unplugged.json"))}
    assert report.read("/var/tmp/result.txt").strip() == "Result=success"
