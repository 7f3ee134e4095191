import pytest

from cloudboot.errors import Invalid
from cloudboot.system.journal import Journal
from modules import ansible
from tests import kit

MODULE = ansible.MODULE
MACHINE = {"tools": ("apt-get",)}
URL = "https://example.com/site.git"
PASSWD = f"{kit.PASSWD}deploy:x:1001:1001::/srv/deploy:/bin/sh\n"


def applied(tmp_path, config, answers=None, files=None, **about):
    machine = kit.Machine(tmp_path, tools=("apt-get",), answers=answers, files=files)
    machine.system = kit.apply(MODULE, {"ansible": config}, machine, **about)
    return machine


def runs(machine, program):
    return [a for a in machine.actions if getattr(a, "argv", ("",))[0] == program]


def test_a_package_is_how_it_comes_where_nothing_is_said(tmp_path):
    assert [c.split()[-2:] for c in applied(tmp_path, {}).commands] == [["install", "ansible"]]


@pytest.mark.parametrize(
    ("os", "package", "files", "user", "words"),
    [
        ("debian", "python3-pip", {}, None, ""),
        ("debian", "python3-pip", {"/usr/lib/python3.11/EXTERNALLY-MANAGED": ""}, None, "--break-system-packages "),
        ("ubuntu", "python3-pip", {}, "deploy", "--user "),
        ("alpine", "py3-pip", {}, None, ""),
    ],
)
def test_pip_is_installed_and_told_where_to_put_it(tmp_path, os, package, files, user, words):
    config = {"install_method": "pip", "package_name": "ansible-core", **({"run_user": user} if user else {})}
    machine = applied(tmp_path, config, files={**files, "/etc/passwd": PASSWD}, os=os)
    assert machine.commands[0].split()[-1] == package
    assert machine.commands[1:] == [f"python3 -m pip install --no-input {words}ansible-core"]


def test_options_are_words_and_the_playbooks_come_last(tmp_path):
    pull = {"url": URL, "accept_host_key": True, "clean": False, "vault_id": "me", "timeout": "10",
            "module_path": "~/a:/b", "playbook_names": ["a.yml", "b.yml"]}  # fmt: skip
    machine = applied(tmp_path, {"pull": [pull]})
    assert machine.commands[1:] == [
        f"ansible-pull --url={URL} --accept-host-key --vault-id=me --timeout=10 --module-path=~/a:/b a.yml b.yml"
    ]


@pytest.mark.parametrize(
    ("version", "books"),
    [
        ("ansible-pull 2.10.8\n", [["a.yml"], ["b.yml"]]),
        ("ansible-pull [core 2.9.27]\n", [["a.yml"], ["b.yml"]]),
        ("ansible-pull [core 2.12.0]\n", [["a.yml", "b.yml"]]),
        ("what?", [["a.yml", "b.yml"]]),
    ],
)
def test_an_old_one_takes_one_playbook_at_a_time(tmp_path, version, books):
    config = {"pull": [{"url": URL, "playbook_names": ["a.yml", "b.yml"]}]}
    machine = applied(tmp_path, config, answers={"ansible-pull --version": version})
    assert [list(a.argv[2:]) for a in runs(machine, "ansible-pull")] == books


def test_a_single_mapping_and_a_single_playbook_are_the_older_forms(tmp_path):
    config = {"pull": {"url": URL, "playbook_name": "a.yml"}}
    assert applied(tmp_path, config).commands[1:] == [f"ansible-pull --url={URL} a.yml"]
    assert [p.level for p in MODULE.read({"ansible": config})[1]] == ["deprecated", "deprecated"]


