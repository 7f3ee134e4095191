import pytest

from cloudboot.errors import Invalid
from modules import landscape
from tests import kit

NEW = {"landscape-config --silent --is-registered": 5}
MACHINE = {"os": "ubuntu", "tools": ("landscape-config",), "answers": NEW}
MODULE = landscape.MODULE
CLIENT = {"account_name": "joe's", "computer_title": "web 1"}


def applied(tmp_path, client, tools=("landscape-config",), answers=NEW, files=None):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers, files=files)
    machine.system = kit.apply(MODULE, {"landscape": {"client": {**CLIENT, **client}}}, machine, os="ubuntu")
    return machine


def test_what_is_said_becomes_options_of_the_client(tmp_path):
    (command,) = applied(tmp_path, {"tags": "a,b", "script_users": "ALL"}).commands
    assert command == (
        "landscape-config --silent --account-name joe's --computer-title web 1 --data-path /var/lib/landscape/client"
        " --log-level info --ping-url https://landscape.canonical.com/ping --script-users ALL --tags a,b"
        " --url https://landscape.canonical.com/message-system"
    )


def test_the_key_is_in_a_file_that_others_cannot_read_and_nowhere_else(tmp_path):
    conf = "[client]\nregistration_key = old\nbus = session\n"
    machine = applied(tmp_path, {"registration_key": "hunter2"}, files={landscape.CONF: conf})
    assert machine.text(landscape.CONF) == "[client]\nregistration_key = hunter2\nbus = session\n"
    assert machine.mode(landscape.CONF) == 0o640
    assert machine.owners == {landscape.CONF: "landscape:root"}
    assert "hunter2" not in " ".join(machine.commands)


def test_a_machine_that_is_registered_stays_so(tmp_path):
    machine = applied(tmp_path, {}, answers={})
    machine.answers["landscape-config"] = 0
    machine.actions.clear()
    system = kit.apply(MODULE, {"landscape": {"client": CLIENT}}, machine, os="ubuntu", instance=kit.Instance("i-2"))
    assert machine.actions == []
    assert "registered already" in system.notes[0]


def test_the_client_is_installed_where_it_is_not(tmp_path):
    assert applied(tmp_path, {}, ("apt-get",)).commands[0].endswith("install landscape-client")


@pytest.mark.parametrize("wrong", [{}, {"client": {"computer_title": "a"}}, {"client": {**CLIENT, "tags": "a b"}}])
def test_account_and_title_are_needed_and_tags_have_a_form(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"landscape": wrong})
