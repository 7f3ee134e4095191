"""What the real programs make of rendered files, in a network namespace: the addresses, routes and links are those of
the model. Needs root."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cloudboot.network import parse, render
from cloudboot.network.eni_hooks import hook_files
from cloudboot.network.model import DEBIAN
from tests import needs
from tests.network.examples import DOCUMENTS

INSIDE = Path(__file__).parent / "inside.py"
DOCUMENT = yaml.safe_load("""
version: 2
ethernets:
  nic0:
    match: {macaddress: "02:00:5e:20:00:01"}
    set-name: lan0
    mtu: 1400
    addresses: [192.0.2.10/24, 192.0.2.11/32, "2001:db8::10/64"]
    routes:
      - {to: default, via: 192.0.2.1, metric: 300}
      - {to: default, via: "2001:db8::1"}
      - {to: 198.51.100.0/24, via: 192.0.2.2, table: 101}
      - {to: 203.0.113.0/24, via: 10.99.0.1, on-link: true}
    routing-policy: [{from: 192.0.2.10, table: 101, priority: 10}]
  eth1: {accept-ra: false, addresses: [198.18.0.1/30]}
  eth2: {}
bridges:
  br0: {interfaces: [eth2], addresses: [198.18.9.1/24], macaddress: "02:00:5e:20:00:77", parameters: {stp: false}}
""")
TUNNEL = yaml.safe_load("""
version: 2
virtual-ethernets:
  cable0: {peer: cable1, addresses: [10.1.1.1/30]}
  cable1: {peer: cable0}
tunnels:
  vx0: {mode: vxlan, id: 42, local: 10.1.1.1, remote: 10.1.1.2, port: 4789, link: cable0, mtu: 1400,
        addresses: [10.42.0.1/24], routes: [{to: 10.43.0.0/16, via: 10.42.0.9, metric: 7}]}
""")
LINKS = {"lan0": "02:00:5e:20:00:01", "eth1": "02:00:5e:20:00:02", "eth2": "02:00:5e:20:00:03"}


def in_namespace(program, files, links, wanted):
    orders = {"program": program, "links": links, "files": files, "wanted": wanted}
    needs.root()
    done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", sys.executable, INSIDE],
                          input=json.dumps(orders), capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def described(network):
    return sorted(s.cidr for d in network.devices for s in d.statics)


def go(program, renderer, document, links):
    network = parse(document)
    made = render(renderer, network, DEBIAN)
    hooks = hook_files(network) if renderer == "eni" else ()
    files = {f.path: f.content.decode() for f in (*made.files, *hooks)}
    return in_namespace(program, files, links, described(network))


def link(found, name):
    return next(link for link in found["links"] if link["ifname"] == name)


def addresses(found, name):
    return {f"{a['local']}/{a['prefixlen']}" for a in link(found, name)["addr_info"] if a["scope"] == "global"}


def routes(found):
    return {
        (r["dst"], r.get("gateway", ""), r["dev"], r.get("metric", 0), r.get("table", "main"))
        for r in found["routes"]
        if r["protocol"] in ("static", "boot")
    }


def without_bridge(document):
    return {k: v for k, v in document.items() if k != "bridges"}


@pytest.mark.parametrize(
    "program, renderer, document",
    [("systemd-networkd", "networkd", DOCUMENT), ("ifupdown", "eni", without_bridge(DOCUMENT))],
    ids=["systemd-networkd", "ifupdown"],
)
def test_addresses_and_routes_are_those_of_the_model(program, renderer, document):
    found = go(program, renderer, document, LINKS)
    assert addresses(found, "lan0") == {"192.0.2.10/24", "192.0.2.11/32", "2001:db8::10/64"}
    assert addresses(found, "eth1") == {"198.18.0.1/30"}
    assert link(found, "lan0")["mtu"] == 1400
    assert found["accept_ra"]["eth1"] == "0"
    kept = {r for r in routes(found) if r[2] == "lan0"}
    assert {r for r in kept if ":" not in r[1]} == {
        ("default", "192.0.2.1", "lan0", 300, "main"),
        ("198.51.100.0/24", "192.0.2.2", "lan0", 0, "101"),
        ("203.0.113.0/24", "10.99.0.1", "lan0", 0, "main"),
    }
    assert ("default", "2001:db8::1", "lan0") in {r[:3] for r in kept}
    assert (10, "192.0.2.10", "101") in {(r["priority"], r.get("src"), r["table"]) for r in found["rules"]}


def test_networkd_builds_a_bridge_and_gives_it_its_port():
    found = go("systemd-networkd", "networkd", DOCUMENT, LINKS)
    bridge = link(found, "br0")
    assert (bridge["linkinfo"]["info_kind"], bridge["address"]) == ("bridge", "02:00:5e:20:00:77")
    assert addresses(found, "br0") == {"198.18.9.1/24"}
    assert link(found, "eth2")["master"] == "br0"


def test_networkd_builds_a_cable_and_a_tunnel_over_it():
    found = go("systemd-networkd", "networkd", TUNNEL, {"eth9": "02:00:5e:20:00:09"})
    assert addresses(found, "cable0") == {"10.1.1.1/30"}
    tunnel = link(found, "vx0")
    assert (tunnel["linkinfo"]["info_kind"], tunnel["mtu"]) == ("vxlan", 1400)
    data = tunnel["linkinfo"]["info_data"]
    assert (data["id"], data["local"], data["remote"], data["port"], data["link"]) == (
        42, "10.1.1.1", "10.1.1.2", 4789, "cable0")  # fmt: skip
    assert addresses(found, "vx0") == {"10.42.0.1/24"}
    assert {("10.43.0.0/16", "10.42.0.9", "vx0", 7, "main")} <= routes(found)


@pytest.mark.parametrize("name", sorted(n for n in DOCUMENTS if "wifi" not in n))
def test_ifupdown_would_bring_up_every_interface(name, tmp_path):
    file = tmp_path / "interfaces"
    file.write_bytes(render("eni", parse(DOCUMENTS[name])).files[0].content)
    needs.program("/sbin/ifup")
    done = subprocess.run(["/sbin/ifup", "-a", "--no-act", "--force", "-i", file], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if line.startswith(("ifup:", "Missing"))]
    assert (done.returncode, complaints) == (0, [])
