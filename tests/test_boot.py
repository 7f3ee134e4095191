"""Whole boots of a scratch tree, from a seed that lies in it, through the command line."""

import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pytest

from cloudboot import consume, registry
from cloudboot.cli import main
from cloudboot.datasources import nocloud
from cloudboot.gate import Gates
from cloudboot.system.actions import Outcome
from cloudboot.system.journal import Journal
from cloudboot.system.live import Live
from cloudboot.system.spawn import spawn
from cloudboot.userdata.handlers import DRIVER
from tests import needs
from tests.kit import Stop, held_by_another, taking_at_most

USER_DATA = """#cloud-config
users:
- name: web
  ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample web]
write_files:
- path: /etc/motd
  content: hello
- path: /var/log/boots
  content: once
  append: true
runcmd:
- echo ran
"""
KEYS = "[ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample owner]"
SEED = "/var/lib/cloudboot/seed/nocloud"
TREE = {
    "/etc/os-release": "ID=debian\nVERSION_ID=12\n",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nweb:x:1000:1000::/home/web:/bin/sh\n",
    "/etc/group": "root:x:0:\nweb:x:1000:\n",
    "/proc/cmdline": "quiet\n",
}


class Tree:
    def __init__(self, root, files=TREE):
        self.root = str(root)
        for path, text in files.items():
            self.write(path, text)

    def write(self, path, text):
        at = self.root + path
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, "w") as file:
            file.write(text)

    def read(self, path):
        try:
            with open(self.root + path) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def seed(self, user_data, id="i-1", **meta):
        self.write(f"{SEED}/user-data", user_data)
        lines = [
            f"{k.replace('_', '-')}: {v}" for k, v in {"instance_id": id, "local_hostname": "web1", **meta}.items()
        ]
        self.write(f"{SEED}/meta-data", "\n".join(lines))

    def run(self, *words):
        return main(["--root", self.root, *words])

    def status(self):
        return json.loads(self.read("/run/cloudboot/status.json"))

    def ran(self):
        """The modules that the last boot carried out, stage by stage."""
        return [m["name"] for stage in self.status()["stages"].values() for m in stage["modules"]]

    def digest(self):
        found = hashlib.sha256()
        for folder, folders, names in sorted(os.walk(self.root)):
            for name in sorted(folders + names):
                path = os.path.join(folder, name)
                found.update(f"{path} {os.lstat(path).st_mode} {os.lstat(path).st_mtime_ns}".encode())
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        found.update(file.read())
        return found.hexdigest()


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "machine")


def test_a_boot_makes_the_machine_what_its_seed_asks_for(tree):
    tree.seed(USER_DATA, public_keys=KEYS)
    assert tree.run("boot") == 0
    assert tree.read("/etc/motd") == "hello"
    assert "AAAAIExample owner" in tree.read("/root/.ssh/authorized_keys")
    assert tree.read("/etc/hostname") == "web1\n"
    status = tree.status()
    assert (status["instance_id"], status["datasource"], status["errors"]) == ("i-1", "nocloud", [])
    assert json.loads(tree.read("/run/cloudboot/result.json"))["exit"] == 0


def stage(tree, name):
    return [m["name"] for m in tree.status()["stages"][name]["modules"]]


HIDDEN = "/dev/vda1 / ext4 defaults\n/dev/vda2 /home ext4 defaults\n"
PASSWORD = "chpasswd: {users: [{name: web, password: hunter2}]}\n"


def test_name_users_keys_and_passwords_do_not_wait_for_the_network(tree):
    tree.seed(USER_DATA + PASSWORD, public_keys=KEYS)
    assert tree.run("boot", "--stage", "local") == 0
    assert stage(tree, "local") == ["set_hostname", "update_hostname", "network", "users_groups", "ssh",
                                    "set_passwords", "ssh_host_keys"]  # fmt: skip
    assert "AAAAIExample web" in tree.read("/home/web/.ssh/authorized_keys")
    assert tree.read("/etc/hostname") == "web1\n"
    assert tree.run("boot", "--stage", "network") == 0
    assert stage(tree, "network")[:2] == ["user_data", "boothooks"]


@pytest.mark.parametrize("user_data", [
    "#include http://192.0.2.1/x\n", "#cloud-config-archive\n- '#include-once http://192.0.2.1/x'\n",
    "#include file:///srv/more\n", "#cloud-config\nusers: [{snapuser: me@example.com}]\n",
])  # fmt: skip
def test_what_has_to_be_fetched_first_or_is_not_there_yet_is_left_to_the_network_stage(tree, user_data):
    tree.seed(user_data, public_keys=KEYS)
    assert tree.run("boot", "--stage", "local") == 0
    assert "users_groups" not in stage(tree, "local")
    assert tree.status()["errors"] == []


def test_an_image_configuration_that_has_to_be_fetched_first_is_waited_for(tree):
    tree.write("/proc/cmdline", "cloud-config-url=http://192.0.2.1/x\n")
    tree.seed(USER_DATA)
    assert tree.run("boot", "--stage", "local") == 0
    assert stage(tree, "local") == ["network"]


