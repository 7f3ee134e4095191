"""Names of real links, in a network namespace of their own: swaps, chains, links in use."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs

TOP = Path(__file__).resolve().parents[2]
MAC = "02:00:00:00:00:0"
SCRIPT = """
import json, subprocess, sys
from cloudboot.network.apply import apply_names
from cloudboot.network.source import Source
from cloudboot.system.door import System
from cloudboot.system.live import Live
orders = json.load(sys.stdin)
def ip(words):
    return subprocess.run(["ip", *words.split()], check=True, capture_output=True, text=True).stdout
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], check=True)
for words in orders["before"]:
    ip(words)
system = System(Live("/"))
entries = [{"type": "physical", "name": name, "mac_address": mac} for name, mac in orders["wanted"].items()]
apply_names(system, Source("datasource", {"version": 1, "config": entries}))
links = json.loads(ip("-j address"))
print(json.dumps({
    "names": {link["address"]: link["ifname"] for link in links if link["address"] in orders["wanted"].values()},
    "up": sorted(link["ifname"] for link in links if "UP" in link["flags"]),
    "all": sorted(link["ifname"] for link in links),
    "notes": system.notes,
}))
"""


def renamed(wanted, *more, there="abc", up="abc"):
    """What the links a, b and c, whose addresses end in 1, 2 and 3, are called when they were to be called so."""
    needs.root()
    needs.programs("ip", "unshare")
    before = [f"link add name {n} address {MAC}{i + 1} type veth peer name far{i}" for i, n in enumerate(there)]
    before += [f"link set dev {name} up" for name in up] + list(more)
    orders = {"before": before, "wanted": {name: f"{MAC}{number}" for name, number in wanted.items()}}
    done = subprocess.run(["unshare", "--net", "--mount", sys.executable, "-c", SCRIPT], input=json.dumps(orders),
                          capture_output=True, text=True, cwd=TOP)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def names(found):
    return {int(mac[-1]): name for mac, name in found["names"].items()}


@pytest.mark.parametrize("wanted", [
    {"b": 1, "a": 2},
    {"b": 1, "c": 2, "a": 3},
    {"b": 1, "c": 2, "x": 3},
    {"lan0": 1, "wan0": 2},
    {"a": 1, "b": 2},
])  # fmt: skip
def test_links_get_the_names_they_are_to_have_and_are_up_again(wanted):
    found = renamed(wanted)
    assert names(found) == {number: name for name, number in wanted.items()}
    assert set(wanted) <= set(found["up"])
    assert found["notes"] == []
    assert not any(name.startswith("cbpass") for name in found["all"])


def test_links_that_are_down_stay_down():
    found = renamed({"b": 1, "a": 2}, up="")
    assert names(found) == {1: "b", 2: "a"}
    assert found["up"] == []


@pytest.mark.parametrize("address", ["192.0.2.1/24", "169.254.3.4/16", "2001:db8::1/64"])
def test_a_link_in_use_keeps_its_name_and_so_does_who_wants_it(address):
    found = renamed({"b": 1, "a": 2, "x": 3}, f"address add {address} dev b nodad")
    assert names(found) == {1: "a", 2: "b", 3: "x"}
    assert found["notes"] == [
        "b: it is in use, so it is not renamed to a before the next boot",
        "a: the name b is taken by an interface that keeps it",
    ]
    assert {"a", "b", "x"} <= set(found["up"])


def test_an_address_of_the_link_alone_is_no_use_of_it():
    found = renamed({"x": 1}, "address add fe80::5/64 dev a nodad")
    assert names(found) == {1: "x"}


def test_a_name_that_somebody_else_has_is_not_taken_from_him():
    found = renamed({"other": 1}, "link add name other type veth peer name faro")
    assert names(found) == {1: "a"}
    assert found["notes"] == ["a: the name other is taken by an interface that keeps it"]
