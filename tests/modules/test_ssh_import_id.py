import pytest

from cloudboot.errors import CloudbootError, Invalid
from cloudboot.system.actions import Outcome
from modules import ssh_import_id
from tests import kit

MACHINE = {"tools": ("ssh-import-id",)}
MODULE = ssh_import_id.MODULE


def applied(tmp_path, config, tools=("ssh-import-id",), answers=None):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers)
    machine.system = kit.apply(MODULE, config, machine, os="ubuntu")
    machine.imports = [(a.user, " ".join(a.argv[1:])) for a in machine.actions
                       if getattr(a, "user", None)]  # fmt: skip
    return machine


def test_the_default_user_and_others_are_imported_for_each_as_itself(tmp_path):
    users = ["default", {"name": "al", "ssh_import_id": ["gh:al"]}, "bo"]
    image = {"default_user": {"name": "ubuntu"}}
    machine = applied(tmp_path, {"ssh_import_id": ["lp:me", "lp:me"], "users": users, "system_info": image})
    assert sorted(machine.imports) == [("al", "gh:al"), ("ubuntu", "lp:me")]


def test_nobodys_is_nothing(tmp_path):
    assert applied(tmp_path / "a", {"users": ["bo"]}, tools=()).actions == []
    machine = applied(tmp_path / "b", {"ssh_import_id": ["gh:a"], "users": ["bo"]})
    assert machine.actions == []
    assert "no default user" in machine.system.notes[0]


def test_it_is_asked_once_more_and_one_that_fails_stops_none_of_the_others(tmp_path):
    said = Outcome(True, 1, stderr=b"no such user\n")
    users = [{"name": "al", "ssh_import_id": ["gh:al"]}, {"name": "bo", "ssh_import_id": ["gh:bo"]}]
    machine = kit.Machine(tmp_path, tools=("ssh-import-id",), answers={"ssh-import-id gh:al": said})
    with pytest.raises(CloudbootError, match="no such user for al"):
        kit.apply(MODULE, {"users": users}, machine)
    assert machine.commands == ["ssh-import-id gh:al"] * 2 + ["ssh-import-id gh:bo"]


def test_the_program_is_installed_where_it_is_not(tmp_path):
    users = [{"name": "al", "ssh_import_id": ["gh:al"]}]
    machine = applied(tmp_path, {"users": users}, tools=("apt-get",))
    assert machine.commands[0].endswith("install ssh-import-id")


def test_one_name_without_a_list_is_refused():
    with pytest.raises(Invalid):
        MODULE.read({"ssh_import_id": "gh:a"})