@pytest.mark.parametrize(("fstab", "mounted", "user_data", "waits"), [
    (HIDDEN, "", USER_DATA, True),
    (HIDDEN, "20 1 254:2 / /home rw - ext4 /dev/vda2 rw\n", USER_DATA, False),
    (HIDDEN.replace("defaults", "noauto"), "", USER_DATA, False),
    (HIDDEN.replace("/home", "/data"), "", USER_DATA, False),
    (HIDDEN.replace("/home", "/data"), "", "#cloud-config\nusers: [{name: x, homedir: /data/x}]\n", True),
    (HIDDEN.replace("/home", "/root"), "", USER_DATA, True),
])  # fmt: skip
def test_homes_that_are_not_mounted_yet_are_waited_for(tree, fstab, mounted, user_data, waits):
    tree.write("/etc/fstab", fstab)
    tree.write("/proc/self/mountinfo", mounted)
    tree.seed(user_data)
    tree.run("boot", "--stage", "local")
    assert ("users_groups" not in stage(tree, "local")) is waits
    assert tree.read("/etc/hostname") == "web1\n"
    tree.run("boot", "--stage", "network")
    assert ("users_groups" in stage(tree, "network")) is waits


def test_a_problem_that_two_stages_find_is_told_once(tree, capsys):
    tree.seed("#cloud-config\nusers: [\n")
    assert [tree.run("boot", "--stage", stage) for stage in ("local", "network")] == [1, 0]
    assert len(tree.status()["errors"]) == 1
    assert capsys.readouterr().err.count("not YAML") == 1


def test_strict_user_data_that_is_broken_sets_no_name_and_lets_the_owner_in_at_once(tree):
    tree.write("/etc/cloudboot/cloudboot.cfg", "strict: true\n")
    tree.seed("#cloud-config\nhostname: [\n", public_keys=KEYS)
    assert tree.run("boot", "--stage", "local") == 1
    assert stage(tree, "local") == ["network", "users_groups", "ssh", "ssh_host_keys"]
    assert tree.run("boot", "--stage", "network") == 1
    assert stage(tree, "network") == []
    assert tree.status()["reason"].startswith("strict: nothing is done")


