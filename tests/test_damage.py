"""Whatever has become of the agent's own files: the machine stays who it is, nothing is done twice, nothing hangs."""

import os
import shutil

import pytest

from tests.test_boot import USER_DATA, Tree

STATE = "/var/lib/cloudboot"
FILES = (
    f"{STATE}/state.json", f"{STATE}/journal", f"{STATE}/instance", f"{STATE}/instances/i-1/instance.json",
    f"{STATE}/instances/i-1/cloud-config.json", f"{STATE}/instances/i-1/parts.json", "/run/cloudboot/status.json",
    "/run/cloudboot/boot-id", "/run/cloudboot/lock",
)  # fmt: skip


def emptied(path, old):
    open(path, "w").close()


def cut(path, old):
    with open(path, "wb") as file:
        file.write(old[: len(old) // 2])


def zeros(path, old):
    with open(path, "wb") as file:
        file.write(bytes(len(old)))


def noise(path, old):
    with open(path, "wb") as file:
        file.write(bytes(range(128, 256)) * 8)


def another_type(path, old):
    with open(path, "w") as file:
        file.write("[[1, 2], 3]\n")


def of_the_future(path, old):
    with open(path, "wb") as file:
        file.write(old.replace(b'"version": 1', b'"version": 99, "new": [{}]'))


def fifo(path, old):
    os.mkfifo(path)


def folder(path, old):
    os.mkdir(path)


def link_elsewhere(path, old):
    os.symlink("/etc/shadow", path)


def gone(path, old):
    pass


DAMAGE = (emptied, cut, zeros, noise, another_type, of_the_future, fifo, folder, link_elsewhere, gone)


@pytest.fixture(scope="module")
def booted(tmp_path_factory):
    tree = Tree(tmp_path_factory.mktemp("booted") / "machine")
    tree.write("/etc/shadow", "root:*:1::::::\n")
    tree.seed(USER_DATA)
    assert tree.run("boot") == 0
    tree.write("/etc/motd", "changed by its owner")
    return tree


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_of_the_agents_own_makes_no_new_machine(booted, tmp_path, capsys, path, damage):
    shutil.copytree(booted.root, tmp_path / "machine", symlinks=True)
    tree = Tree(tmp_path / "machine", {})
    at = tree.root + path
    old = b""
    if os.path.isfile(at):
        with open(at, "rb") as file:
            old = file.read()
    if os.path.lexists(at):
        os.unlink(at)
    damage(at, old)
    code = tree.run("boot")
    said = capsys.readouterr()
    assert "bug" not in said.out + said.err
    assert tree.read("/etc/motd") == "changed by its owner"
    assert tree.read("/var/log/boots") == "once"
    assert tree.read("/etc/shadow") == "root:*:1::::::\n"
    assert code in (0, 1, 2)
    if not os.path.isdir(f"{tree.root}/run/cloudboot/status.json"):
        assert tree.status()["instance_id"] == "i-1"
