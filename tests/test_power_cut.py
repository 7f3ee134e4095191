"""What a boot leaves on a disk that loses all that was not synced, or a part of it, is old or new, never half; the
journal tells of nothing that is lost, and the next boot comes to the same end."""

import hashlib
import json
import os
import shutil
import stat
import zlib

import pytest

from cloudboot.system import disk
from tests.test_boot import Tree

JOURNAL = "/var/lib/cloudboot/journal"
OWN = ("/var/lib/cloudboot/", "/run/cloudboot/", "/var/log/cloudboot")
USER_DATA = """#cloud-config
users:
- name: web
  sudo: "ALL=(ALL) NOPASSWD:ALL"
  ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample web]
locale: C.UTF-8
write_files:
- {path: /etc/motd, content: hello}
- {path: /etc/motd, content: hello again}
- {path: /srv/a/one, content: "1", permissions: "0600"}
- {path: /srv/b/two, content: "2"}
- {path: /var/log/boots, content: once, append: true}
- {path: /var/log/boots, content: more, append: true}
runcmd:
- echo ran
"""


class Platter:
    """What is sure to be on the disk: files of the tree by inode, and names by folder, as syncs brought them there."""

    def __init__(self, root):
        self.root, self.data, self.names = root, {}, {}
        self.everything()

    def everything(self):
        for folder, _, _ in os.walk(self.root):
            self.folder(folder)
            for entry in os.scandir(folder):
                if entry.is_file(follow_symlinks=False):
                    self.file(entry.path)

    def folder(self, folder):
        """Its names are on the disk; what a new one stands for need not be."""
        held = {}
        for entry in os.scandir(folder):
            found = entry.stat(follow_symlinks=False)
            target = os.readlink(entry.path) if entry.is_symlink() else ""
            held[entry.name] = (found.st_mode, found.st_ino, target)
        self.names[os.stat(folder).st_ino] = held

    def file(self, path):
        with open(path, "rb") as file:
            self.data[os.stat(path).st_ino] = file.read()

    def synced(self, fd):
        at = os.readlink(f"/proc/self/fd/{fd}")
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            self.folder(at)
        else:
            self.file(at)

    def image(self, to, ahead=lambda path: False, journal=False):
        """The disk after a power cut, with those names on it, too, that were ``ahead`` of any sync."""
        os.makedirs(to)
        self._lay(os.stat(self.root).st_ino, self.root, to, "", ahead)
        if journal and os.path.exists(self.root + JOURNAL):
            os.makedirs(os.path.dirname(to + JOURNAL), exist_ok=True)
            shutil.copyfile(self.root + JOURNAL, to + JOURNAL)
        shutil.rmtree(to + "/run", ignore_errors=True)
        return to

    def _lay(self, inode, now, to, path, ahead):
        held = dict(self.names.get(inode, {}))
        for entry in os.scandir(now) if now and os.path.isdir(now) else ():
            if ahead(f"{path}/{entry.name}"):
                found = entry.stat(follow_symlinks=False)
                target = os.readlink(entry.path) if entry.is_symlink() else ""
                held = {name: was for name, was in held.items() if was[1] != found.st_ino}  # what was renamed
                held[entry.name] = (found.st_mode, found.st_ino, target)
        for name, (mode, inode, target) in held.items():
            at = f"{to}/{name}"
            if target:
                os.symlink(target, at)
            elif stat.S_ISDIR(mode):
                os.mkdir(at)
                self._lay(inode, f"{now}/{name}", at, f"{path}/{name}", ahead)
            else:
                with open(at, "wb") as file:
                    file.write(self.data.get(inode, b""))
            if not target:
                os.chmod(at, stat.S_IMODE(mode))


CUTS = {  # what a power cut left of what was not synced
    "nothing": {},
    "the journal": {"journal": True},
    "names": {"ahead": lambda path: True},
    "names and the journal": {"ahead": lambda path: True, "journal": True},
    "some names": {"ahead": lambda path: zlib.crc32(path.encode()) % 2},
    "other names": {"ahead": lambda path: zlib.crc32(path.encode()) % 3 == 0, "journal": True},
}


