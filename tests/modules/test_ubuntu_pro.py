import json

import pytest

from cloudboot.errors import CloudbootError, Invalid
from cloudboot.system.actions import Outcome
from modules import ubuntu_pro
from tests import kit

MACHINE = {"os": "ubuntu", "tools": ("pro",)}
MODULE = ubuntu_pro.MODULE
PATH = "/var/lib/cloudboot/instances/i-1/ubuntu-pro.yaml"
ATTACH = f"pro attach --attach-config {PATH}"
ENABLE = "pro enable --assume-yes --format json"
IMAGE = json.dumps({"data": {"attributes": {"should_auto_attach": True}}})


def applied(tmp_path, config, tools=("pro",), answers=None):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers)
    machine.system = kit.apply(MODULE, {"ubuntu_pro": config}, machine, os="ubuntu")
    return machine


def test_the_token_is_handed_over_in_a_file_that_does_not_stay(tmp_path):
    seen = []
    machine = applied(tmp_path, {"token": "hunter2"}, answers={ATTACH: lambda m, argv: seen.append(
        (m.mode(PATH), json.loads(m.text(PATH))))})  # fmt: skip
    assert machine.commands == [ATTACH]
    assert seen == [(0o600, {"token": "hunter2"})]
    assert not machine.look(PATH)


def test_it_does_not_stay_either_where_it_was_wrong(tmp_path):
    machine = kit.Machine(tmp_path, tools=("pro",), answers={ATTACH: 1})
    with pytest.raises(CloudbootError):
        kit.apply(MODULE, {"ubuntu_pro": {"token": "hunter2"}}, machine)
    assert not machine.look(PATH)


def test_services_of_ones_own_choice_are_enabled_and_no_others(tmp_path):
    seen = []
    config = {"token": "t", "enable": ["fips", "esm"], "enable_beta": ["rt"]}
    answers = {ATTACH: lambda m, argv: seen.append(json.loads(m.text(PATH)))}
    assert applied(tmp_path, config, answers=answers).commands == [
        ATTACH, f"{ENABLE} -- fips", f"{ENABLE} -- esm", f"{ENABLE} --beta -- rt"]  # fmt: skip
    assert seen == [{"token": "t", "enable_services": []}]


def test_one_that_is_enabled_is_as_it_should_be_and_another_that_fails_is_named(tmp_path):
    there = Outcome(True, 1, json.dumps({"errors": [{"message_code": "service-already-enabled"}]}).encode())
    answers = {f"{ENABLE} -- a": there, f"{ENABLE} -- b": 1}
    machine = kit.Machine(tmp_path, tools=("pro",), answers=answers)
    with pytest.raises(CloudbootError, match=r"^pro could not enable b: it exited 1"):
        kit.apply(MODULE, {"ubuntu_pro": {"token": "t", "enable": ["a", "b", "c"]}}, machine)
    assert machine.commands[-1] == f"{ENABLE} -- c"


def test_settings_are_made_first_and_nothing_unsets_one(tmp_path):
    config = {"token": "t", "config": {"http_proxy": "http://p:1", "https_proxy": None, "apt_news": False}}
    assert applied(tmp_path, config).commands == [
        "pro config set http_proxy=http://p:1", "pro config unset https_proxy", "pro config set apt_news=false",
        ATTACH]  # fmt: skip


def test_an_image_that_is_a_subscription_is_attached_by_itself_unless_somebody_minds(tmp_path):
    answers = {f"pro api {ubuntu_pro.ASKED}": IMAGE}
    assert applied(tmp_path / "a", {}, answers=answers).commands == ["pro auto-attach"]
    minds = {"features": {"disable_auto_attach": True}}
    assert applied(tmp_path / "b", minds, answers=answers).commands == []
    assert applied(tmp_path / "c", {}).commands == []


def test_services_need_a_token(tmp_path):
    with pytest.raises(CloudbootError, match="no token"):
        applied(tmp_path, {"enable": ["a"]})


def test_the_client_is_installed_where_it_is_not(tmp_path):
    machine = applied(tmp_path, {"token": "t"}, ("apt-get",))
    assert machine.commands[0].endswith("install ubuntu-advantage-tools")


def test_the_older_name_is_read_and_what_it_is_called_now_is_said():
    assert MODULE.read({"ubuntu_advantage": {"token": "t"}})[0].token.reveal() == "t"
    (problem,) = MODULE.check({"ubuntu_advantage": {}})
    assert (problem.level, problem.remedy) == ("deprecated", "use ubuntu_pro instead")


def test_proxies_are_urls_and_other_settings_are_the_clients_own():
    assert MODULE.check({"ubuntu_pro": {"config": {"hola": "adios", "http_proxy": None}}}) == ()
    assert [p.path[-1] for p in MODULE.check({"ubuntu_pro": {"config": {"http_proxy": "no url"}}})] == ["http_proxy"]
    with pytest.raises(Invalid):
        MODULE.read({"ubuntu_pro": {"enable": "fips"}})
