import pytest
import yaml

from cloudboot.admin import people
from cloudboot.errors import CloudbootError
from cloudboot.system.journal import Journal
from cloudboot.values import Instance
from modules import users_groups
from tests import kit

MACHINE = {"tools": ("useradd", "visudo")}
IMAGE = {"system_info": {"default_user": {"name": "debian", "groups": ["sudo"], "sudo": ["ALL=(ALL) NOPASSWD:ALL"]}}}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample owner"


def applied(tmp_path, text, files=None, answers=None, tools=("useradd", "visudo"), **about):
    machine = kit.Machine(tmp_path / "m", files, answers, tools)
    config = {**IMAGE, **yaml.safe_load(text)}
    return machine, lambda: kit.apply(users_groups.MODULE, config, machine, **about)


def stdin_of(machine, program):
    said = [a.stdin for a in machine.actions if getattr(a, "argv", ("",))[0] == program]
    return [s.reveal() for s in said]


def test_the_images_own_user_is_made_when_nobody_is_asked_for(tmp_path):
    machine, go = applied(tmp_path, "{}")
    go()
    assert machine.commands == ["groupadd -f sudo", "useradd --groups sudo -m debian"]
    assert machine.text("/etc/sudoers.d/90-cloudboot-users").splitlines()[1:] == ["debian ALL=(ALL) NOPASSWD:ALL"]
    assert machine.mode("/etc/sudoers.d/90-cloudboot-users") == 0o440


def test_an_empty_list_makes_nobody(tmp_path):
    machine, go = applied(tmp_path, "users: []")
    go()
    assert machine.commands == []
    assert not machine.look("/etc/sudoers.d/90-cloudboot-users")


def test_everything_useradd_can_do_is_asked_in_one_call(tmp_path):
    machine, go = applied(
        tmp_path,
        """
        users:
          - {name: a, gecos: A B, homedir: /srv/a, primary_group: g, uid: 1500, groups: "x, y", shell: /bin/zsh,
             expiredate: '2032-09-01', inactive: '5', selinux_user: staff_u, no_user_group: true, no_log_init: true}
          - {name: b, system: true, create_groups: false, groups: [z]}
        """,
    )
    go()
    assert machine.commands == [
        "groupadd -f x",
        "groupadd -f y",
        "groupadd -f g",
        (
            "useradd --comment A B --home-dir /srv/a --gid g --uid 1500 --groups x,y --shell /bin/zsh"
            " --expiredate 2032-09-01 --inactive 5 --selinux-user staff_u --no-user-group --no-log-init -m a"
        ),
        "useradd --groups z --system -M b",
    ]


def test_keys_go_to_the_file_where_sshd_looks_for_them(tmp_path):
    text = f"users: [{{name: a, ssh_authorized_keys: ['{KEY}']}}]"
    for config, path in (
        (None, "/home/a/.ssh/authorized_keys"),
        ("AuthorizedKeysFile %h/keys/%u .ssh/other\n", "/home/a/keys/a"),
        ("AuthorizedKeysFile /etc/ssh/all_keys /etc/ssh/keys/%u\n", "/etc/ssh/keys/a"),
        ("AuthorizedKeysFile /etc/ssh/all_keys\n", "/home/a/.ssh/authorized_keys"),
        ("Match User b\nAuthorizedKeysFile /x/%u\n", "/home/a/.ssh/authorized_keys"),
    ):
        folder = tmp_path / path.replace("/", "_")
        machine, go = applied(folder, text, {"/etc/ssh/sshd_config": config + "UsePAM yes\n"} if config else None)
        go()
        assert machine.text(path) == f"{KEY}\n"
        assert (machine.mode(path), machine.owners[path]) == (0o600, "a")
        if path.startswith("/home/a/.ssh/"):
            assert (machine.mode("/home/a/.ssh"), machine.owners["/home/a/.ssh"]) == (0o700, "a")


def test_a_user_who_is_there_keeps_his_account_and_gets_everything_but_passwd(tmp_path):
    machine, go = applied(
        tmp_path,
        f"users: [{{name: a, passwd: $6$x$y, sudo: ALL, ssh_authorized_keys: ['{KEY}']}}]",
        {"/etc/passwd": kit.PASSWD + "a:x:1000:1000::/srv/a:/bin/sh\n"},
    )
    system = go()
    assert machine.text("/srv/a/.ssh/authorized_keys") == f"{KEY}\n"
    assert "a ALL" in machine.text("/etc/sudoers.d/90-cloudboot-users")
    assert machine.commands == ["passwd -l a"]
    assert system.notes == ["user a was there already, so passwd is not set; hashed_passwd would be"]


def test_a_home_that_useradd_did_not_come_to_is_the_users_own(tmp_path):
    machine, go = applied(tmp_path, f"users: [{{name: a, ssh_authorized_keys: ['{KEY}']}}]")
    go()
    assert (machine.mode("/home/a"), machine.owners["/home/a"]) == (0o750, "a")


