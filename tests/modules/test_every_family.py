"""Every module's example, planned on a bare machine of each distribution: it orders nothing of programs that only other
distributions have. What a machine is, is read from its tree."""

import importlib

import pytest
import yaml

from cloudboot import registry
from cloudboot.host import look
from cloudboot.module import Boot
from cloudboot.system.actions import Run
from cloudboot.system.door import System
from cloudboot.system.plan import Plan
from cloudboot.values import Instance
from tests import kit

SYSTEMD = ("systemctl", "localectl", "hostnamectl", "/run/systemd/system/x")
OPENRC = ("rc-service", "rc-update")
DEBIAN = ("apt-get", "dpkg", "debconf-set-selections", "dpkg-reconfigure", "update-ca-certificates", "locale-gen")
SHADOW = ("useradd", "groupadd", "usermod", "chpasswd", "passwd", "gpasswd", "chage")
REDHAT = (*SHADOW, "update-ca-trust")
BUSYBOX = ("adduser", "addgroup", "chpasswd", "passwd", "delgroup")
DISTRIBUTIONS = {
    "debian 12": ('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm', (*DEBIAN, *SHADOW, *SYSTEMD)),
    "debian sysv": ("ID=debian\nVERSION_ID=12", (*DEBIAN, *SHADOW, "service", "update-rc.d", "invoke-rc.d")),
    "ubuntu 24.04": ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"', (*DEBIAN, *SHADOW, *SYSTEMD, "snap")),
    "ubuntu 14.04": ('ID=ubuntu\nVERSION_ID="14.04"', (*DEBIAN, *SHADOW, "initctl", "service", "update-rc.d")),
    "raspberry pi os": (
        "ID=debian\nVERSION_ID=12",
        (*DEBIAN, *SHADOW, *SYSTEMD, "/etc/rpi-issue", "raspi-config", "rpi-usb-gadget"),
    ),
    "rhel 9": ('ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"', (*REDHAT, *SYSTEMD, "dnf", "yum", "service")),
    "fedora 40": ("ID=fedora\nVERSION_ID=40", (*REDHAT, *SYSTEMD, "dnf")),
    "almalinux 9": ('ID="almalinux"\nID_LIKE="rhel centos fedora"', (*REDHAT, *SYSTEMD, "dnf", "yum")),
    "rocky 9": ('ID="rocky"\nID_LIKE="rhel centos fedora"', (*REDHAT, *SYSTEMD, "dnf", "yum")),
    "oracle 8": ('ID="ol"\nID_LIKE="fedora"', (*REDHAT, *SYSTEMD, "dnf", "yum")),
    "amazon 2023": ('ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"', (*REDHAT, *SYSTEMD, "dnf", "yum")),
    "amazon 2": ('ID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"', (*REDHAT, *SYSTEMD, "yum")),
    "amazon 1": ('ID="amzn"\nVERSION_ID="2018.03"', (*REDHAT, "yum", "initctl", "service", "chkconfig")),
    "azure linux 3": ('ID=azurelinux\nVERSION_ID="3.0"', (*REDHAT, *SYSTEMD, "tdnf")),
    "sles 15": ('ID="sles"\nID_LIKE="suse"', (*SHADOW, *SYSTEMD, "zypper", "update-ca-certificates")),
    "opensuse": ('ID="opensuse-leap"\nID_LIKE="suse"', (*SHADOW, *SYSTEMD, "zypper", "update-ca-certificates")),
    "alpine 3.20": (
        "ID=alpine\nVERSION_ID=3.20.0",
        (*BUSYBOX, *OPENRC, "apk", "update-ca-certificates", "setup-keymap"),
    ),
    "arch": ("ID=arch", (*SHADOW, *SYSTEMD, "pacman", "locale-gen", "update-ca-trust")),
    "gentoo": ("ID=gentoo", (*SHADOW, *OPENRC, "emerge", "locale-gen", "env-update", "update-ca-certificates")),
    "gentoo with systemd": ("ID=gentoo", (*SHADOW, *SYSTEMD, "emerge", "locale-gen", "env-update")),
}
ASKED = {"rsyslog": {"service"}, "package_update_upgrade_install": {"apt-get"}, "snap": {"snap"}, "lxd": {"snap"}}
"""What an example itself names, or has installed first."""
OWN = {tool for _, tools in DISTRIBUTIONS.values() for tool in tools} - {"localectl"}
"""Programs that not every distribution has. What is installed on the way is none of them."""
INSTANCE = Instance("i-1", hostname="web1", ssh_keys=("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample owner",))


@pytest.fixture(params=DISTRIBUTIONS)
def machine(request, tmp_path):
    release, tools = DISTRIBUTIONS[request.param]
    programs = [tool for tool in tools if "/" not in tool]
    files = {"/etc/os-release": release + "\n", **{path: "" for path in tools if "/" in path}}
    return kit.Machine(tmp_path, files, tools=programs)


def test_each_module_plans_with_the_programs_of_its_distribution(machine):
    host = look(machine.root, asks=False)
    here = {name for name in OWN if machine.look(f"/usr/bin/{name}")}
    planned = 0
    for module in registry.modules():
        if not module.card.suits(host):
            continue
        config = yaml.safe_load(kit.example(importlib.import_module(f"cloudboot.modules.{module.name}"))) or {}
        over = Plan(machine)
        module.apply(System(over), module.read(config)[0], Boot(module.stage, host, INSTANCE, config))
        ordered = {word for step in over.steps if isinstance(step.action, Run) for word in step.action.argv[:1]}
        foreign = (ordered & OWN) - here - ASKED.get(module.name, set())
        assert not foreign, f"{module.name} orders {sorted(foreign)}"
        planned += len(over.steps)
    assert planned > 50
