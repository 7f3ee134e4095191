import pytest

from cloudboot.errors import CloudbootError, Invalid
from modules import rh_subscription
from tests import kit

NEW = {"subscription-manager identity": 1}
MACHINE = {"os": "rhel", "answers": NEW, "tools": ("dnf",)}
MODULE = rh_subscription.MODULE
ACCOUNT = {"username": "joe", "password": "hunter2"}
SM = "subscription-manager"


def applied(tmp_path, config, answers=NEW):
    machine = kit.Machine(tmp_path, tools=("dnf",), answers=answers)
    kit.apply(MODULE, {"rh_subscription": config}, machine, os="rhel")
    return machine


def test_an_account_registers_with_its_password_out_of_sight(tmp_path):
    machine = applied(tmp_path, {**ACCOUNT, "server_hostname": "s", "rhsm_baseurl": "http://b"})
    assert machine.commands == [f"{SM} register --username=joe --serverurl=s --baseurl=http://b"]
    (run,) = machine.actions
    assert run.stdin.reveal() == "hunter2\n"
    assert "hunter2" not in repr(run)


def test_a_key_registers_for_its_organization_and_is_not_shown(tmp_path):
    machine = applied(tmp_path, {"org": "12", "activation_key": "hunter2", "auto_attach": True})
    assert machine.commands == [f"{SM} register --activationkey=hunter2 --org=12"]
    assert "hunter2" not in str(machine.actions[0])


def test_pools_repositories_and_release_follow(tmp_path):
    config = {**ACCOUNT, "auto_attach": True, "service_level": "std", "add_pool": ["1", "2"], "enable_repo": ["a"],
              "disable_repo": ["b"], "release_version": "9.4"}  # fmt: skip
    assert applied(tmp_path, config).commands[1:] == [
        f"{SM} attach --auto --servicelevel=std", f"{SM} attach --pool=1 --pool=2",
        f"{SM} repos --enable=a --disable=b", f"{SM} release --set=9.4", "dnf clean all"]  # fmt: skip


def test_a_registered_system_is_not_registered_again(tmp_path):
    answers = {"subscription-manager identity": 0}
    assert applied(tmp_path, {"enable_repo": ["a"]}, answers).commands == [f"{SM} repos --enable=a"]


@pytest.mark.parametrize("config", [{"username": "joe"}, {"activation_key": "k"}, {**ACCOUNT, "service_level": "x"}])
def test_half_of_what_is_needed_is_an_error(tmp_path, config):
    with pytest.raises(CloudbootError):
        applied(tmp_path, config)


def test_older_spellings_are_read():
    options, problems = MODULE.read({"rh_subscription": {"add-pool": ["1"], "activation-key": "k", "org": 314}})
    assert (options.add_pool, options.org) == (("1",), 314)
    assert {p.level for p in problems} == {"deprecated"}
    with pytest.raises(Invalid):
        MODULE.read({"rh_subscription": {"enable_repo": "a"}})