def test_all_of_it_runs_as_the_user_with_that_users_programs_and_the_configuration(tmp_path):
    config = {
        "run_user": "deploy",
        "ansible_config": "/etc/ansible/a.cfg",
        "galaxy": {"actions": [["ansible-galaxy", "role", "install", "x"]]},
        "pull": [{"url": URL, "playbook_names": ["a.yml"]}],
        "setup_controller": {
            "repositories": [{"path": "/r", "source": URL}],
            "run_ansible": [{"playbook_dir": "/r", "playbook_name": "p.yml"}],
        },
    }
    machine = applied(tmp_path, config, files={"/etc/passwd": PASSWD})
    ran = [a for a in machine.actions if getattr(a, "user", None)]
    assert [a.argv[0] for a in ran] == ["ansible-galaxy", "ansible-pull", "git", "ansible-playbook"]
    assert {a.user for a in ran} == {"deploy"}
    assert {a.env["ANSIBLE_CONFIG"] for a in ran} == {"/etc/ansible/a.cfg"}
    assert {a.env["PATH"].split(":")[0] for a in ran} == {"/srv/deploy/.local/bin"}
    assert [a.cwd for a in ran] == ["/srv/deploy", "/srv/deploy", "/srv/deploy", "/r"]


def test_a_controller_clones_and_then_runs_its_playbooks_there(tmp_path):
    control = {
        "repositories": [{"path": "/r", "source": URL}],
        "run_ansible": [
            {"playbook_dir": "/r", "playbook_name": "p.yml", "forks": 2, "check": True, "diff": False},
            {"playbook_dir": "/r", "playbook_name": "q.yml", "become_user": "a", "connection-password-file": "/f"},
        ],
    }
    machine = applied(tmp_path, {"setup_controller": control})
    assert machine.commands[1:] == [
        f"git clone {URL} /r",
        "ansible-playbook p.yml --forks=2 --check",
        "ansible-playbook q.yml --become-user=a --connection-password-file=/f",
    ]
    assert [a.cwd for a in runs(machine, "ansible-playbook")] == ["/r", "/r"]


def test_a_clone_that_the_power_cut_short_is_made_again(tmp_path):
    machine = kit.Machine(tmp_path / "m", tools=("apt-get",))
    config = {"ansible": {"setup_controller": {"repositories": [{"path": "/r", "source": URL}]}}}

    cuts = ["at the first try"]

    def clone(on, argv):
        assert on.look("/r") is None, "git refuses a folder that is there"
        on.put("/r/.git/HEAD", "half" if cuts else "whole")
        if cuts:
            raise kit.Stop(cuts.pop())

    machine.answers["git clone"] = clone
    journal = str(tmp_path / "journal")
    with pytest.raises(kit.Stop):
        kit.apply(MODULE, config, machine, journal=Journal(journal))
    kit.apply(MODULE, config, machine, journal=Journal(journal))
    assert machine.text("/r/.git/HEAD") == "whole"


def test_a_password_in_a_url_is_not_shown(tmp_path):
    secret = "https://me:password@example.com/site.git"
    config = {
        "pull": [{"url": secret, "playbook_names": ["a.yml"]}],
        "setup_controller": {"repositories": [{"path": "/r", "source": secret}]},
    }
    steps = kit.plan(MODULE, {"ansible": config}, kit.Machine(tmp_path))
    assert "password" not in " ".join(str(step.action) for step in steps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"install_method": "true"},
        {"pull": [{"url": URL}]},
        {"pull": [{"playbook_names": ["a"]}]},
        {"pull": {"url": URL, "playbook_names": "a"}},
        {"galaxy": {}},
        {"setup_controller": {"repositories": [{"path": "/r"}]}},
        {"setup_controller": {"run_ansible": [{"forks": -1}]}},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"ansible": wrong})


@pytest.mark.parametrize(
    "wrong",
    [{"pull": [{"url": URL, "playbook_names": ["a"], "dance": 1}]},
     {"pull": [{"url": URL, "playbook_names": ["a"], "playbook_name": "a"}]}],
)  # fmt: skip
def test_what_is_said_wrongly_is_pointed_out(wrong):
    assert any(p.level == "wrong" for p in MODULE.check({"ansible": wrong}))