def test_a_second_boot_does_nothing_twice(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    tree.write("/etc/motd", "changed by its owner")
    assert tree.run("boot") == 0
    assert tree.read("/etc/motd") == "changed by its owner"
    assert tree.read("/var/log/boots") == "once"
    assert {"users_groups", "ssh", "write_files", "runcmd", "scripts_user"} & set(tree.ran()) == set()


def test_a_later_boot_parses_nothing_that_is_as_it_was(tree, monkeypatch):
    tree.seed(USER_DATA)
    tree.run("boot")
    config = tree.read("/var/lib/cloudboot/instance/cloud-config.json")
    with monkeypatch.context() as patch:
        patch.setattr("cloudboot.userdata.document.load", None)
        patch.setattr("cloudboot.userdata.config.settle", None)
        assert tree.run("boot") == 0
    assert json.loads(tree.read("/run/cloudboot/instance-data-sensitive.json"))["merged_cfg"] == json.loads(config)


@pytest.mark.parametrize("changed", ["seed", "configuration", "lost"])
def test_what_is_not_as_it_was_is_worked_out_anew(tree, changed):
    tree.seed("#cloud-config\nlocale: C.UTF-8\n")
    tree.run("boot")
    if changed == "seed":
        tree.seed("#cloud-config\nlocale: POSIX\n")
    elif changed == "configuration":
        tree.write("/etc/cloudboot/cloudboot.cfg", "final_message: over\n")
    else:
        tree.write("/var/lib/cloudboot/instance/cloud-config.json", "{}")
    assert tree.run("boot") == 0
    config = json.loads(tree.read("/var/lib/cloudboot/instance/cloud-config.json"))
    assert config["locale"] == ("POSIX" if changed == "seed" else "C.UTF-8")
    assert config.get("final_message") == ("over" if changed == "configuration" else None)


def test_a_new_instance_id_runs_what_belongs_to_an_instance_again(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    tree.seed(USER_DATA.replace("hello", "hello again"), id="i-2")
    assert tree.run("boot") == 0
    assert tree.read("/etc/motd") == "hello again"
    assert os.readlink(tree.root + "/var/lib/cloudboot/instance") == "instances/i-2"


def test_a_seed_that_is_gone_is_no_new_instance(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    for name in ("user-data", "meta-data"):
        os.unlink(f"{tree.root}{SEED}/{name}")
    assert tree.run("boot") == 0
    assert tree.status()["instance_id"] == "i-1"
    assert "write_files" not in tree.ran()


def test_a_seed_that_does_not_answer_is_no_new_instance_and_the_status_says_so(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    tree.write(f"{SEED}/meta-data", "instance-id: [\n")
    assert tree.run("boot") == 1
    status = tree.status()
    assert (status["instance_id"], status["cached"]) == ("i-1", True)
    assert any("instance i-1 of the last boot is kept" in text for text in status["warnings"])
    assert "write_files" not in tree.ran()


def test_a_machine_that_shows_to_be_another_takes_no_identity_from_its_disk(tree, monkeypatch):
    tree.seed(USER_DATA)
    tree.run("boot")
    tree.write(f"{SEED}/meta-data", "instance-id: [\n")
    monkeypatch.setattr(nocloud, "DATASOURCE", nocloud.DATASOURCE.but(same=lambda host, instance: False))
    assert tree.run("boot") == 1
    status = tree.status()
    assert not status.get("instance_id")
    assert any("this machine is not i-1 any more" in text for text in status["errors"])
    assert "users_groups" not in tree.ran()


def test_without_a_datasource_the_later_stages_have_nothing_to_do(tree, capsys):
    assert tree.run("boot") == 0
    assert list(tree.status()["stages"]) == ["local"]
    assert "nothing to do" in tree.status()["reason"]
    assert tree.run("status") == 0


def test_without_a_datasource_later_stages_run_by_hand_have_nothing_to_do_either(tree):
    assert [tree.run("boot", "--stage", stage) for stage in ("local", "network", "config", "final")] == [0, 0, 0, 0]
    assert list(tree.status()["stages"]) == ["local"]


def test_a_broken_part_is_named_and_the_rest_is_done(tree, capsys):
    parts = ["#cloud-config\nwrite_files: [\n", "#cloud-config\nhostname: mended\n"]
    archive = "#cloud-config-archive\n" + "".join(
        f"- |\n  {p.rstrip().replace(chr(10), chr(10) + '  ')}\n" for p in parts
    )
    tree.seed(archive)
    assert tree.run("boot") == 1
    assert tree.read("/etc/hostname") == "mended\n"
    (error,) = tree.status()["errors"]
    assert error.startswith("user-data#[0]:2:14: not YAML")
    assert error in capsys.readouterr().err


def test_strict_refuses_what_it_cannot_understand_whole_but_lets_the_owner_in(tree):
    tree.write("/etc/cloudboot/cloudboot.cfg", "strict: true\n")
    tree.seed("#include http://127.0.0.1:1/x\n", public_keys=KEYS)
    assert tree.run("boot") == 1
    assert tree.status()["errors"][-1].startswith("strict: nothing is done")
    assert "AAAAIExample owner" in tree.read("/root/.ssh/authorized_keys")
    assert tree.read("/etc/hostname") is None


def test_what_is_included_counts_before_anything_is_made(tree):
    tree.write("/srv/more.yaml", "#cloud-config\nhostname: fetched\nusers: []\n")
    tree.seed("#include file:///srv/more.yaml\n", public_keys=KEYS)
    assert tree.run("boot") == 0
    assert tree.read("/etc/hostname") == "fetched\n"
    assert tree.ran().count("users_groups") == 1


def test_an_include_that_is_not_there_costs_neither_access_nor_the_other_parts(tree):
    tree.seed("#cloud-config-archive\n- '#include file:///srv/none'\n- |\n  #cloud-config\n  hostname: there\n",
              public_keys=KEYS)  # fmt: skip
    assert tree.run("boot") == 1
    assert tree.read("/etc/hostname") == "there\n"
    assert "AAAAIExample owner" in tree.read("/root/.ssh/authorized_keys")
    assert "/srv/none" in tree.status()["errors"][0]
    assert tree.ran()[:3] == ["network", "users_groups", "ssh"]


def test_a_template_knows_the_instance(tree):
    tree.seed("## template: jinja\n#cloud-config\nhostname: {{ v1.distro }}-{{ v1.instance_id }}\n")
    assert tree.run("boot") == 0
    assert tree.read("/etc/hostname") == "debian-i-1\n"


def test_vendor_data_is_the_weaker_one_and_can_be_switched_off(tree):
    tree.write(f"{SEED}/vendor-data", "#cloud-config\nhostname: vendors\ntimezone: Europe/Paris\n")
    tree.seed("#cloud-config\nhostname: owners\n")
    tree.run("boot")
    assert (tree.read("/etc/hostname"), tree.read("/etc/timezone")) == ("owners\n", "Europe/Paris\n")
    tree.seed("#cloud-config\nvendor_data: {enabled: false}\nhostname: owners\n", id="i-2")
    tree.write("/etc/timezone", "image")
    tree.run("boot")
    assert tree.read("/etc/timezone") == "image"


def test_a_key_that_nobody_knows_is_a_warning_with_the_nearest_one(tree):
    tree.seed("#cloud-config\nhostnam: web2\nwrite_files: [{path: /a, content: b}]\n")
    assert tree.run("boot") == 2
    assert tree.status()["warnings"] == ["user-data:2:1: hostnam: no such option; did you mean hostname?"]
    assert tree.read("/a") == "b"


def test_a_document_that_forgot_its_first_line_is_told_so(tree):
    tree.seed("hostname: web2\n")
    assert tree.run("boot") == 1
    assert "lacks its first line; write #cloud-config as the very first line" in tree.status()["errors"][0]


def test_a_file_or_folder_that_was_named_and_is_not_there_ends_it(tree, capsys):
    tree.seed(USER_DATA)
    tree.run("boot")
    assert tree.run("plan", "--user-data", "/no/such") == 1
    assert capsys.readouterr().err.endswith("cloudboot: cannot read /no/such: No such file or directory\n")
    assert main(["--root", "/no/such", "status"]) == 2


def test_a_plan_changes_not_one_byte(tree, capsys):
    tree.seed(USER_DATA)
    before = tree.digest()
    assert tree.run("plan") == 0
    assert tree.run("plan", "--format", "json", "--detailed-exitcode") == 2
    assert tree.digest() == before
    out = capsys.readouterr().out
    assert "write /etc/motd (5 bytes, 0644, root:root)" in out
    assert "+hello" in out


def test_a_plan_does_each_thing_once_as_the_boot_does(tree, capsys):
    tree.seed(USER_DATA)
    tree.run("plan", "--format", "json")
    planned = [entry["module"] for entry in json.loads(capsys.readouterr().out) if entry["changes"]]
    assert "users_groups" in planned
    assert len(planned) == len(set(planned))


def test_a_plan_warns_of_nothing_that_it_cannot_know(tree, capsys):
    tree.write("/etc/ssh/sshd_config", "")
    tree.write("/usr/bin/ssh-keygen", "")
    tree.seed(USER_DATA)
    assert tree.run("plan") == 0
    assert "warning" not in capsys.readouterr().err


def test_a_plan_of_a_document_needs_no_root_on_a_machine_that_has_booted(capsys):
    needs.root()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        tree = Tree(folder)
        tree.seed("#cloud-config\nusers: []\nwrite_files: [{path: /srv/a, content: b}]\n")
        tree.run("boot")
        os.seteuid(65534)
        try:
            assert tree.run("plan", "--seed", folder + SEED) == 0
        finally:
            os.seteuid(0)
    told = capsys.readouterr()
    assert "what this machine has done already is root's to read" in told.err
    assert "write /var/lib/cloudboot/instances/i-1/boot-finished" in told.out
    assert "/srv/a" not in told.out  # it is right already


def test_after_a_boot_a_plan_has_nothing_to_say(tree, capsys):
    tree.seed(USER_DATA)
    tree.run("boot")
    capsys.readouterr()
    assert tree.run("plan", "--detailed-exitcode") == 0
    assert capsys.readouterr().out == "nothing would change\n"


def test_stages_run_one_by_one_come_to_the_same(tree, tmp_path):
    whole = Tree(tmp_path / "whole")
    whole.seed(USER_DATA)
    whole.run("boot")
    tree.seed(USER_DATA)
    for stage in ("local", "network", "config", "final"):
        assert tree.run("boot", "--stage", stage) == 0
    assert tree.ran() == whole.ran()
    for path in ("/etc/motd", "/etc/hostname", "/var/log/boots"):
        assert tree.read(path) == whole.read(path)


def test_stages_run_one_by_one_do_nothing_twice_in_a_later_boot(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    shutil.rmtree(tree.root + "/run")
    for stage in ("local", "network", "config", "final"):
        assert tree.run("boot", "--stage", stage) == 0
    assert sorted(tree.ran()) == sorted(set(tree.ran()))


def test_a_later_stage_before_the_earlier_ones_says_what_to_run_first(tree, capsys):
    tree.seed(USER_DATA)
    with_nothing = tree.run("boot", "--stage", "config")
    assert with_nothing == 1
    assert "run cloudboot boot first" in capsys.readouterr().err


def stop_at(monkeypatch, n, before):
    """The power goes at the n-th action."""
    real, seen = Live.perform, []

    def perform(self, action):
        seen.append(action)
        if len(seen) == n and before:
            raise Stop
        outcome = real(self, action)
        if len(seen) == n:
            raise Stop
        return outcome

    monkeypatch.setattr(Live, "perform", perform)
    return seen


def contents(tree):
    found = {}
    for folder, _, names in os.walk(tree.root):
        for name in names:
            path = os.path.join(folder, name)[len(tree.root) :]
            if not path.startswith(("/var/lib/cloudboot/", "/run/cloudboot/", "/var/log/cloudboot")):
                found[path] = (os.stat(tree.root + path).st_mode, tree.read(path))
    return found


def test_a_power_cut_at_any_action_of_a_boot_converges(tmp_path, monkeypatch):
    whole = Tree(tmp_path / "whole")
    whole.seed(USER_DATA)
    with monkeypatch.context() as patch:
        actions = stop_at(patch, 0, False)
        whole.run("boot")
    assert len(actions) > 10
    for n in range(1, len(actions) + 1):
        cut = Tree(tmp_path / f"cut{n}")
        cut.seed(USER_DATA)
        with monkeypatch.context() as patch, pytest.raises(Stop):
            stop_at(patch, n, n % 2)
            cut.run("boot")
        cut.run("boot")
        assert cut.status()["errors"] == []
        assert contents(cut) == contents(whole), f"stopped at {actions[n - 1]}"


def test_a_cloned_disk_is_noticed(tree):
    tree.seed(USER_DATA)
    tree.write("/sys/class/dmi/id/product_uuid", "11111111-2222-3333-4444-555555555555\n")
    tree.run("boot")
    tree.write("/sys/class/dmi/id/product_uuid", "11111111-2222-3333-4444-555555555555".upper() + "\n")
    assert tree.run("boot") == 0
    tree.write("/sys/class/dmi/id/product_uuid", "99999999-2222-3333-4444-555555555555\n")
    assert tree.run("boot") == 2
    assert "its disk was cloned" in tree.status()["warnings"][0]


def test_a_new_instance_whose_first_boot_was_cut_is_no_clone_of_itself(tree):
    uuid = "{0}{0}{0}{0}{0}{0}{0}{0}-2222-3333-4444-555555555555\n"
    tree.seed(USER_DATA)
    tree.write("/sys/class/dmi/id/product_uuid", uuid.format(1))
    tree.run("boot")
    checkpoint = tree.read("/var/lib/cloudboot/state.json")
    tree.seed(USER_DATA, id="i-2")
    tree.write("/sys/class/dmi/id/product_uuid", uuid.format(2))
    tree.run("boot")
    tree.write("/var/lib/cloudboot/state.json", checkpoint)  # as a power cut before the end leaves it
    assert tree.run("boot") == 0
    assert (tree.status()["instance_id"], tree.status()["warnings"]) == ("i-2", [])


def test_a_module_that_cannot_be_read_keeps_nobody_out(tree, tmp_path, monkeypatch):
    def module(name):
        if name == "ssh":
            raise SyntaxError("somebody was here")
        return read(name)

    read = registry.module
    tree.seed(USER_DATA)
    monkeypatch.setenv("CLOUDBOOT_GATES", str(tmp_path / "stage"))
    monkeypatch.setattr(Gates, "wait", lambda gates, stage, seconds=0: None)
    monkeypatch.setattr(registry, "module", module)
    tree.run("boot")
    assert tree.read("/etc/motd") == "hello"
    assert ["ssh" in error for error in tree.status()["errors"]] == [True]


@pytest.mark.parametrize("switch", ["/etc/cloudboot/disabled", "/proc/cmdline"])
def test_a_switched_off_agent_does_nothing(tree, switch, capsys):
    tree.seed(USER_DATA)
    tree.write(switch, "quiet cloudboot=disabled\n")
    before = tree.digest()
    assert tree.run("boot") == 0
    assert tree.digest() == before
    assert "switched off" in capsys.readouterr().out
    tree.run("status")
    assert "status: disabled" in capsys.readouterr().out


@pytest.mark.parametrize("switch", ["", "quiet cloudboot=disabled\n"])
def test_nothing_is_written_before_the_unit_of_the_local_stage_is_started(tree, tmp_path, monkeypatch, switch):
    tree.seed(USER_DATA)
    if switch:
        tree.write("/proc/cmdline", switch)
    before, seen = tree.digest(), []
    monkeypatch.setenv("CLOUDBOOT_GATES", str(tmp_path / "stage"))
    monkeypatch.setattr(Gates, "wait", lambda gates, stage, seconds=0: seen.append((stage, tree.digest())))
    assert tree.run("boot") == 0
    assert seen[0] == ("local", before)
    assert (tree.digest() == before) is bool(switch)
    assert bool(os.listdir(tmp_path / "stage")) is not bool(switch), "no unit is started for nothing"


def test_one_module_runs_again_when_it_is_told_to(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    tree.write("/etc/motd", "changed")
    assert tree.run("run", "write_files", "--frequency", "instance") == 1
    assert tree.read("/etc/motd") == "changed"
    assert tree.run("run", "write-files") == 0
    assert tree.read("/etc/motd") == "hello"


def test_debug_tells_every_decision_and_action(tree, capsys):
    tree.seed(USER_DATA)
    tree.run("--debug", "boot")
    told = capsys.readouterr().err
    for part in ("stage local", "datasource nocloud: ", "instance i-1 from nocloud, its first boot",
                 "write_files: write /etc/motd (5 bytes, 0644, root:root)", "stage final"):  # fmt: skip
        assert part in told


def test_explain_names_layer_file_and_line_and_what_was_overridden(tree, capsys):
    tree.write("/etc/cloudboot/cloudboot.cfg", "hostname: image\n")
    tree.seed("#cloud-config\n\nhostname: owner\n")
    tree.run("boot")
    capsys.readouterr()
    assert tree.run("explain", "hostname") == 0
    assert capsys.readouterr().out.splitlines() == [
        'hostname: "owner"', "    user-data:3:1", "    over /etc/cloudboot/cloudboot.cfg:1:1"]  # fmt: skip
    assert tree.run("explain", "no.such") == 1


def test_query_answers_from_the_last_boot(tree, capsys):
    tree.seed(USER_DATA)
    tree.run("boot")
    capsys.readouterr()
    assert tree.run("query", "v1.instance_id") == 0
    assert tree.run("query", "local-hostname") == 0
    assert tree.run("query", "--format", "{{ v1.distro }} {{ ds.meta_data['local-hostname'] }}") == 0
    assert capsys.readouterr().out.split() == ["i-1", "web1", "debian", "web1"]
    assert tree.run("query", "v1.instanse_id") == 1
    assert "did you mean instance_id?" in capsys.readouterr().err
    hidden = json.loads(tree.read("/run/cloudboot/instance-data.json"))
    assert hidden["ds"]["user_data"] == "redacted for non-root user"


def test_each_stage_answers_for_its_own_problems_only(tree):
    tree.seed("#cloud-config\nhostname: [no, name]\n")
    assert [tree.run("boot", "--stage", stage) for stage in ("local", "network", "config", "final")] == [1, 0, 0, 0]
    assert tree.status()["errors"] != []


def test_a_clean_machine_boots_as_new(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    assert tree.run("clean", "--logs") == 0
    assert tree.read("/run/cloudboot/status.json") is None
    assert tree.read(f"{SEED}/user-data") == USER_DATA
    tree.write("/etc/motd", "image")
    tree.run("boot")
    assert tree.read("/etc/motd") == "hello"


def test_nothing_secret_is_readable_by_others(tree):
    tree.seed(USER_DATA + "password: hunter2hunter2\nchpasswd: {expire: false}\n")
    tree.run("boot")
    for folder, _, names in os.walk(tree.root):
        for name in names:
            path = os.path.join(folder, name)
            if "/seed/" not in path and os.stat(path).st_mode & 0o044:
                with open(path, "rb") as file:
                    assert b"hunter2" not in file.read(), path
    for path in ("/var/lib/cloudboot/journal", "/var/log/cloudboot.log"):
        assert "hunter2" not in tree.read(path)


def test_boothooks_of_an_edited_seed_take_the_place_of_the_old_ones(tree):
    tree.seed("#cloud-boothook\n#!/bin/sh\necho one\n")
    tree.run("boot")
    folder = tree.root + "/var/lib/cloudboot/instances/i-1/boothooks"
    assert [os.stat(f"{folder}/{n}").st_mode & 0o777 for n in os.listdir(folder)] == [0o700]
    tree.seed("#cloud-config\nhostname: web2\n")
    tree.run("boot")
    assert os.listdir(folder) == []


def test_the_journal_is_sound_after_a_boot(tree):
    tree.seed(USER_DATA)
    tree.run("boot")
    journal = Journal(tree.root + "/var/lib/cloudboot/journal", readonly=True)
    assert journal.damaged == 0
    assert {s for s in journal.begun if s not in journal.finished} == set()


def test_an_instance_of_the_network_stage_is_asked_over_the_fallback_and_then_has_its_own_network(tree):
    for name, text in {"address": "02:00:5e:10:00:01", "flags": "0x1002", "uevent": "INTERFACE=eth0", "carrier": "1",
                       "name_assign_type": "4"}.items():  # fmt: skip
        tree.write(f"/sys/class/net/eth0/{name}", text + "\n")
    tree.write("/usr/sbin/netplan", "")
    tree.seed("#cloud-config\n", dsmode="net")
    tree.write(f"{SEED}/network-config", "version: 2\nethernets: {eth0: {addresses: [192.0.2.10/24]}}\n")
    tree.run("boot", "--stage", "local")
    assert "dhcp4: true" in tree.read("/etc/netplan/50-cloudboot.yaml")
    tree.run("boot", "--stage", "network")
    assert "192.0.2.10/24" in tree.read("/etc/netplan/50-cloudboot.yaml")
    for stage in ("config", "final"):
        tree.run("boot", "--stage", stage)
    tree.write(f"{SEED}/network-config", "version: 2\nethernets: {eth0: {addresses: [192.0.2.99/24]}}\n")
    tree.run("boot")
    assert "192.0.2.10/24" in tree.read("/etc/netplan/50-cloudboot.yaml"), "the second boot has its network still"


def test_a_second_agent_is_refused_while_one_is_at_work(tree, capsys):
    tree.seed(USER_DATA)
    tree.write("/run/cloudboot/lock", "")
    with held_by_another(tree.root + "/run/cloudboot/lock") as process:
        before = tree.digest()
        for words in (["boot"], ["run", "write_files"], ["clean"]):
            assert tree.run(*words) == 1
            assert f"(process {process.pid}) is at work here already; cloudboot status" in capsys.readouterr().err
        assert tree.run("plan") == 0
        assert tree.digest() == before
        process.kill()
    assert tree.run("boot") == 0


def test_a_wrong_value_is_told_with_the_file_and_line_it_came_from(tree):
    tree.seed("#cloud-config\nhostname: web2\ntimezone: [1]\nwrite_files:\n- path: /a\n  permissions: 644\n")
    assert tree.run("boot") == 1
    assert tree.status()["errors"] == ["timezone: user-data:3:1: timezone: expected text, got a list"]
    assert tree.status()["warnings"][0].startswith("write_files: user-data:6:3: write_files[0].permissions: ")


def test_a_stage_of_its_own_process_still_knows_the_line(tree):
    tree.seed("#cloud-config\nhostname: web2\ntimezone: [1]\n")
    for stage in ("local", "network", "config"):
        tree.run("boot", "--stage", stage)
    assert tree.status()["errors"] == ["timezone: user-data:3:1: timezone: expected text, got a list"]


def test_whoever_watched_may_go_and_the_boot_goes_on(tree):
    tree.seed(USER_DATA)
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "cloudboot", "--debug", "--root", tree.root]
    assert subprocess.run(words, stdout=writer, stderr=writer).returncode == 0
    os.close(writer)
    assert tree.read("/etc/motd") == "hello"
    assert tree.read("/run/cloudboot/result.json")


def test_a_disk_that_takes_no_copy_of_the_user_data_keeps_nobody_out(tree):
    tree.seed(USER_DATA + "# " + "x" * 300_000)
    with taking_at_most(250_000):
        assert tree.run("boot") == 1
    assert "cannot write /var/lib/cloudboot/instances/i-1/" in tree.status()["errors"][0]
    assert "AAAAIExample web" in tree.read("/home/web/.ssh/authorized_keys")
    assert tree.status()["finished"]


def test_a_boot_says_what_it_did_and_the_log_has_the_rest(tree, capsys):
    needs.root()  # nothing is left for later
    tree.seed(USER_DATA)
    tree.run("boot")
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.startswith("write_files: 2 changes [")]
    assert not [line for line in said if "nothing to change" in line]
    assert re.fullmatch(r"cloudboot: \d+ changes by \d+ modules \[\d+\.\d\d s\]", said[-1])
    assert " mounts: nothing to change [" in tree.read("/var/log/cloudboot.log")
    tree.run("boot")
    said = capsys.readouterr().out.splitlines()
    assert [line.partition("[")[0] for line in said[1:]] == ["cloudboot: nothing to change "]
    tree.run("--debug", "boot")
    assert "mounts: done already (instance)" in capsys.readouterr().err


def test_problems_are_counted_in_the_last_line(tree, capsys):
    tree.seed("#cloud-config\nhostnam: web2\ntimezone: [1]\n")
    tree.run("boot")
    assert re.search(r" by \d+ modules, 1 error, 1 warning \[", capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("name", ["user-data", "meta-data"])
def test_a_seed_with_a_folder_where_a_document_should_be_is_named(tree, name):
    tree.seed(USER_DATA)
    os.unlink(f"{tree.root}{SEED}/{name}")
    tree.write(f"{SEED}/{name}/10-first", "#cloud-config\n")
    assert tree.run("boot") == 1
    assert tree.status()["errors"] == [
        f"datasource nocloud: {SEED}/{name} is no file that can be read; put the document itself there"
    ]


def test_an_id_that_is_a_list_is_an_error(tree):
    tree.seed(USER_DATA, id="[1]")
    assert tree.run("boot") == 1
    (error,) = tree.status()["errors"]
    assert error.startswith(f"datasource nocloud: instance-id in the meta-data of {SEED} is no text; write a text")


@pytest.mark.parametrize(("users", "place"), [("7", "2:1: users"), ("[7, web]", "2:9: users[0]")])
def test_users_that_are_none_are_an_error_and_the_owner_gets_in_all_the_same(tree, users, place):
    tree.seed(f"#cloud-config\nusers: {users}\n", public_keys=KEYS)
    assert tree.run("boot") == 1
    (error,) = tree.status()["errors"]
    assert error.startswith(f"users_groups: user-data:{place}: expected ")
    assert "AAAAIExample owner" in tree.read("/root/.ssh/authorized_keys")


HANDLER = """#part-handler
def list_types(): return ["text/x-thing"]
def handle_part(data, kind, name, content):
    print("handled", kind)
"""


def test_what_a_part_handler_prints_is_kept_and_what_its_driver_answers_is_not(tree, monkeypatch):
    def run(self, action):  # the tree has no Python of its own
        if DRIVER not in action.argv:
            return Outcome(False, left=True)
        return spawn(action.argv, stdin=action.stdin, output=self._output if action.stream else None)

    monkeypatch.setattr(Live, "_run", run)
    body = HANDLER.replace("\n", "\n  ")
    tree.seed(f"#cloud-config-archive\n- |\n  {body}\n- {{type: text/x-thing, content: x}}\n")
    assert tree.run("boot") == 0
    said = tree.read("/var/log/cloudboot-output.log").splitlines()
    assert [line for line in said if "handled" in line] == [
        f"handled {p}" for p in ("__begin__", "text/x-thing", "__end__")
    ]
    assert not any("kinds" in line for line in said)


@pytest.mark.parametrize(("package", "debian", "user_data"), [
    ("yaml", "python3-yaml", USER_DATA), ("jinja2", "python3-jinja2", "## template: jinja\n#cloud-config\n{}\n"),
])  # fmt: skip
def test_a_python_package_that_is_not_installed_is_named_with_the_remedy(tree, package, debian, user_data):
    tree.seed(user_data, public_keys=KEYS)
    code = f"import sys; sys.modules[{package!r}] = None; from cloudboot.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, "--root", tree.root], stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert f"is not installed for {sys.executable}; apt-get install {debian}, or " in done.stderr
    assert "bug" not in done.stderr


UUID = "ABCDEF01-2345-6789-abcd-ef0123456789"


@pytest.mark.parametrize("other", [UUID.lower(), UUID.replace("-", ""), "01efcdab-4523-8967-abcd-ef0123456789"])
def test_the_same_uuid_written_in_another_way_is_no_new_instance(tree, other):
    tree.seed(USER_DATA, id=UUID)
    tree.run("boot")
    tree.write("/etc/motd", "changed by its owner")
    tree.seed(USER_DATA, id=other)
    assert tree.run("boot") == 0
    assert (tree.status()["instance_id"], tree.read("/etc/motd")) == (UUID, "changed by its owner")


def test_an_instance_that_comes_back_is_not_made_again(tree):
    for id in ("i-1", "i-2"):
        tree.seed(USER_DATA, id=id)
        tree.run("boot")
    tree.write("/etc/motd", "changed by its owner")
    tree.seed(USER_DATA, id="i-1")
    assert tree.run("boot") == 0
    assert tree.read("/etc/motd") == "changed by its owner"
    assert not {"users_groups", "ssh", "write_files"} & set(tree.ran())


def test_a_clock_that_jumps_changes_nothing_but_dates(tree, tmp_path, monkeypatch):
    steady = Tree(tmp_path / "steady")
    steady.seed(USER_DATA)
    steady.run("boot")
    tree.seed(USER_DATA)
    clock = itertools.cycle([0.0, 4102444800.0, 946684800.0, 2147483648.0, 253402300799.0])
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: next(clock))
        assert tree.run("boot") == 0
        assert tree.run("boot") == 0
    assert contents(tree) == contents(steady)
    assert tree.run("status") == 0


def test_another_agent_that_does_the_same_work_is_told_of(tree):
    tree.seed(USER_DATA)
    tree.write("/run/cloud-init/enabled", "")
    assert tree.run("boot") == 2
    assert tree.status()["warnings"][0].startswith("cloud-init is switched on here too")
    assert tree.read("/etc/motd") == "hello"


def test_keys_are_put_where_a_home_is_mounted_after_all_stages_that_make_users(tree):
    tree.write("/etc/fstab", HIDDEN.replace("defaults", "nofail"))
    tree.seed(USER_DATA)
    for name in ("local", "network", "config"):
        tree.run("boot", "--stage", name)
    assert "AAAAIExample web" in tree.read("/home/web/.ssh/authorized_keys")
    shutil.rmtree(tree.root + "/home")  # what is mounted hides it
    os.mkdir(tree.root + "/home")
    assert tree.run("boot", "--stage", "final") == 0
    assert "AAAAIExample web" in tree.read("/home/web/.ssh/authorized_keys")
    assert tree.run("boot") == 0
    assert "late_homes" not in tree.ran()


def test_keys_that_their_owner_took_away_stay_away_where_a_mount_hides_the_home_that_has_them_still(tree, monkeypatch):
    def mounted(there, away):
        os.rename(tree.root + "/home", tree.root + away)
        os.rename(tree.root + there, tree.root + "/home")

    def boot():
        for name in ("local", "network", "config"):
            tree.run("boot", "--stage", name)
        mounted("/disk", "/hidden")
        assert tree.run("boot", "--stage", "final") == 0

    tree.write("/etc/fstab", HIDDEN.replace("defaults", "nofail"))
    tree.seed(USER_DATA)
    os.mkdir(tree.root + "/disk")
    boot()
    tree.write("/home/web/.ssh/authorized_keys", "")
    mounted("/hidden", "/disk")
    monkeypatch.setattr(consume, "at_hand", lambda job: False)  # as where user-data includes what is elsewhere
    boot()
    assert tree.read("/home/web/.ssh/authorized_keys") == ""
    assert "ssh_host_keys" in tree.ran()