def test_a_user_made_for_this_instance_stays_ours_when_the_module_runs_again(tmp_path):
    machine, go = applied(tmp_path, "users: [{name: a, passwd: $6$x$y}]")
    go()
    machine.put("/etc/passwd", kit.PASSWD + "a:x:1000:1000::/home/a:/bin/sh\n")
    assert go().notes == []
    assert machine.commands == ["useradd -m a", "chpasswd -e", "passwd -l a"] + ["chpasswd -e", "passwd -l a"]
    assert stdin_of(machine, "chpasswd") == ["a:$6$x$y\n"] * 2


@pytest.mark.parametrize(
    "about,argv,line",
    [
        ("passwd: $6$x$y", "chpasswd -e", "a:$6$x$y\n"),
        ("hashed_passwd: $6$x$y, plain_text_passwd: p", "chpasswd -e", "a:$6$x$y\n"),
        ("plain_text_passwd: p, passwd: $6$x$y", "chpasswd", "a:p\n"),
    ],
)
def test_a_password_travels_on_stdin_and_is_locked_unless_told_otherwise(tmp_path, about, argv, line):
    for more, after in (("", ["passwd -l a"]), (", lock_passwd: false", [])):
        machine, go = applied(tmp_path / f"x{len(more)}", f"users: [{{name: a, {about}{more}}}]")
        go()
        assert machine.commands == ["useradd -m a", argv, *after]
        assert stdin_of(machine, "chpasswd") == [line]


def test_a_new_user_without_a_password_needs_no_locking(tmp_path):
    machine, go = applied(tmp_path, "users: [{name: a}]")
    go()
    assert machine.commands == ["useradd -m a"]


def test_where_sshd_knows_no_pam_a_locked_account_still_takes_keys(tmp_path):
    machine, go = applied(tmp_path, "users: [{name: a}]", {"/etc/ssh/sshd_config": "Port 22\n"})
    go()
    assert machine.commands == ["useradd -m a", "chpasswd -e"]
    assert stdin_of(machine, "chpasswd") == ["a:*\n"]


@pytest.mark.parametrize("given", ["chpasswd: {list: 'a:x'}", "chpasswd: {list: ['a:R']}",
                                   "chpasswd: {list: 5}\npassword: b",
                                   "chpasswd: {users: [{name: a, type: RANDOM}]}"])  # fmt: skip
def test_a_password_that_is_set_later_is_not_missed(tmp_path, given):
    image = "system_info: {default_user: {name: a, lock_passwd: false}}"
    _, go = applied(tmp_path, f"{image}\nusers: [{{name: a, lock_passwd: false}}, default]\n{given}")
    assert go().notes == []


def test_unlocking_needs_a_password_and_an_empty_one_is_taken_at_its_word(tmp_path):
    machine, go = applied(tmp_path / "1", "users: [{name: a, lock_passwd: false}]")
    assert go().notes == ["user a: lock_passwd is false, but there is no password to unlock"]
    machine, go = applied(tmp_path / "2", "users: [{name: a, lock_passwd: false, plain_text_passwd: ''}]")
    go()
    assert machine.commands[-1] == "passwd -d a"
    files = {"/etc/passwd": kit.PASSWD + "a:x:1:1::/:/\n", "/etc/shadow": "a:!$6$x$y:1::::::\n"}
    machine, go = applied(tmp_path / "3", "users: [{name: a, lock_passwd: false}]", files)
    go()
    assert machine.commands[-1] == "passwd -u a"


def test_one_user_who_cannot_be_made_does_not_keep_the_others_out(tmp_path):
    machine, go = applied(
        tmp_path,
        """
        users:
          - {name: "x\\n#include /tmp/evil", sudo: ALL}
          - {name: bad, shell: /x}
          - {name: s, system: true, ssh_authorized_keys: [k]}
          - {name: good, sudo: ALL}
        """,
        answers={"useradd --shell /x -m bad": 3},
    )
    with pytest.raises(CloudbootError) as caught:
        go()
    assert machine.commands == ["useradd --shell /x -m bad", "useradd -m good"]
    assert machine.text("/etc/sudoers.d/90-cloudboot-users").splitlines()[1:] == ["good ALL"]
    assert "useradd exited 3" in str(caught.value)
    assert "system and ssh_authorized_keys exclude each other" in str(caught.value)
    assert "evil" not in str(caught.value)


def test_an_option_that_cannot_be_read_does_not_cost_a_user_his_access(tmp_path):
    machine, go = applied(tmp_path, f"users: [{{name: a, gecos: [x], shell: {{}}, ssh_authorized_keys: '{KEY}'}}]")
    system = go()
    assert machine.text("/home/a/.ssh/authorized_keys") == f"{KEY}\n"
    assert sorted(note.partition(":")[0] for note in system.notes) == [
        "users[0].gecos",
        "users[0].shell",
        "users[0].ssh_authorized_keys",
    ]


