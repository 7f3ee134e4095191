import pytest

from cloudboot.errors import Invalid
from modules import rsyslog
from tests import kit

MACHINE = {}
MODULE = rsyslog.MODULE
FILE = "/etc/rsyslog.d/20-cloudboot.conf"


def applied(tmp_path, config, tools=("systemctl",), **about):
    machine = kit.Machine(tmp_path, tools=tools)
    machine.system = kit.apply(MODULE, {"rsyslog": config}, machine, **about)
    return machine


def test_configuration_goes_to_the_files_it_names(tmp_path):
    machine = applied(
        tmp_path,
        {
            "configs": [
                "*.* @a",
                {"content": "b\n"},
                {"content": "c", "filename": "01-c.conf"},
                {"content": "d", "filename": "/x/d"},
            ]
        },
    )
    assert machine.text(FILE) == "*.* @a\nb\n"
    assert machine.text("/etc/rsyslog.d/01-c.conf") == "c\n"
    assert machine.text("/x/d") == "d\n"
    assert machine.commands == ["systemctl --no-block try-reload-or-restart rsyslog"]


def test_the_folder_the_file_and_the_command_are_the_owners_choice(tmp_path):
    config = {"configs": ["a"], "config_dir": "/l/", "config_filename": "f", "service_reload_command": ["svc", "-h"]}
    machine = applied(tmp_path, config)
    assert machine.text("/l/f") == "a\n"
    assert machine.commands == ["svc -h"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("192.168.1.1", "*.* @192.168.1.1 # n"),
        ("@@logs.example.com:10514", "*.* @@logs.example.com:10514 # n"),
        ("auth.*,mail.* @10.0.0.1 # by UDP", "auth.*,mail.* @10.0.0.1 # by UDP"),
        ("*.*   [2001:db8::1]:514", "*.* @[2001:db8::1]:514 # n"),
        ("@[10.0.0.1]", "*.* @10.0.0.1 # n"),
    ],
)
def test_a_log_server_is_a_line(tmp_path, value, line):
    assert applied(tmp_path, {"remotes": {"n": value}}).text(FILE) == f"# remotes\n{line}\n"


@pytest.mark.parametrize("value", ["2001:db8::1", "@@@x", "a b c:d", "host:port", "@ "])
def test_what_is_no_log_server_is_left_out_with_a_warning(tmp_path, value):
    machine = applied(tmp_path, {"remotes": {"bad": value, "off": None, "good": "10.0.0.1"}})
    assert machine.text(FILE) == "# remotes\n*.* @10.0.0.1 # good\n"
    assert len(machine.system.notes) == 1
    assert value not in machine.system.notes[0]


def test_it_is_installed_only_if_asked_and_missing(tmp_path):
    asked = {"configs": ["a"], "install_rsyslog": True}
    assert applied(tmp_path / "1", asked, tools=("apt-get", "systemctl")).commands[0].endswith("install rsyslog")
    assert len(applied(tmp_path / "2", asked, tools=("rsyslogd", "systemctl")).commands) == 1
    assert len(applied(tmp_path / "3", {"configs": ["a"]}).commands) == 1


def test_a_list_is_the_older_form(tmp_path):
    assert applied(tmp_path, ["*.* @a"]).text(FILE) == "*.* @a\n"
    assert {p.level for p in MODULE.read({"rsyslog": ["a"]})[1]} == {"deprecated"}


def test_nothing_to_write_is_nothing_to_reload(tmp_path):
    assert applied(tmp_path, {}).commands == []


@pytest.mark.parametrize("wrong", [{"remotes": "a"}, {"service_reload_command": "a"}])
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"rsyslog": wrong})


def test_a_part_without_content_is_dropped():
    assert [p.path for p in MODULE.read({"rsyslog": {"configs": [{"filename": "a"}, "b"]}})[1]] == [
        ("rsyslog", "configs", 0)
    ]
