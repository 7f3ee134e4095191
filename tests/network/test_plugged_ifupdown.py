"""The real ifupdown, in a network namespace of its own, when a link comes and goes."""

import json
import subprocess
import sys
from pathlib import Path

from tests import needs

TOP = Path(__file__).resolve().parents[2]
SCRIPT = """
import json, subprocess
from cloudboot.network import plugged
from cloudboot.network import parse
from cloudboot.network import render
from cloudboot.network.model import Target
from cloudboot.system.door import System
from cloudboot.system.live import Live
def run(words):
    done = subprocess.run(words.split(), capture_output=True, text=True)
    assert not done.returncode, f"{words}: {done.stderr}"
    return done.stdout
for words in ("mount --make-rprivate /", "mount -t sysfs -o ro sysfs /sys", "mount -t tmpfs tmpfs /run",
              "mount -t tmpfs tmpfs /etc/network", "ip link set lo up"):
    run(words)
system = System(Live("/"))
for name in ("pre-up", "up", "down", "post-down"):
    system.mkdir(f"/etc/network/if-{name}.d")
def describe(*names):
    entries = {name: {"addresses": [f"192.0.2.{ord(name[-1])}/24"]} for name in names}
    network = parse({"version": 2, "ethernets": entries})
    for spec in render("eni", network, Target(interfaces="/etc/network/interfaces")).files:
        system.place(spec)
    return network
def link(name):
    run(f"ip link add {name} type veth peer name far-{name}")
    run(f"ip link set far-{name} up")
def shown():
    links = json.loads(run("ip -j address"))
    return {l["ifname"]: [a["local"] for a in l["addr_info"] if a["family"] == "inet"] for l in links
            if l["ifname"].startswith("eth")}
link("eth0")
describe("eth0")
system.mkdir("/run/network")
run("ifup -a")
run("ip address add 203.0.113.1/32 dev eth0")
seen = [shown()]
link("eth1")
plugged._ifup(system, describe("eth0", "eth1"), {"eth1"})
seen.append(shown())
run("ip link delete eth1")
plugged.ifdown(system)
describe("eth0")
seen.append(shown())
print(json.dumps({"seen": seen, "state": system.text("/run/network/ifstate").split(), "notes": system.notes}))
"""


def test_what_came_is_up_what_was_up_is_not_touched_and_what_went_is_forgotten():
    needs.root()
    needs.programs("ip", "ifup", "unshare")
    done = subprocess.run(["unshare", "--net", "--mount", sys.executable, "-c", SCRIPT], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, cwd=TOP)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    eth0 = ["192.0.2.48", "203.0.113.1"]
    assert found["seen"] == [{"eth0": eth0}, {"eth0": eth0, "eth1": ["192.0.2.49"]}, {"eth0": eth0}]
    assert found["state"] == ["lo=lo", "eth0=eth0"]
    assert found["notes"] == []
