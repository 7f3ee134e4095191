import pytest

from cloudboot.errors import Invalid
from modules import mcollective
from tests import kit

MODULE = mcollective.MODULE
MACHINE = {"tools": ("apt-get", "systemctl")}
FILE = "/etc/mcollective/server.cfg"


def applied(tmp_path, config, files=None, **about):
    machine = kit.Machine(tmp_path, tools=("apt-get", "systemctl"), files=files)
    kit.apply(MODULE, {"mcollective": config}, machine, **about)
    return machine


def test_without_settings_it_is_installed_and_left_as_it_is(tmp_path):
    machine = applied(tmp_path, {})
    assert [c.split()[-1] for c in machine.commands] == ["mcollective"]
    assert machine.text(FILE) is None


def test_settings_go_into_the_file_beside_those_that_are_there(tmp_path):
    old = "# its own\nlibdir = /usr/libexec\nloglevel = info\nloglevel = debug\n"
    conf = {"loglevel": "warn", "plugin.activemq.pool.1.ssl": True, "plugin.activemq.pool.size": 1}
    machine = applied(tmp_path, {"conf": conf}, files={FILE: old})
    assert machine.text(FILE) == (
        "# its own\nlibdir = /usr/libexec\nloglevel = warn\n"
        "plugin.activemq.pool.1.ssl = true\nplugin.activemq.pool.size = 1\n"
    )
    assert machine.mode(FILE) == 0o600
    assert machine.commands[-1] == "systemctl --no-block restart mcollective"


def test_keys_are_files_of_their_own_that_the_settings_name(tmp_path):
    machine = applied(tmp_path, {"conf": {"public-cert": "PUBLIC\n", "private-cert": "PRIVATE\n"}})
    public, private = "/etc/mcollective/ssl/server-public.pem", "/etc/mcollective/ssl/server-private.pem"
    assert (machine.text(public), machine.mode(public)) == ("PUBLIC\n", 0o644)
    assert (machine.text(private), machine.mode(private)) == ("PRIVATE\n", 0o600)
    assert machine.text(FILE) == (
        f"plugin.ssl_server_public = {public}\nsecurityprovider = ssl\nplugin.ssl_server_private = {private}\n"
    )


def test_settings_and_keys_print_as_nothing_that_is_secret():
    options, problems = MODULE.read({"mcollective": {"conf": {"private-cert": "PRIVATE", "a": "yes"}}})
    assert problems == ()
    assert options.conf["a"] == "yes"
    assert "PRIVATE" not in repr(options)


@pytest.mark.parametrize("wrong", [[], {"a": []}, {"private-cert": []}])
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"mcollective": {"conf": wrong}})
