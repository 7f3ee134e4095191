import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Instance
from modules import spacewalk
from tests import kit

MACHINE = {"os": "fedora", "tools": ("rhnreg_ks",)}
MODULE = spacewalk.MODULE
CONFIG = {"server": "s.example", "activation_key": "hunter2"}


def applied(tmp_path, config, tools=("rhnreg_ks",), files=None):
    machine = kit.Machine(tmp_path, tools=tools, files=files)
    kit.apply(MODULE, {"spacewalk": config}, machine, os="fedora", instance=Instance("i", hostname="web.example"))
    return machine


def test_the_system_is_registered_by_its_full_name_and_the_key_is_not_shown(tmp_path):
    machine = applied(tmp_path, {**CONFIG, "proxy": "p"})
    (command,) = machine.commands
    assert command == (
        "rhnreg_ks --serverUrl https://s.example/XMLRPC --sslCACert /usr/share/rhn/RHN-ORG-TRUSTED-SSL-CERT"
        " --profilename web.example --proxy p --activationkey hunter2"
    )
    assert "hunter2" not in str(machine.actions[0])


def test_a_registered_system_stays_so(tmp_path):
    assert applied(tmp_path, CONFIG, files={spacewalk.REGISTERED: "<id>"}).actions == []


def test_the_programs_are_installed_where_they_are_not(tmp_path):
    assert "install rhn-setup" in applied(tmp_path, CONFIG, ("dnf",)).commands[0]


def test_without_a_server_there_is_nothing_to_do_and_without_a_key_no_way(tmp_path):
    assert applied(tmp_path, {}).actions == []
    with pytest.raises(CloudbootError):
        applied(tmp_path, {"server": "s"})
