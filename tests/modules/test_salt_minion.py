import pytest
import yaml

from cloudboot.errors import CommandFailed, Invalid
from modules import salt_minion
from tests import kit

MODULE = salt_minion.MODULE
MACHINE = {"tools": ("apt-get", "systemctl")}
KEYS = {"public_key": "PUBLIC\n", "private_key": "PRIVATE\n"}


def applied(tmp_path, config, answers=None, **about):
    machine = kit.Machine(tmp_path, tools=("apt-get", "systemctl"), answers=answers)
    machine.system = kit.apply(MODULE, {"salt_minion": config}, machine, **about)
    return machine


def test_nothing_but_the_key_installs_and_starts_it(tmp_path):
    machine = applied(tmp_path, {})
    assert machine.commands[0].endswith(" install salt-minion")
    assert machine.commands[1:] == ["systemctl enable salt-minion", "systemctl --no-block restart salt-minion"]


def test_settings_and_grains_are_files_that_say_the_same(tmp_path):
    conf = {"master": "salt.example.com", "gitfs_remotes": ["https://example.com/a.git"], "log": {"level": 3}}
    machine = applied(tmp_path, {"conf": conf, "grains": {"role": ["web"]}})
    assert yaml.safe_load(machine.text("/etc/salt/minion")) == conf
    assert yaml.safe_load(machine.text("/etc/salt/grains")) == {"role": ["web"]}
    assert machine.mode("/etc/salt/minion") == 0o600


def test_the_keys_are_a_pair_and_the_private_one_is_roots_alone(tmp_path):
    machine = applied(tmp_path, KEYS)
    assert machine.text("/etc/salt/pki/minion/minion.pub") == "PUBLIC\n"
    assert machine.text("/etc/salt/pki/minion/minion.pem") == "PRIVATE\n"
    assert machine.mode("/etc/salt/pki/minion") == 0o700
    assert machine.mode("/etc/salt/pki/minion/minion.pem") == 0o600
    write = next(a for a in machine.actions if getattr(a, "path", "").endswith("minion.pem"))
    assert write.secret


def test_one_key_of_two_is_not_written_and_warned_of(tmp_path):
    machine = applied(tmp_path, {"private_key": "PRIVATE"})
    assert machine.look("/etc/salt/pki") is None
    assert len(machine.system.notes) == 1


def test_folders_package_and_service_are_the_owners_choice(tmp_path):
    config = {"pkg_name": "p", "service_name": "s", "config_dir": "/c/", "pki_dir": "/k", "grains": {"a": 1}, **KEYS}
    machine = applied(tmp_path, config)
    assert machine.commands[0].endswith(" install p")
    assert machine.commands[1:] == ["systemctl enable s", "systemctl --no-block restart s"]
    assert machine.text("/c/grains") == "a: 1\n"
    assert machine.text("/k/minion.pem") == "PRIVATE\n"


def test_without_a_master_the_states_are_applied_and_no_service_is_left(tmp_path):
    machine = applied(tmp_path, {"conf": {"file_client": "local"}})
    assert machine.commands[1:] == [
        "systemctl disable salt-minion",
        "systemctl --no-block stop salt-minion",
        "salt-call --local --retcode-passthrough --config-dir /etc/salt state.apply",
    ]


def test_states_that_fail_fail_the_module(tmp_path):
    with pytest.raises(CommandFailed):
        applied(tmp_path, {"conf": {"file_client": "local"}}, answers={"salt-call": 2})


def test_the_service_is_stopped_where_there_is_no_systemd(tmp_path):
    machine = kit.Machine(tmp_path, tools=("apk", "rc-service"))
    kit.apply(MODULE, {"salt_minion": {"conf": {"file_client": "local"}}}, machine, os="alpine")
    assert machine.commands[1:3] == ["rc-update --all del salt-minion", "rc-service salt-minion stop"]


@pytest.mark.parametrize("wrong", [{"conf": "a"}, {"grains": "a"}, {"private_key": []}])
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"salt_minion": wrong})
