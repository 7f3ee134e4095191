"""A boot spends what tests/budget.toml says: modules of ours that it imports, files of the machine that it opens,
programs that it runs, times that it waits for the disk, requests over HTTP. No version of Python has a part in it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cloudboot import registry
from tests import needs
from tools import clouds
from tools.benches import cloud, work
from tools.clouds.ec2 import ID
from tools.mock_cloud.server import Server

TOP = Path(__file__).resolve().parent.parent
USERADD = """#!/bin/sh
for name; do :; done
echo "$name:x:1000:1000::/home/$name:/bin/bash" >>/etc/passwd
echo "$name:x:1000:" >>/etc/group
mkdir -p "/home/$name"
"""
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n"
TREE = {"etc/os-release": "ID=debian\nVERSION_ID=12\n", "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
        "etc/group": "root:x:0:\nsudo:x:27:\n", "proc/cmdline": "quiet\n",
        "dev/null": "", "usr/bin/ip": "", "usr/bin/systemctl": "", "usr/bin/ssh-keygen": "",
        "usr/sbin/useradd": USERADD,
        **{f"etc/ssh/ssh_host_{kind}_key": KEY for kind in ("rsa", "ecdsa", "ed25519")},
        "sys/class/net/eth0/address": f"{work.MAC}\n", "sys/class/net/eth0/flags": "0x1003\n",
        "sys/class/net/eth0/uevent": "INTERFACE=eth0\n",
        "sys/class/net/eth0/name_assign_type": "4\n"}  # fmt: skip
SPENT = """
import os, sys
sys.path.insert(0, {top!r})
opened, sync, syncs = [0], os.fsync, [0]
def heard(event, args):
    if event == "ctypes.call_function":  # syncfs(2)
        syncs[0] += 1
    if event != "open" or not isinstance(args[0], str):
        return
    if args[0][:1] != "/" or args[0].startswith({words!r}[1]):  # in the tree
        opened[0] += 1
from cloudboot import registry
registry.INDEX = {index!r}
def counted(fd):
    syncs[0] += 1
    sync(fd)
os.fsync = counted
from cloudboot.cli import main
sys.addaudithook(heard)
main({words!r})
ours = [name for name in sys.modules if name.split(".")[0] == "cloudboot"]
print(len(ours), opened[0], syncs[0], file=sys.stderr)
"""


def budget():
    """The file, a section a boot. (``tomllib`` is there since Python 3.11 only.)"""
    found, section = {}, {}
    for line in (TOP / "tests/budget.toml").read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            section = found[line.strip("[]")] = {}
        elif line:
            name, _, value = line.partition("=")
            section[name.strip()] = int(value)
    return found


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    at = tmp_path_factory.mktemp("index") / "index.json"
    at.write_text(json.dumps(registry.index()))
    return str(at)


def machine(folder, **more):
    for path, text in {**TREE, **{p.lstrip("/"): t for p, t in work.seed().items()}, **more}.items():
        at = folder / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)
        at.chmod(0o755)
    (folder / "var/tmp").mkdir()
    (folder / "bin").mkdir()
    shutil.copy(needs.program("busybox"), folder / "bin/busybox")
    for name in ("sh", "mkdir", "touch"):
        (folder / "bin" / name).symlink_to("busybox")
    return str(folder)


def spent(index, *words):
    code = SPENT.format(top=str(TOP), index=index, words=list(words))
    done = subprocess.run([sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=True)
    modules, files, syncs = done.stderr.splitlines()[-1].split()
    return {"modules": int(modules), "files": int(files), "syncs": int(syncs)}


def commands(folder):
    """The programs that the journal tells of, run or left for the first real boot."""
    lines = (folder / "var/lib/cloudboot/journal").read_text().splitlines()
    return sum(json.loads(line).get("what", "").startswith(("run ", "make SSH")) for line in lines if '"did"' in line)


def hold(section, used):
    allowed = budget()[section]
    assert {name: used[name] for name in allowed} == allowed, f"[{section}] of tests/budget.toml says otherwise"


def test_a_first_boot_and_a_second_one(index, tmp_path):
    needs.root()  # nothing is left for later
    root = machine(tmp_path)
    first = spent(index, "--root", root, "boot")
    assert json.loads((tmp_path / "run/cloudboot/result.json").read_text())["exit"] == 0
    assert [path for path in work.DONE if not (tmp_path / path[1:]).exists()] == []
    ran = commands(tmp_path)
    hold("first", {**first, "commands": ran})
    second = spent(index, "--root", root, "boot")
    hold("second", {**second, "commands": commands(tmp_path) - ran})


@pytest.mark.parametrize("verb", ["status", "id", "version"])
def test_a_short_command(index, tmp_path, verb):
    root = machine(tmp_path)
    spent(index, "--root", root, "boot")
    hold(verb, spent(index, "--root", root, verb))


def test_a_boot_on_ec2_asks_for_all_of_it_at_once(index, tmp_path):
    with Server(clouds.cloud("ec2").answers(clouds.Wishes())) as server:
        there = {**cloud.MACHINE, "etc/cloudboot/cloudboot.cfg": cloud.CONFIG.format(server.url)}
        spent(index, "--root", machine(tmp_path, **there), "boot")
        assert (tmp_path / "var/lib/cloudboot/instances" / ID).is_dir()
        hold("ec2", {"requests": len(server.requests), "connections": server.connections})
