import json
import re

import pytest

from cloudboot.errors import CloudbootError, Invalid
from modules import chef
from tests import kit

MODULE = chef.MODULE
MACHINE = {"tools": ("apt-get", "systemctl")}
LEAST = {"server_url": "https://chef.example.org", "validation_name": "bob"}
CLIENT = "chef-client -d -i 1800 -s 20"


def applied(tmp_path, config, tools=("apt-get",), answers=None, files=None, **about):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers, files=files)
    machine.system = kit.apply(MODULE, {"chef": {**LEAST, **config}}, machine, **about)
    return machine


def lines(machine, path="/etc/chef/client.rb"):
    return dict(line.split(None, 1) for line in machine.text(path).splitlines()[1:])


def test_what_is_not_said_is_what_chef_is_used_to(tmp_path):
    machine = applied(tmp_path, {})
    assert lines(machine) == {
        "log_level": ":info",
        "ssl_verify_mode": ":verify_none",
        "log_location": '"/var/log/chef/client.log"',
        "validation_client_name": '"bob"',
        "client_key": '"/etc/chef/client.pem"',
        "chef_server_url": '"https://chef.example.org"',
        "environment": '"_default"',
        "node_name": '"i-1"',
        "json_attribs": '"/etc/chef/firstboot.json"',
        "file_cache_path": '"/var/chef/cache"',
        "file_backup_path": '"/var/chef/backup"',
        "pid_file": '"/var/run/chef/client.pid"',
        "Chef::Log::Formatter.show_time": "= true",
    }
    assert machine.text("/etc/chef/firstboot.json") == "{}\n"
    assert all(machine.look(f).kind == "folder" for f in chef.FOLDERS)
    assert [c.split()[-2:] for c in machine.commands] == [["install", "chef"]]


def test_the_validation_key_is_a_file_of_roots_alone(tmp_path):
    machine = applied(tmp_path, {"validation_cert": "KEY\n", "validation_key": "/etc/chef/v.pem"})
    assert (machine.text("/etc/chef/v.pem"), machine.mode("/etc/chef/v.pem")) == ("KEY\n", 0o600)
    assert lines(machine)["validation_key"] == '"/etc/chef/v.pem"'


@pytest.mark.parametrize(("files", "notes"), [({"/etc/chef/validation.pem": "MINE"}, 0), ({}, 1)])
def test_the_images_own_key_is_left_alone_and_missed_where_it_is_not(tmp_path, files, notes):
    machine = applied(tmp_path, {"validation_cert": "system"}, files=files)
    assert machine.text("/etc/chef/validation.pem") == files.get("/etc/chef/validation.pem")
    assert len(machine.system.notes) == notes
    assert "validation_key" in lines(machine)


def test_the_first_run_has_its_list_and_attributes(tmp_path):
    config = {"run_list": ["recipe[a]", "role[b]"], "initial_attributes": {"c": {"d": [1]}}, "firstboot_path": "/f"}
    machine = applied(tmp_path, config)
    assert json.loads(machine.text("/f")) == {"run_list": ["recipe[a]", "role[b]"], "c": {"d": [1]}}
    assert machine.mode("/f") == 0o600
    assert lines(machine)["json_attribs"] == '"/f"'


def test_everything_else_can_be_said(tmp_path):
    config = {
        "config_path": "/c/client.rb",
        "log_level": "auto",
        "ssl_verify_mode": ":verify_peer",
        "chef_license": "accept",
        "node_name": "web1",
        "show_time": False,
        "encrypted_data_bag_secret": "/etc/chef/secret",
        "directories": ["/d/one"],
        "file_cache_path": "/d/two",
    }
    machine = applied(tmp_path, config)
    assert (
        lines(machine, "/c/client.rb").items()
        >= {
            "log_level": ":auto",
            "ssl_verify_mode": ":verify_peer",
            "chef_license": '"accept"',
            "node_name": '"web1"',
            "Chef::Log::Formatter.show_time": "= false",
            "encrypted_data_bag_secret": '"/etc/chef/secret"',
        }.items()
    )
    assert machine.look("/d/one")
    assert machine.look("/d/two")


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a\\", "#{`id`}", "\\#{1}", '\\"', "é"])
def test_a_value_is_a_text_to_ruby_and_never_code(tmp_path, value):
    written = lines(applied(tmp_path, {"node_name": value}))["node_name"]
    assert re.fullmatch(r'"([^"\\#]|\\.)*"', written), "whatever ends a text or is code stands behind a backslash"
    assert re.sub(r"\\(.)", r"\1", written[1:-1]) == value


def test_a_level_that_is_no_name_is_a_text(tmp_path):
    assert lines(applied(tmp_path, {"log_level": ":info; exit"}))["log_level"] == '":info; exit"'


@pytest.mark.parametrize(("force", "installs"), [(False, 0), (True, 1)])
def test_it_is_installed_where_it_is_missing_or_that_is_forced(tmp_path, force, installs):
    machine = applied(tmp_path, {"force_install": force}, tools=("apt-get", "chef-client"))
    assert len(machine.commands) == installs


def test_gems_bring_ruby_and_run_in_the_first_boot(tmp_path):
    config = {"install_type": "gems", "version": "18.0.0"}
    machine = applied(tmp_path / "1", config)
    assert machine.commands[0].endswith(" install ruby")
    assert machine.commands[1].startswith("gem install chef --version 18.0.0 ")
    assert machine.commands[2] == CLIENT
    assert CLIENT not in applied(tmp_path / "2", config, first=False).commands
    assert CLIENT not in applied(tmp_path / "3", {**config, "exec": False}).commands


def test_the_makers_script_is_fetched_and_run(tmp_path):
    config = {
        "install_type": "omnibus",
        "omnibus_url": "https://x/i",
        "omnibus_version": "18",
        "omnibus_url_retries": 0,
    }
    machine = applied(tmp_path, config, answers={"https://x/i": b"#!/bin/sh\n"})
    assert machine.commands == ["/var/lib/cloudboot/instances/i-1/chef-install -v 18"]
    assert [a.tries for a in machine.actions if hasattr(a, "tries")] == [1]


@pytest.mark.parametrize("words", ["--once  -l debug", ["--once", "-l", "debug"]])
def test_a_run_takes_the_owners_words_and_may_use_up_the_key(tmp_path, words):
    config = {"validation_cert": "K", "exec": True, "exec_arguments": words, "delete_validation_post_exec": True}
    machine = applied(tmp_path, config)
    assert machine.commands[-1] == "chef-client --once -l debug"
    assert machine.look("/etc/chef/validation.pem") is None


def test_the_key_stays_where_the_run_failed(tmp_path):
    machine = kit.Machine(tmp_path, answers={"chef-client": 1}, tools=("chef-client",))
    config = {**LEAST, "validation_cert": "K", "exec": True, "delete_validation_post_exec": True}
    with pytest.raises(CloudbootError):
        kit.apply(MODULE, {"chef": config}, machine)
    assert machine.text("/etc/chef/validation.pem") == "K"


@pytest.mark.parametrize("key", ["server_url", "validation_name"])
def test_what_chef_cannot_do_without_is_asked_for(tmp_path, key):
    with pytest.raises(CloudbootError, match=key):
        applied(tmp_path, {key: ""})


@pytest.mark.parametrize("wrong", [{"omnibus_url_retries": "one"}, {"chef_license": 1}, {"initial_attributes": 1}])
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"chef": wrong})


def test_an_empty_mapping_and_a_folder_named_twice_are_wrong():
    assert MODULE.check({"chef": {}})
    assert MODULE.check({"chef": {"directories": ["/a", "/a"]}})
