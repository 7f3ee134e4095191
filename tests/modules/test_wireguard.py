import pytest

from cloudboot.errors import CloudbootError, Invalid
from modules import wireguard
from tests import kit

MACHINE = {"tools": ("wg-quick", "systemctl")}
MODULE = wireguard.MODULE
WG0 = {"name": "wg0", "content": "[Interface]\nPrivateKey = k\n"}


def applied(tmp_path, config, tools=("wg-quick", "systemctl"), answers=None, os="ubuntu"):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers)
    kit.apply(MODULE, {"wireguard": config}, machine, os=os)
    return machine


def test_a_tunnel_is_a_file_for_root_alone_and_a_service_that_runs_now(tmp_path):
    machine = applied(tmp_path, {"interfaces": [WG0, {**WG0, "name": "wg1", "config_path": "/etc/other.conf"}]})
    for path in ("/etc/wireguard/wg0.conf", "/etc/other.conf"):
        assert machine.text(path) == WG0["content"]
        assert machine.mode(path) == 0o600
    assert machine.commands == ["systemctl enable wg-quick@wg0", "systemctl restart wg-quick@wg0",
                                "systemctl enable wg-quick@wg1", "systemctl restart wg-quick@wg1"]  # fmt: skip


def test_probes_are_asked_when_all_are_up(tmp_path):
    machine = applied(tmp_path, {"interfaces": [WG0], "readinessprobe": ["nc -z a 1", "b"]})
    assert machine.commands[-2:] == ["/bin/sh -c nc -z a 1", "/bin/sh -c b"]
    with pytest.raises(CloudbootError):
        applied(tmp_path / "2", {"interfaces": [WG0], "readinessprobe": ["b"]}, answers={"/bin/sh -c b": 1})


def test_the_tools_are_installed_where_they_are_not(tmp_path):
    assert applied(tmp_path, {"interfaces": [WG0]}, ("apt-get",)).commands[0].endswith("install wireguard-tools")


def test_openrc_has_a_link_for_each_tunnel(tmp_path):
    machine = applied(tmp_path, {"interfaces": [WG0]}, ("wg-quick", "rc-service"), os="alpine")
    assert machine.look("/etc/init.d/wg-quick.wg0").target == "/etc/init.d/wg-quick"
    assert machine.commands == ["rc-update add wg-quick.wg0 default", "rc-service wg-quick.wg0 restart"]


def test_one_without_content_stops_none_of_the_others(tmp_path):
    machine = kit.Machine(tmp_path, tools=("wg-quick",))
    with pytest.raises(CloudbootError, match=r"interfaces\[0\] needs"):
        kit.apply(MODULE, {"wireguard": {"interfaces": [{"name": "a"}, WG0]}}, machine)
    assert machine.look("/etc/wireguard/wg0.conf")


def test_a_tunnel_is_needed_unless_there_is_nothing_at_all():
    assert MODULE.check({"wireguard": None}) == ()
    with pytest.raises(Invalid):
        MODULE.read({"wireguard": {"readinessprobe": ["a"]}})