def test_a_broken_sudo_rule_costs_nobody_else_theirs(tmp_path):
    def visudo(machine, argv):
        return 1 if b"AL L" in machine.stdin else 0

    machine, go = applied(
        tmp_path,
        """
        users:
          - {name: a, sudo: "ALL=(ALL) ALL\\nroot ALL=(ALL) ALL"}
          - {name: b, sudo: ["ALL=(ALL) ALL", "ALL=(ALL) x \\\\"]}
          - {name: c, sudo: "AL L"}
        """,
        answers={"visudo": visudo},
    )
    with pytest.raises(CloudbootError) as caught:
        go()
    assert str(caught.value).startswith("a sudo rule of 'a', 'b', 'c' is not one")
    assert machine.text("/etc/sudoers.d/90-cloudboot-users").splitlines()[1:] == ["b ALL=(ALL) ALL"]


def test_a_group_in_the_way_of_a_users_own_becomes_his(tmp_path):
    machine, go = applied(tmp_path, "users: [{name: a}]", answers={"useradd -m a": 9})
    go()
    assert machine.commands == ["useradd -m a", "useradd -m --gid a a"]


def test_a_group_that_is_not_there_does_not_keep_its_user_out(tmp_path):
    machine, go = applied(
        tmp_path,
        "users: [{name: a, groups: 'x, y', create_groups: false}]",
        answers={"useradd --groups": 6, "usermod -a -G x": 6},
    )
    assert go().notes == ["user a is no member of x: there is no such group"]
    assert machine.commands[1:] == ["useradd -m a", "usermod -a -G x a", "usermod -a -G y a"]


def test_members_join_their_groups_once_all_users_are_there(tmp_path):
    machine, go = applied(tmp_path, "groups: [{ops: [a, root]}, plain]\nusers: [a]")
    system = go()
    assert machine.commands == [
        "groupadd -f ops",
        "groupadd -f plain",
        "useradd -m a",
        "usermod -a -G ops a",
        "usermod -a -G ops root",
    ]
    assert system.notes == []
    machine, go = applied(tmp_path / "2", "groups: {ops: [nobody-here]}\nusers: []")
    assert go().notes == ["group ops: there is no user nobody-here"]


def test_a_cloud_key_of_a_redirected_user_names_the_default_user(tmp_path):
    machine, go = applied(
        tmp_path, "users: [default, {name: a, ssh_redirect_user: true}]", instance=Instance("i", ssh_keys=(KEY,))
    )
    go()
    line = machine.text("/home/a/.ssh/authorized_keys")
    assert line.startswith("no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=")
    assert '\\"debian\\"' in line and '\\"a\\"' in line and "exit 142" in line and line.endswith(f"{KEY}\n")


def test_busybox_is_told_in_its_own_words(tmp_path):
    machine, go = applied(
        tmp_path,
        "users: [{name: a, gecos: A, shell: /bin/ash, groups: wheel, expiredate: '2032-01-01'}]\ngroups: {ops: [a]}",
        tools=("adduser",),
    )
    system = go()
    assert machine.commands == [
        "addgroup ops",
        "addgroup wheel",
        "adduser -D -g A -s /bin/ash a",
        "addgroup a wheel",
        "addgroup a ops",
    ]
    assert len(system.notes) == 1


def test_a_power_cut_while_useradd_runs_leaves_the_user_new(tmp_path):
    machine = kit.Machine(tmp_path / "m", tools=("useradd",))
    config = {"users": [{"name": "a", "passwd": "$6$x$y"}]}

    def useradd(machine, argv):
        if "a:x:" in machine.text("/etc/passwd"):
            return 9
        machine.put("/etc/passwd", kit.PASSWD + "a:x:1000:1000::/home/a:/bin/sh\n")
        return 0

    machine.answers["useradd"] = useradd
    machine.stop_at = 1
    journal = str(tmp_path / "journal")
    with pytest.raises(kit.Stop):
        kit.apply(users_groups.MODULE, config, machine, journal=Journal(journal))
    machine.stop_at = 0
    kit.apply(users_groups.MODULE, config, machine, journal=Journal(journal))
    assert stdin_of(machine, "chpasswd") == ["a:$6$x$y\n"]


@pytest.mark.parametrize(
    "text,names,default",
    [
        ("{}", ["debian"], "debian"),
        ("users: []", [], ""),
        ("user: bob", ["bob"], "bob"),
        ("users: 'a, default'", ["a", "debian"], "debian"),
        ("users: {a: true, default: {shell: /bin/zsh}}", ["a", "debian"], "debian"),
        ("users: [[a, b], c]", ["a", "b", "c"], ""),
        ("users: [{shell: /bin/zsh}]", ["debian"], "debian"),
        ("users: [default, {name: debian, gecos: x}]", ["debian"], "debian"),
    ],
)
def test_every_form_of_the_list_means_the_same_people(text, names, default):
    roster = people.roster({**IMAGE, **yaml.safe_load(text)})
    assert ([p.name for p in roster.people], roster.default) == (names, default)


def test_what_the_document_says_of_the_default_user_goes_over_what_the_image_says():
    roster = people.roster({**IMAGE, "user": {"name": "bob", "sudo": None}, "users": ["default"]})
    assert [(p.name, p.group_names, p.rules) for p in roster.people] == [("bob", ("sudo",), ())]
