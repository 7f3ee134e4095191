import os
import subprocess
import time

import pytest

from modules import motd
from tests import kit, needs
from tests.modules.test_apt_behind_a_proxy import CONTROL, run

FILES = {"/etc/update-motd.d/10-uname": "#!/bin/sh\nuname -snrvm\n"}
MACHINE = {"files": FILES, "tools": ("apt-get",)}
IMAGE = {"name": "web", "serial": "20260101"}


def applied(tmp_path, config=None, files=FILES, tools=("apt-get",), answers=None):
    machine = kit.Machine(tmp_path, files, answers, tools)
    machine.system = kit.apply(motd.MODULE, {"motd": config}, machine)
    return machine


def test_it_is_worked_out_once_and_again_by_apt(tmp_path):
    machine = applied(tmp_path)
    assert machine.commands == ["/bin/sh /var/lib/cloudboot/motd/refresh"]
    assert machine.mode(motd.FRAGMENT) == 0o755
    assert machine.text(motd.HOOK).count("/bin/sh /var/lib/cloudboot/motd/refresh") == 2
    assert kit.plan(motd.MODULE, {"motd": None}, machine) == []


@pytest.mark.parametrize("lacking", [{"files": {}}, {"tools": ()}])
def test_where_there_is_no_apt_or_no_update_motd_nothing_is_done(tmp_path, lacking):
    machine = applied(tmp_path, **lacking)
    assert machine.actions == [] and len(machine.system.notes) == 1


def test_it_goes_when_it_is_not_wanted_any_more(tmp_path):
    applied(tmp_path)
    machine = kit.Machine(tmp_path)
    kit.apply(motd.MODULE, {"motd": {"updates": False}}, machine)
    assert machine.text(motd.FRAGMENT) is None and machine.text(motd.HOOK) is None


def test_the_image_is_the_configs_or_else_what_its_makers_left(tmp_path):
    files = {**FILES, motd.BUILD: "build_name: server\nserial: 20251111\n"}
    assert "name='server ' serial=20251111 url=''\n" in applied(tmp_path / "1", None, files).text(
        f"{motd.FOLDER}/refresh"
    )
    config = {"image": {"name": "$(x)", "serial": "1;reboot", "latest": "http://a/'b"}}
    text = applied(tmp_path / "2", config, files).text(f"{motd.FOLDER}/refresh")
    assert """name='$(x) ' serial='1;reboot' url='http://a/'"'"'b'\n""" in text


def test_the_scripts_are_ones_of_any_shell(tmp_path):
    needs.program("dash")
    machine = applied(tmp_path, {"image": IMAGE})
    for path in (motd.FRAGMENT, f"{motd.FOLDER}/refresh"):
        assert subprocess.run(["dash", "-n", machine.root + path]).returncode == 0


def described(name, version, more=""):
    return CONTROL.format(version=version).replace("proof", name) + more


@pytest.fixture
def debian(tmp_path):
    """Runs the scripts on a tree whose apt knows of newer packages; what is shown at login."""
    needs.programs("apt-get", "apt-ftparchive", "flock", "dash")
    machine = applied(tmp_path / "m", {"image": {**IMAGE, "latest": f"file://{tmp_path}/serial"}})
    root, www = machine.root, tmp_path / "www"
    installed = [described(name, "1.0", "Status: install ok installed\n") for name in ("curl", "openssl", "base")]
    machine.put("/var/lib/dpkg/status", "\n".join(installed))
    for suite, packages in (("stable", [("curl", "1.1")]), ("stable-security", [("openssl", "1.2")])):
        index = www / f"dists/{suite}/main/binary-amd64"
        index.mkdir(parents=True)
        (index / "Packages").write_text(
            "\n".join(described(*p, f"Filename: pool/{p[0]}.deb\nSize: 1\nSHA256: {'0' * 64}\n") for p in packages)
        )
        about = {"Suite": suite, "Codename": suite, "Components": "main", "Architectures": "amd64"}
        words = [f"-oAPT::FTPArchive::Release::{name}={value}" for name, value in about.items()]
        release = run("apt-ftparchive", *words, "release", www / f"dists/{suite}")
        (www / f"dists/{suite}/Release").write_bytes(release)
        machine.put(f"/etc/apt/sources.list.d/{suite}.list", f"deb [trusted=yes] file:{www} {suite} main\n")
    about = {"Dir": root, "Dir::State::status": f"{root}/var/lib/dpkg/status", "APT::Sandbox::User": "root",
             "APT::Architecture": "amd64", "APT::Architectures": "amd64"}  # fmt: skip
    machine.put("/apt.conf", "".join(f'{name} "{value}";\n' for name, value in about.items()))
    for folder in ("var/lib/apt/lists/partial", "var/cache/apt/archives/partial"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    machine.put("/boot/vmlinuz-6.1.0-9-amd64", "")
    machine.put("/boot/vmlinuz-6.1.0-10-amd64", "")
    for path in (motd.HOOK, motd.FRAGMENT, f"{motd.FOLDER}/refresh"):
        text = machine.text(path)
        for place in ("/var/lib/cloudboot", "/var/lib/apt/lists", "/boot"):
            text = text.replace(place, root + place)
        machine.put(path, text)
    machine.env = {**os.environ, "APT_CONFIG": f"{root}/apt.conf"}
    return machine


def shown(machine):
    return subprocess.run(["dash", machine.root + motd.FRAGMENT], capture_output=True, text=True).stdout.splitlines()


def test_whoever_logs_in_is_told_what_apts_own_lists_say(debian, tmp_path):
    subprocess.run(["dash", f"{debian.root}{motd.FOLDER}/refresh"], env=debian.env, check=True)
    assert shown(debian)[0] == "Image: web 20260101"
    (tmp_path / "serial").write_text("20261101\n")
    done = subprocess.run(["apt-get", "update"], env=debian.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wait_for_refresh(debian)
    upgrade, image, kernel = shown(debian)
    assert upgrade.startswith("2 packages can be upgraded, 1 for security: openssl (as of 2")
    assert image == "Image: web 20260101; 20261101 is there"
    assert kernel.startswith("Linux 6.1.0-10-amd64 is installed and ") and kernel.endswith("restart to change over.")


def wait_for_refresh(machine):
    """The hook of apt works in the background, with the lock held."""
    end = time.monotonic() + 60
    while "upgraded" not in "".join(shown(machine)):
        assert time.monotonic() < end, shown(machine)
        time.sleep(0.05)
