import os

import pytest

from cloudboot.errors import Invalid
from modules import resolv_conf
from tests import kit

MACHINE = {"os": "fedora"}
MODULE = resolv_conf.MODULE
CONFIG = {
    "nameservers": ["8.8.8.8", "2001:db8::1"],
    "searchdomains": ["a.example.com", "example.com"],
    "domain": "example.com",
    "sortlist": ["10.0.0.1/255", "10.0.0.2"],
    "options": {"rotate": True, "inet6": False, "timeout": 1},
}


def applied(machine, config=None, **keys):
    asked = {"manage_resolv_conf": True, "resolv_conf": CONFIG if config is None else config, **keys}
    return kit.apply(MODULE, asked, machine, os="fedora")


def test_every_setting_has_its_line(tmp_path):
    machine = kit.Machine(tmp_path)
    applied(machine)
    assert machine.text("/etc/resolv.conf").splitlines()[1:] == [
        "domain example.com",
        "nameserver 8.8.8.8",
        "nameserver 2001:db8::1",
        "search a.example.com example.com",
        "sortlist 10.0.0.1/255 10.0.0.2",
        "options rotate timeout:1",
    ]


def test_a_file_that_is_resolveds_is_left_to_it(tmp_path):
    machine = kit.Machine(tmp_path)
    os.symlink("../run/systemd/resolve/stub-resolv.conf", f"{tmp_path}/etc/resolv.conf")
    applied(machine)
    assert machine.text(resolv_conf.DROP_IN).splitlines()[1:] == [
        "[Resolve]",
        "DNS=8.8.8.8 2001:db8::1",
        "Domains=example.com a.example.com",
    ]
    assert machine.commands == ["systemctl --no-block restart systemd-resolved"]


def test_nothing_is_written_unless_it_is_to_be_managed(tmp_path):
    machine = kit.Machine(tmp_path)
    applied(machine, manage_resolv_conf=False)
    assert machine.actions == []
    system = kit.apply(MODULE, "manage_resolv_conf: true", machine, os="fedora")
    assert (machine.actions, len(system.notes)) == ([], 1)


@pytest.mark.parametrize("wrong", [{"options": ["rotate"]}, {"nameservers": "1.1.1.1"}])
def test_what_is_no_setting_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"resolv_conf": wrong})


def test_the_network_configuration_has_a_better_place_on_debian():
    assert "debian" not in MODULE.distros
    assert "alpine" in MODULE.distros