def contents(root, without=OWN):
    """Mode and content of every file that is not the agent's own."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)[len(root) :]
            if not path.startswith(without) and not os.path.islink(root + path):
                with open(root + path, "rb") as file:
                    found[path] = (os.stat(root + path).st_mode, file.read())
    return found


def digest(root):
    return repr(sorted(contents(root, ("/var/log/cloudboot",)).items()))


def lines(root):
    if not os.path.exists(root + JOURNAL):
        return []
    with open(root + JOURNAL, "rb") as file:
        return [json.loads(line) for line in file.read().split(b"\n")[:-1]]


def sha(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def boot(tmp_path, monkeypatch):
    """A boot, and the images that power cuts before each of its syncs would leave."""

    def boot(at_once=True):
        tree = Tree(tmp_path / "whole")
        tree.seed(USER_DATA)
        tree.write("/etc/motd", "of the image")
        before, platter, images = contents(tree.root), Platter(tree.root), []

        def cut():
            for what, lost in CUTS.items():
                to = platter.image(str(tmp_path / f"{len(images)}"), **lost)
                images.append((f"{what} beyond sync {len(images) // len(CUTS)}", to))

        def sync(fd):
            cut()
            platter.synced(fd)

        def sync_all(fd):
            if at_once:
                cut()
                platter.everything()
            return at_once

        monkeypatch.setattr(os, "fsync", sync)
        monkeypatch.setattr(disk, "sync_file_system", sync_all)
        assert tree.run("boot") == 0
        cut()
        monkeypatch.setattr(os, "fsync", lambda fd: None)
        monkeypatch.setattr(disk, "sync_file_system", lambda fd: True)
        return tree.root, before, images

    return boot


def wrong(root, before, images):
    """What is not as it must be in one of the images."""
    whole, found = contents(root), []
    steps = {line["path"]: line["did"].split("#")[0] for line in lines(root) if "path" in line}
    made = {
        path: [line["after"] for line in lines(root) if line.get("path") == path] for path in whole if path in steps
    }
    for what, image in images:
        seen, told = contents(image), lines(image)
        for path in [p for p in whole if not os.path.basename(p).endswith(".cloudboot-new")]:
            old, was, new = before.get(path), seen.get(path), whole[path]
            halfway = (new[0], b"hello") if path == "/etc/motd" else (new[0], b"once")
            if was not in (old, new, halfway):
                found.append(f"{what}: {path} is {was}")
            begun = {step for line in told for step in line.get("begin", ())}
            if was not in (old, None) and steps.get(path, "") not in {"", *begun}:
                found.append(f"{what}: {path} was changed, and nothing says that {steps[path]} was begun")
        for path, after in made.items():
            known = [line["after"] for line in told if line.get("path") == path]
            if known and (sha(seen[path][1]) if path in seen else "") not in after[len(known) - 1 :]:
                found.append(f"{what}: the journal tells of {path}, which is lost")
    return found


@pytest.mark.parametrize("at_once", [True, False])
def test_no_file_is_half_and_the_journal_tells_of_nothing_that_is_lost(boot, at_once):
    root, before, images = boot(at_once)
    assert len(images) > 10 * len(CUTS)
    assert wrong(root, before, images) == []


def test_the_next_boot_comes_to_the_same_end(boot, capsys):
    root, _, images = boot()
    whole = contents(root)
    different = {digest(image): (what, image) for what, image in images}
    for what, image in different.values():
        again = Tree(image, {})
        again.run("boot")
        assert again.status()["errors"] == [], f"{what}: {capsys.readouterr().err}"
        assert contents(image) == whole, what


def test_it_would_be_noticed_if_names_came_before_bytes(boot, monkeypatch):
    monkeypatch.setattr(disk.Disk, "_write_out", lambda self, device: None)
    assert any("/srv/a/one is" in text for text in wrong(*boot()))


def test_it_would_be_noticed_if_the_journal_told_too_early(boot, monkeypatch):
    monkeypatch.setattr(disk.Disk, "is_clean", True)
    monkeypatch.setattr(disk.Disk, "sync", lambda self: self.settle())
    assert any("which is lost" in text for text in wrong(*boot()))


def test_it_would_be_noticed_if_a_step_was_not_begun_first(boot, monkeypatch):
    monkeypatch.setattr(disk.Disk, "announce", lambda self, fd, device: None)
    assert any("was begun" in text for text in wrong(*boot()))
