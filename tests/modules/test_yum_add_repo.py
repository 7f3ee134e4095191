import configparser

import pytest

from modules import yum_add_repo
from tests import kit

MACHINE = {"os": "fedora"}
MODULE = yum_add_repo.MODULE
PATH = "/etc/yum.repos.d/{}.repo"


def applied(tmp_path, repos, files=None, **more):
    machine = kit.Machine(tmp_path, files=files)
    machine.system = kit.apply(MODULE, {"yum_repos": repos, **more}, machine, os="fedora")
    return machine


def section(text, name):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return dict(parser[name])


def test_a_repository_is_a_file_that_says_what_was_said(tmp_path):
    repo = {"name": "A - $basearch", "mirrorlist": "http://m/?repo=rhel-$releasever", "enabled": False,
            "gpgcheck": True, "metadata_expire": 300}  # fmt: skip
    text = applied(tmp_path, {"epel-testing": repo}).text(PATH.format("epel-testing"))
    assert section(text, "epel-testing") == {
        "name": "A - $basearch", "mirrorlist": "http://m/?repo=rhel-$releasever", "enabled": "0", "gpgcheck": "1",
        "metadata_expire": "300"}  # fmt: skip


def test_keys_in_a_list_are_a_line_each(tmp_path):
    machine = applied(tmp_path, {"x": {"baseurl": "http://x", "gpgkey": ["file:///a", "file:///b"]}})
    assert section(machine.text(PATH.format("x")), "x")["gpgkey"] == "file:///a\nfile:///b"
    assert "write it as one text" in machine.system.notes[0]


def test_a_name_with_blanks_and_another_folder(tmp_path):
    machine = applied(tmp_path, {"My Repo": {"baseurl": "http://x"}}, yum_repo_dir="/etc/repos/")
    assert machine.text("/etc/repos/My-Repo.repo").splitlines()[1] == "[My-Repo]"


def test_what_somebody_else_wrote_stays_and_what_we_wrote_is_renewed(tmp_path):
    machine = applied(
        tmp_path, {"x": {"baseurl": "http://x"}, "y": {"baseurl": "http://y"}}, {PATH.format("x"): "mine\n"}
    )
    assert machine.text(PATH.format("x")) == "mine\n"
    kit.apply(MODULE, {"yum_repos": {"y": {"baseurl": "http://z"}}}, machine, os="fedora")
    assert section(machine.text(PATH.format("y")), "y")["baseurl"] == "http://z"


@pytest.mark.parametrize("wrong", [{"enabled": True}, "http://x", {"baseurl": ["http://x", 1]}, {"baseurl": None}])
def test_one_that_cannot_be_used_stops_none_of_the_others(tmp_path, wrong):
    machine = applied(tmp_path, {"a": wrong, "b": {"baseurl": "http://b"}})
    assert machine.names("/etc/yum.repos.d") == ("b.repo",)
    assert "yum_repos.a" in machine.system.notes[0]


def test_none_at_all_is_wrong():
    assert [p.path for p in MODULE.check({"yum_repos": {}})] == [("yum_repos",)]
