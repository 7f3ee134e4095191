import subprocess

import pytest

from cloudboot.admin import sudo
from cloudboot.errors import CloudbootError
from cloudboot.system.door import System
from tests import kit, needs


def system(folder, files=None, answers=None):
    machine = kit.Machine(folder / "m", files, answers)
    return machine, System(machine)


@pytest.mark.parametrize("line", ["#includedir /etc/sudoers.d", '@includedir "/etc/sudoers.d/"'])
def test_a_main_file_that_reads_the_folder_is_left_alone(tmp_path, line):
    machine, on = system(tmp_path, {"/etc/sudoers": f"root ALL=(ALL) ALL\n{line}\n"})
    sudo.allow(on, [("a", "ALL=(ALL) ALL")])
    assert machine.text("/etc/sudoers") == f"root ALL=(ALL) ALL\n{line}\n"


def test_a_main_file_that_does_not_is_made_to(tmp_path):
    machine, on = system(tmp_path, {"/etc/sudoers": "root ALL=(ALL) ALL"})
    machine.put("/etc/sudoers", "root ALL=(ALL) ALL", 0o440)
    sudo.allow(on, [("a", "ALL=(ALL) ALL")])
    assert machine.text("/etc/sudoers") == "root ALL=(ALL) ALL\n#includedir /etc/sudoers.d\n"
    assert machine.mode("/etc/sudoers") == 0o440


def test_rules_of_an_earlier_instance_go(tmp_path):
    machine, on = system(tmp_path, {sudo.FILE: "old ALL=(ALL) ALL\n"})
    sudo.allow(on, [])
    assert not machine.look(sudo.FILE)


@pytest.mark.parametrize("name,rule", [("ALL", "ALL=(ALL) ALL"), ("a", "ALL\nb ALL"), ("a", "ALL \\"), ("a", "x\0y")])
def test_what_could_mean_somebody_else_is_refused_unseen(tmp_path, name, rule):
    machine, on = system(tmp_path)
    with pytest.raises(CloudbootError):
        sudo.allow(on, [(name, rule)])
    assert not machine.look(sudo.FILE)


@pytest.mark.parametrize(
    "rule,good",
    [
        ("permit nopass a", True),
        ("deny a as root", True),
        ("permit persist keepenv setenv { PATH=/bin -X } a cmd ls", True),
        ("permit b", False),
        ("permit nopass", False),
        ("permit setenv { X a", False),
        ("allow a", False),
        ("permit a\npermit nopass b", False),
    ],
)
def test_a_doas_rule_speaks_of_its_own_user_or_is_refused(tmp_path, rule, good):
    machine, on = system(tmp_path, {"/etc/doas.conf": "permit :wheel\n"})
    if good:
        sudo.permit(on, [("a", rule)])
        sudo.permit(on, [("a", rule)])
    else:
        with pytest.raises(CloudbootError):
            sudo.permit(on, [("a", rule)])
    assert machine.text("/etc/doas.conf") == "permit :wheel\n" + (f"{rule}\n" if good else "")


@pytest.mark.parametrize(
    "name,rule,asked",
    [
        ("alice", "ALL=(ALL) NOPASSWD:ALL", False),
        ("web-admin_2", "ALL=(ALL:ALL) ALL", False),
        ("ADMINS", "ALL=(ALL) ALL", True),  # an alias
        ("ünal", "ALL=(ALL) ALL", True),
        ("a,b", "ALL=(ALL) ALL", True),
        ("alice", "ALL=(ALL) NOPASSWD: /bin/ls", True),
    ],
)
def test_visudo_is_asked_of_what_is_no_plain_rule_of_a_plain_name(tmp_path, name, rule, asked):
    heard = []
    _, on = system(tmp_path, answers={"visudo": lambda machine, argv: heard.append(argv) or 0})
    sudo.allow(on, [(name, rule)])
    assert bool(heard) is asked


def test_visudo_takes_every_rule_of_which_it_is_not_asked():
    needs.program("visudo")
    for rule in sudo.PLAIN:
        subprocess.run(["visudo", "-cf", "-"], input=f"web-admin_2 {rule}\n".encode(), check=True, capture_output=True)
