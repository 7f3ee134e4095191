"""What a module makes of a document, held against what the reference makes of it: every file that it writes and every
command that it runs, by their meaning. What is different is named here, by its kind, with the reason."""

import json
import re

import pytest

from cloudboot import registry
from cloudboot.host.system import FAMILY
from cloudboot.system import actions
from cloudboot.values import Host, Instance, Os
from tests import beside, kit
from tests.modules import test_apt_configure as apt
from tests.modules.test_ssh import keygen

CASES = beside.load("effects")
SCRATCH = re.compile(r"/pytest-of-nobody/pytest-\d+/[^/\"]+")
ASKS = ("ps ", "apt-cache pkgnames", "puppet config print", "/opt/puppetlabs/bin/puppet config print", "snap list",
        "ansible-pull --version", "landscape-config --silent --is-registered")  # fmt: skip
"""Commands that change nothing: how a fact is learned is nobody's affair."""
IDS = {"raspberry_pi_os": "raspberry-pi-os", "testingdistro": "debian", None: "ubuntu"}
TOOLS = ("apt-get", "hostname", "systemctl", "mkswap", "swapon", "fallocate", "setupcon", "byobu", "raspi-config",
         "ubuntu-drivers", "snap", "lxd", "ansible", "add-apt-repository", "landscape-config", "chef-client",
         "pollinate", "setup-keymap", "ssh-keygen", "puppet", "ntpd", "route")  # fmt: skip
FILES = {"/run/systemd/system/x": "", "/proc/device-tree/model": "Raspberry Pi 5 Model B"}
IID = "iid-datasource-none"
LOST = "/var/lib/cloud/instances/"


KEY_TEXT = json.dumps(apt.KEY)[1:-1]


def os_of(name):
    name = IDS.get(name, name.lower() if name else name)
    return Os(name, FAMILY.get(name, "linux"), "12", "fakerelease", name)


DIFFERENT = {
    "landscape": (
        lambda wanted: "account_name" not in wanted["client"],
        "what landscape-config needs is asked for first",
    ),
    "mounts": (
        lambda wanted: wanted == {"filename": "/swap.img", "maxsize": "512", "size": "512"},
        "a swap of 512 bytes",
    ),
}
"""What is done otherwise, by module and what it is told; see docs/differences.md."""
UNLIKE = {"restart ntp": "restart ntpd", "shutdown -r now Rebooting to apply config.txt changes...":
          "shutdown -r now Rebooting to apply config.txt"}  # fmt: skip
"""What is said in other words: the service that ntp's own package has, but for Debian."""


@pytest.mark.parametrize("case", CASES)
def test_a_module_does_what_the_reference_does(case, tmp_path):
    if case["distro"] in ("freebsd", "openbsd", "netbsd", "dragonfly"):
        pytest.skip("no Linux")
    text = SCRATCH.sub("", json.dumps(case)).replace("fakekey 4321", KEY_TEXT).replace("fakekey 1234", KEY_TEXT)
    case = json.loads(text)
    is_other, why = DIFFERENT.get(case["module"], (lambda wanted: False, ""))
    if any(is_other(wanted) for wanted in case["config"].values()):
        pytest.skip(f"done otherwise: {why}")
    machine = kit.Machine(
        tmp_path, tools=TOOLS, files={} if case["module"] == "set_hostname" else FILES, answers={"sh": keygen}
    )
    module = registry.module(case["module"])
    kit.apply(module, case["config"], machine, instance=Instance(IID), host=Host(os=os_of(case["distro"])))
    done = {m for action in machine.actions if isinstance(action, actions.Run) for m in meaning(action.argv)}
    done |= {f"hostname {action.name}" for action in machine.actions if isinstance(action, actions.TakeName)}
    wanted = {m for argv in case["commands"] for m in meaning(argv)}
    if case["module"] == "mounts":
        wanted -= {"swapon -a"}  # for the swap of a cloud that is not in the case
    wanted = {UNLIKE.get(m, m) if m not in done else m for m in wanted}
    assert not wanted - done, f"done is {sorted(done)}"
    for path, file in case["files"].items():
        path = path.replace(f"{LOST}{IID}", f"/var/lib/cloudboot/instances/{IID}")
        assert machine.read(path) is not None, f"{path} is not written"
        text = machine.read(path).decode(errors="replace")
        if path == "/etc/fstab":  # without the swap of a cloud that is not in the case
            file["content"] = "\n".join(line for line in file["content"].splitlines() if "/dev/sdb1" not in line)
            before = [line for line in file["content"].splitlines() if "comment=cloudconfig" not in line]
            text += "\n".join(before)
        if not path.endswith(".gpg"):  # the key that stands in for the reference's, which is none
            assert said(text) == said(file["content"])
        assert file["mode"] in (None, machine.mode(path))


def meaning(argv):
    """What a command is for, whatever the words: none for one that asks."""
    line = " ".join(argv)
    if line.startswith(ASKS) or "--dearmor" in line or "write-ssh-key-fingerprints" in line:
        return
    if argv[0] in ("systemctl", "service", "rc-service"):
        words = [w for w in argv[1:] if w[:2] != "--"]
        verb = next((w for w in words if w in ("restart", "reload-or-restart", "enable", "daemon-reload")), words[0])
        yield f"{verb.rpartition('-')[2]} {' '.join(w for w in words if w != verb)}".strip()
    elif "install" in argv and argv[0] == "apt-get":
        yield from (f"install {name}" for name in argv[argv.index("install") + 1 :])
    elif "shutdown" in argv:
        yield " ".join(argv[argv.index("shutdown") :])
    elif line.startswith("ssh-keygen -t") or argv[0] == "sh":
        yield f"make a host key {argv[2] if argv[0] == 'ssh-keygen' else argv[4]}"
    elif argv[:2] == ["/bin/sh", "-c"] and "debconf-set-selections" in line:
        yield "debconf-set-selections"
        yield "dpkg-reconfigure byobu"
    else:
        words = [w for w in argv[1:] if w not in ("--frontend=noninteractive", "--yes")]
        yield " ".join((argv[0].rpartition("/")[2], *(sorted(words) if argv[0] == "ansible-pull" else words)))


def said(text):
    """What a file says: the value of a JSON document, else the lines that count, without the blanks in them."""
    try:
        return json.loads(text)
    except ValueError:
        lines = ("".join(line.split()) for line in text.splitlines())
        return sorted(line for line in lines if line and line[0] != "#")
