import pytest

from cloudboot.errors import Invalid
from modules import rsyslog
from tests import kit

MACHINE = {}
MODULE = rsyslog.MODULE
FILE = "/etc/rsyslog.d/20-cloudboot.conf"


STARTED = ["systemctl enable rsyslog", "systemctl --no-block restart rsyslog"]


def applied(tmp_path, config, tools=("systemctl", "rsyslogd"), **about):
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
    assert machine.commands == ["systemctl --no-block try-restart rsyslog"]


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


def test_a_server_that_a_package_brings_later_starts_with_what_was_written(tmp_path):
    machine = applied(tmp_path, {"configs": ["*.* @a"]}, tools=("systemctl",))
    assert machine.names("/etc/rsyslog.d") == ("20-cloudboot.conf",)
    assert machine.commands == []


def test_it_is_installed_only_if_asked_and_missing(tmp_path):
    asked = {"configs": ["a"], "install_rsyslog": True}
    missing = applied(tmp_path / "1", asked, tools=("apt-get", "systemctl")).commands
    assert missing[0].endswith("install rsyslog") and missing[1:] == STARTED
    assert applied(tmp_path / "2", asked, tools=("rsyslogd", "systemctl")).commands == STARTED
    central = {"remotes": {"a": {"host": "b", "protocol": "tcp"}}}
    assert applied(tmp_path / "4", central, ("apt-get",)).commands[0].endswith("install rsyslog")
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


def test_a_central_server_is_an_action_with_a_queue_and_the_instances_id(tmp_path):
    central = {"host": "logs.example.org", "match": "auth.*", "queue_size": "200m"}
    machine = applied(tmp_path, {"remotes": {"old": "10.0.0.1", "the centre": central}}, ("rsyslogd", "apt-get"))
    text = machine.text(FILE)
    assert text.startswith('# remotes\n*.* @10.0.0.1 # old\nmodule(load="omrelp")\nset $!instance_id = "i-1";\n')
    assert 'auth.* action(\n    type="omrelp"\n    target="logs.example.org"\n    port="2514"\n' in text
    assert '    queue.filename="cloudboot-the-centre"\n' in text and '    queue.maxDiskSpace="200m"\n' in text
    assert "tls" not in text
    assert [c.rpartition(" ")[2] for c in machine.commands if "install" in c] == ["rsyslog-relp"]


def test_what_is_installed_already_is_not_installed(tmp_path):
    machine = kit.Machine(tmp_path, {"/usr/lib/x86_64-linux-gnu/rsyslog/omrelp.so": ""},
                          tools=("systemctl", "rsyslogd"))  # fmt: skip
    kit.apply(MODULE, {"rsyslog": {"remotes": {"a": {"host": "b"}}}}, machine)
    assert machine.commands == STARTED


@pytest.mark.parametrize(
    ("os", "protocol", "names"),
    [
        ("fedora", "relp", "rsyslog-relp"),
        ("opensuse", "relp", "rsyslog-module-relp"),
        ("alpine", "tcp", "rsyslog-tls"),
        ("arch", "relp", ""),
        ("debian", "udp", ""),
    ],
)
def test_each_family_calls_the_packages_otherwise(tmp_path, os, protocol, names):
    machine = applied(tmp_path, {"remotes": {"a": {"host": "b", "protocol": protocol, "tls": True}}}, os=os)
    installed = [c for c in machine.commands if "install" in c or " add " in c]
    assert [c.rpartition(" ")[2] for c in installed] == ([names] if names else [])


def test_keys_are_for_whom_rsyslog_runs_as_and_written_first(tmp_path):
    users = kit.PASSWD + "syslog:x:104:111::/home/syslog:/usr/sbin/nologin\n"
    target = {"host": "b", "tls": True, "ca_cert": "CA", "cert": "CERT", "key": "KEY", "permitted_peer": ["x", "y"]}
    machine = kit.Machine(tmp_path, {"/etc/passwd": users}, tools=("systemctl", "apt-get"))
    kit.apply(MODULE, {"rsyslog": {"remotes": {"a": target}}}, machine)
    key = "/etc/rsyslog.d/a-key.pem"
    assert (machine.text(key), machine.mode(key), machine.owners[key]) == ("KEY\n", 0o600, "syslog")
    written = [a.path for a in machine.actions if type(a).__name__ == "WriteFile"]
    assert written == [*(f"/etc/rsyslog.d/a-{part}.pem" for part in ("ca", "cert", "key")), FILE]
    assert '    tls.permittedPeer=["x", "y"]\n' in machine.text(FILE)
    assert "KEY" not in " ".join(map(str, machine.actions))


def test_a_server_that_is_none_loses_nobody_the_others():
    wrong = {"a": {"host": "b", "protocol": "pigeon"}, "c": {"protocol": "tcp"}, "d": "10.0.0.1"}
    options, problems = MODULE.read({"rsyslog": {"remotes": wrong}})
    assert [".".join(map(str, p.path)) for p in problems] == ["rsyslog.remotes.a.protocol", "rsyslog.remotes.c"]
    assert options.rsyslog.remotes == {"a": None, "c": None, "d": "10.0.0.1"}
