import os
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.admin import sshd
from cloudboot.system.door import System
from tests import kit

INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf\n"


def system(folder, files):
    machine = kit.Machine(os.path.join(str(folder), "m"), files)
    return machine, System(machine)


def test_settings_come_in_the_order_in_which_sshd_reads_them(tmp_path):
    _, on = system(tmp_path, {
        "/etc/ssh/sshd_config": "# x\n" + INCLUDE + "Port=22\nInclude more\nMatch User a\nPort 3\n",
        "/etc/ssh/sshd_config.d/20.conf": "port 20 # why\nMatch all\nX y\n",
        "/etc/ssh/sshd_config.d/10.conf": '\tBanner\t"a b"\n',
        "/etc/ssh/sshd_config.d/readme": "No no\n",
        "/etc/ssh/more": "Include /etc/ssh/more\n",
    })  # fmt: skip
    found = [(s.file.rpartition("/")[2], s.key, s.value) for s in sshd.settings(on) if s.key != "Include"]
    assert found == [("10.conf", "Banner", '"a b"'), ("20.conf", "port", "20"), ("sshd_config", "Port", "22")]


def test_the_first_setting_counts_whatever_its_case(tmp_path):
    _, on = system(tmp_path, {"/etc/ssh/sshd_config": "useDNS no\nUseDNS yes\n"})
    assert sshd.value_of(on, "usedns").value == "no"
    assert sshd.value_of(on, "UsePAM") is None


def test_a_vendors_file_is_never_written_to(tmp_path):
    machine, on = system(tmp_path, {"/usr/etc/ssh/sshd_config": "Port 22\n"})
    assert sshd.configure(on, {"PasswordAuthentication": ["no"]})
    assert machine.text("/usr/etc/ssh/sshd_config") == "Port 22\n"
    assert machine.text("/etc/ssh/sshd_config") == "Port 22\nPasswordAuthentication no\n"


def test_two_writers_of_our_file_keep_each_others_lines(tmp_path):
    machine, on = system(tmp_path, {"/etc/ssh/sshd_config": INCLUDE})
    assert sshd.configure(on, {"HostCertificate": ["/a", "/b"]})
    assert sshd.configure(on, {"PasswordAuthentication": ["yes"]})
    assert not sshd.configure(on, {"HostCertificate": ["/a", "/b"]})
    assert sshd.configure(on, {"PasswordAuthentication": ["no"]})
    assert machine.text(sshd.OURS) == "HostCertificate /a\nHostCertificate /b\nPasswordAuthentication no\n"
    assert machine.mode(sshd.OURS) == 0o600


WORDS = ("", "# PasswordAuthentication yes", "Port 22", "PasswordAuthentication yes", "passwordauthentication=no",
         "  UsePAM yes", "Match User a")  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS), max_size=9)


@given(LINES, st.sampled_from(["yes", "no"]))
def test_the_main_file_then_says_what_was_asked_and_all_else_stays(lines, wanted):
    with tempfile.TemporaryDirectory() as folder:
        machine, on = system(folder, {"/etc/ssh/sshd_config": "".join(f"{line}\n" for line in lines)})
        sshd.configure(on, {"PasswordAuthentication": [wanted]})
        assert sshd.value_of(on, "PasswordAuthentication").value == wanted
        assert not sshd.configure(on, {"PasswordAuthentication": [wanted]})
        cut = lines.index("Match User a") if "Match User a" in lines else len(lines)
        kept = [line for line in lines[:cut] if not line.lower().startswith("passwordauthentication")] + lines[cut:]
        new = machine.text("/etc/ssh/sshd_config").splitlines()
        new.remove(f"PasswordAuthentication {wanted}")
        assert new == kept


@pytest.mark.parametrize(
    "files,os,command",
    [
        ({"/run/systemd/system/x": ""}, "debian", "systemctl --no-block try-reload-or-restart ssh"),
        ({"/run/systemd/system/x": ""}, "rhel", "systemctl --no-block try-reload-or-restart sshd"),
        ({"/run/sshd.pid": "", "/sbin/rc-service": ""}, "alpine", "rc-service --ifstarted sshd reload"),
        ({"/run/sshd.pid": "", "/usr/sbin/service": ""}, "debian", "service ssh reload"),
        ({"/usr/sbin/service": ""}, "debian", None),
    ],
)
def test_a_server_that_may_be_running_is_told_to_read_again(tmp_path, files, os, command):
    machine, on = system(tmp_path, files)
    sshd.reload(on, kit.DISTROS[os], {})
    assert machine.commands == ([command] if command else [])


def test_the_image_may_name_the_service(tmp_path):
    machine, on = system(tmp_path, {"/run/systemd/system/x": ""})
    sshd.reload(on, kit.DISTROS["debian"], {"system_info": {"ssh_svcname": "openssh"}})
    assert machine.commands == ["systemctl --no-block try-reload-or-restart openssh"]
