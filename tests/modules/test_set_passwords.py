import pytest
import yaml

from cloudboot.errors import CloudbootError
from cloudboot.schema import parse
from cloudboot.values import Secret
from modules import set_passwords
from tests import kit

IMAGE = {"system_info": {"default_user": {"name": "debian"}}}
INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf\n"


def applied(tmp_path, text, files=None, answers=None, tools=("useradd",)):
    machine = kit.Machine(tmp_path / "m", files, answers, tools)
    return machine, kit.apply(set_passwords.MODULE, {**IMAGE, **yaml.safe_load(text)}, machine)


def lines(machine):
    return [(a.argv[1:], a.stdin.reveal()) for a in machine.actions if getattr(a, "argv", ("",))[0] == "chpasswd"]


def test_passwords_and_hashes_travel_on_stdin(tmp_path):
    machine, _ = applied(
        tmp_path,
        """
        chpasswd:
          users:
            - {name: a, password: word, type: text}
            - {name: b, password: $6$x$y}
          list: "c:plain\\nd:$y$j9T$salt$hash\\n"
        """,
    )
    assert lines(machine) == [
        ((), "a:word\n"),
        (("-e",), "b:$6$x$y\n"),
        ((), "c:plain\n"),
        (("-e",), "d:$y$j9T$salt$hash\n"),
    ]
    assert [c for c in machine.commands if "expire" in c] == [f"passwd --expire {name}" for name in "abcd"]
    assert not any(word in c for c in machine.commands for word in ("word", "$6", "plain"))


def test_a_made_up_password_is_long_and_shown_on_the_console_only(tmp_path):
    machine, _ = applied(tmp_path, "chpasswd: {expire: false, users: [{name: a, type: RANDOM}], list: ['b:R']}")
    (_, first), (_, second) = lines(machine)
    drawn = first.strip().partition(":")[2]
    assert len(drawn) == 24 and drawn not in second
    say = machine.actions[-1]
    assert say.text == Secret(f"passwords made up for this machine:\n{first}{second}".rstrip("\n"))
    assert drawn not in str(say)
    assert not any("expire" in c for c in machine.commands)


def test_password_is_the_default_users_where_nobody_is_named(tmp_path):
    machine, _ = applied(tmp_path / "1", "password: x")
    assert lines(machine) == [((), "debian:x\n")]
    machine, _ = applied(tmp_path / "2", "password: x\nuser: bob")
    assert lines(machine) == [((), "bob:x\n")]
    machine, _ = applied(tmp_path / "3", "password: x\nchpasswd: {list: ['a:b']}")
    assert lines(machine) == [((), "a:b\n")]
    machine, system = applied(tmp_path / "4", "password: x\nusers: []")
    assert (lines(machine), system.notes) == ([], ["there is no default user whose password to set"])


@pytest.mark.parametrize("asked,line", [("true", "yes"), ("false", "no"), ("'yes'", "yes"), ("unchanged", None)])
def test_sshd_is_told_whether_to_take_passwords(tmp_path, asked, line):
    machine, _ = applied(tmp_path, f"ssh_pwauth: {asked}", {"/etc/ssh/sshd_config": INCLUDE})
    written = machine.text("/etc/ssh/sshd_config.d/50-cloudboot.conf")
    assert written == (f"PasswordAuthentication {line}\n" if line else None)


def test_a_server_that_hears_otherwise_first_is_named(tmp_path):
    files = {"/etc/ssh/sshd_config": INCLUDE, "/etc/ssh/sshd_config.d/10-site.conf": "PasswordAuthentication no\n"}
    _, system = applied(tmp_path, "ssh_pwauth: true", files)
    assert len(system.notes) == 1
    assert system.notes[0].startswith("/etc/ssh/sshd_config.d/10-site.conf sets PasswordAuthentication before")


def test_the_main_file_is_changed_where_it_includes_no_folder(tmp_path):
    before = (
        "#PasswordAuthentication yes\nPort 22\nPasswordAuthentication no\nMatch User x\n  PasswordAuthentication no\n"
    )
    machine, _ = applied(tmp_path, "ssh_pwauth: true", {"/etc/ssh/sshd_config": before})
    assert machine.text("/etc/ssh/sshd_config") == before.replace(
        "22\nPasswordAuthentication no", "22\nPasswordAuthentication yes"
    )


def test_a_running_server_is_reloaded_only_when_something_changed(tmp_path):
    for conf, commands in (("yes", []), ("no", ["systemctl --no-block try-reload-or-restart ssh"])):
        files = {"/etc/ssh/sshd_config": f"PasswordAuthentication {conf}\n", "/run/systemd/system/x": ""}
        machine, _ = applied(tmp_path / conf, "ssh_pwauth: true", files)
        assert machine.commands == commands


def test_one_password_that_cannot_be_set_keeps_no_other_back(tmp_path):
    with pytest.raises(CloudbootError) as caught:
        applied(tmp_path, "chpasswd: {expire: false, list: ['a:b', 'c:R']}", answers={"chpasswd": 1})
    assert str(caught.value) == "chpasswd for a exited 1; chpasswd for c exited 1"


@pytest.mark.parametrize(
    "text,path",
    [
        ("{users: [{name: x, type: hash}]}", ("chpasswd", "users", 0)),
        ("{users: [{password: x}]}", ("chpasswd", "users", 0)),
        ("{users: [{name: x, type: RANDOM, password: y}]}", ("chpasswd", "users", 0)),
        ("{list: [user]}", ("chpasswd", "list", 0)),
    ],
)
def test_an_entry_that_is_none_is_named_and_its_value_is_not(text, path):
    _, found = parse(set_passwords.Options, {"chpasswd": yaml.safe_load(text)})
    wrong = [p for p in found if p.level != "deprecated"]
    assert wrong and all(p.path[:3] == path for p in wrong)


def test_a_password_of_two_lines_sets_nobody_elses(tmp_path):
    with pytest.raises(CloudbootError):
        applied(tmp_path, 'chpasswd: {users: [{name: a, type: text, password: "x\\nroot:y"}]}')


def test_a_user_without_a_password_is_told_so():
    _, problems = set_passwords.MODULE.read({"chpasswd": {"users": [{"name": "a", "type": "hash"}]}})
    assert [str(p) for p in problems] == ["chpasswd.users[0].type: expected RANDOM, or a password beside it"]
