import configparser

import pytest

from cloudboot.errors import Invalid
from modules import zypper_add_repo
from tests import kit

MACHINE = {"os": "opensuse"}
MODULE = zypper_add_repo.MODULE
CONF = "/etc/zypp/zypp.conf"


def applied(tmp_path, config, files=None):
    machine = kit.Machine(tmp_path, files=files)
    machine.system = kit.apply(MODULE, {"zypper": config}, machine, os="opensuse")
    return machine


def test_a_repository_is_on_and_refreshed_unless_it_says_otherwise(tmp_path):
    repos = [{"id": "a", "baseurl": "http://a"}, {"id": "b", "baseurl": "http://b", "enabled": 0, "type": "rpm-md"}]
    machine = applied(tmp_path, {"repos": repos})
    parser = configparser.ConfigParser()
    parser.read([f"{machine.root}/etc/zypp/repos.d/a.repo", f"{machine.root}/etc/zypp/repos.d/b.repo"])
    assert dict(parser["a"]) == {"enabled": "1", "autorefresh": "1", "baseurl": "http://a"}
    assert dict(parser["b"]) == {"enabled": "0", "autorefresh": "1", "baseurl": "http://b", "type": "rpm-md"}


def test_what_somebody_else_wrote_stays(tmp_path):
    path = "/etc/zypp/repos.d/a.repo"
    assert applied(tmp_path, {"repos": [{"id": "a", "baseurl": "http://a"}]}, {path: "mine"}).text(path) == "mine"


def test_settings_are_set_where_they_stand_and_once(tmp_path):
    before = "[main]\n## about\n# a.b = no\nc.d = x\nc.d = y\n"
    config = {"config": {"a.b": True, "c.d": "z", "new": 3, "configdir": "/x"}}
    machine = applied(tmp_path, config, {CONF: before})
    assert machine.text(CONF) == "[main]\n## about\na.b = 1\nc.d = z\nnew = 3\n"
    assert "configdir" in machine.system.notes[0]
    kit.apply(MODULE, {"zypper": config}, machine, os="opensuse")
    assert machine.text(CONF) == "[main]\n## about\na.b = 1\nc.d = z\nnew = 3\n"


def test_without_a_file_there_is_one(tmp_path):
    assert applied(tmp_path, {"config": {"a": "b"}}).text(CONF) == "[main]\na = b\n"


def test_one_without_an_address_is_left_out(tmp_path):
    machine = applied(tmp_path, {"repos": [{"id": "a"}, {"id": "b", "baseurl": "http://b"}]})
    assert machine.names("/etc/zypp/repos.d") == ("b.repo",)
    assert machine.system.notes == ["zypper.repos[0]: baseurl is missing"]


def test_other_keys_are_no_matter_and_a_list_is():
    assert MODULE.check({"zypper": {"other": 1}}) == ()
    with pytest.raises(Invalid):
        MODULE.read({"zypper": []})
