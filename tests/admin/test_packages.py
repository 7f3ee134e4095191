"""With real apt, in a root of its own and from a repository of its own."""

import hashlib
import os
import subprocess
import sys

import pytest

from cloudboot.admin import packages
from cloudboot.admin.package_tools import ALL, APK, APT, DNF, EMERGE, PACMAN, SNAP, TDNF, YUM, ZYPPER, fitting
from cloudboot.admin.packages import Package
from cloudboot.errors import Busy, CloudbootError
from cloudboot.system.actions import Outcome, Run
from cloudboot.system.door import System
from cloudboot.system.spawn import spawn
from tests import kit, needs

FOLDERS = (
    "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d", "var/lib/apt/lists/partial",
    "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers", "var/cache/apt/archives/partial",
    "var/log/apt", "repo",
)  # fmt: skip
HOLD = (
    "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); input()"
)


class Debian(kit.Machine):
    """A machine whose apt is real and works on its root only."""

    def __init__(self, root):
        needs.root()
        needs.programs("apt-get", "dpkg-deb")
        for folder in FOLDERS:
            os.makedirs(f"{root}/{folder}")
        super().__init__(root)
        self.put("/var/lib/dpkg/status", "")
        self.put("/etc/apt/sources.list", f"deb [trusted=yes] file:{root}/repo ./\n")
        options = (
            f"Dir={root}", f"Dir::State::status={root}/var/lib/dpkg/status", "APT::Sandbox::User=root",
            f"DPkg::Options::=--root={root}", "DPkg::Chroot-Directory=/", "Acquire::Retries=0",
        )  # fmt: skip
        self.tool = APT.but(
            program=(*APT.program, *(f"--option={o}" for o in options)),
            mend=("dpkg", f"--root={root}", "--force-confold", "--configure", "-a"),
        )

    def _perform(self, action):
        if isinstance(action, Run):
            self.actions.append(action)
            return spawn(action.argv, env={**action.env, "PATH": os.environ["PATH"]}, timeout=120)
        return super()._perform(action)

    def offer(self, name, version="1.0"):
        """Puts a package into the repository."""
        build = f"{self.root}/build/{name}"
        control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n"
        self.put(f"/build/{name}/DEBIAN/control", control)
        self.put(f"/build/{name}/usr/share/{name}", version)
        file = f"{self.root}/repo/{name}_{version}.deb"
        subprocess.run(["dpkg-deb", "--build", build, file], check=True, stdout=subprocess.DEVNULL)
        with open(file, "rb") as deb:
            data = deb.read()
        entry = f"Filename: ./{name}_{version}.deb\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n"
        with open(f"{self.root}/repo/Packages", "a") as index:
            index.write(control + entry + "\n")

    @property
    def tasks(self):
        """What apt was told to do, without its options."""
        return [" ".join(w for w in a.argv if not w.startswith("-")) for a in self.actions if isinstance(a, Run)]


@pytest.fixture
def debian(tmp_path):
    return Debian(str(tmp_path))


def held(path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


def test_packages_are_installed_from_fresh_lists(debian):
    debian.offer("hello")
    debian.offer("world")
    system = System(debian)
    packages.refresh(system, debian.tool)
    assert packages.install(system, debian.tool, [Package("hello"), Package("world")]) == ()
    assert (debian.text("/usr/share/hello"), debian.text("/usr/share/world")) == ("1.0", "1.0")
    assert debian.tasks == ["apt-get update", "apt-get install hello world"]


def test_a_name_that_apt_does_not_know_is_told_and_the_others_are_installed(debian):
    debian.offer("hello")
    system = System(debian)
    packages.refresh(system, debian.tool)
    wanted = [Package("helo"), Package("hello"), Package("wurld", "2")]
    assert packages.install(system, debian.tool, wanted) == ("helo", "wurld")
    assert debian.text("/usr/share/hello") == "1.0"


def test_a_version_can_be_asked_for_and_a_wrong_one_is_unknown(debian):
    debian.offer("hello", "1.0")
    debian.offer("hello", "2.0")
    system = System(debian)
    packages.refresh(system, debian.tool)
    assert packages.install(system, debian.tool, [Package("hello", "3.0")]) == ("hello",)
    packages.install(system, debian.tool, [Package("hello", "1.0")])
    assert debian.text("/usr/share/hello") == "1.0"
    packages.upgrade(system, debian.tool)
    assert debian.text("/usr/share/hello") == "2.0"


def test_what_a_power_cut_left_of_dpkg_is_mended_first(debian):
    debian.offer("hello")
    system = System(debian)
    packages.refresh(system, debian.tool)
    debian.put("/var/lib/dpkg/updates/0001", "Package: half\nStatus: install ok unpacked\nVersion: 1\n\n")
    packages.install(system, debian.tool, [Package("hello")])
    assert debian.text("/usr/share/hello") == "1.0"
    assert debian.tasks[1:] == ["apt-get install hello", "dpkg", "apt-get install hello"]


def test_whoever_holds_the_lock_too_long_is_named(debian, monkeypatch):
    monkeypatch.setattr(packages, "LOCK_SECONDS", 0.01)
    for lock in APT.locks:
        debian.put(lock, "")
    with held(f"{debian.root}/var/lib/dpkg/lock-frontend") as process:
        with pytest.raises(Busy) as problem:
            packages.refresh(System(debian), debian.tool)
        process.stdin.close()
    assert f"(process {process.pid}) holds /var/lib/dpkg/lock-frontend, and has done so for 0 s" in problem.value.reason


def test_a_lock_taken_between_looking_and_working_is_waited_for_again(debian):
    debian.offer("hello")
    lists = f"{debian.root}/var/lib/apt/lists/lock"
    with held(lists) as process:
        tool = debian.tool.but(locks=())  # as if nobody had held it
        done = packages._tell(System(debian), tool.but(busy=""), tool.refresh)
        assert done.code == 100
        assert APT.busy in done.stderr.decode()
        process.stdin.close()


def test_a_busy_tool_is_told_again_and_only_so_often(tmp_path):
    busy = Outcome(True, 100, stderr=b"E: Could not get lock /var/lib/apt/lists/lock.\n")
    machine = kit.Machine(tmp_path, answers={"apt-get": busy})
    with pytest.raises(CloudbootError, match="apt-get exited 100: E: Could not get lock"):
        packages.refresh(System(machine), APT)
    assert len(machine.commands) == packages.ROUNDS


def test_lists_are_fetched_for_a_recipe_only_when_they_are_too_old(debian, monkeypatch):
    debian.offer("hello")
    monkeypatch.setattr(packages, "fitting", lambda system, os: debian.tool)
    packages.ensure(System(debian), kit.DISTROS["debian"], "hello")
    packages.ensure(System(debian), kit.DISTROS["debian"], "hello")
    install = "apt-get install hello"
    assert debian.tasks == [install, "apt-get update", install, install]


def test_a_recipe_that_cannot_have_its_package_says_which(tmp_path):
    machine = kit.Machine(tmp_path, answers={"dnf -y install": Outcome(True, 1, stderr=b"Error: no disk\n")})
    with pytest.raises(CloudbootError, match="dnf exited 1: Error: no disk for x"):
        packages.ensure(System(machine), kit.DISTROS["fedora"], "x")


@pytest.mark.parametrize(
    ("tool", "words", "said"),
    [
        (DNF, "dnf -y install x-1", "Error: Unable to find a match: x y"),
        (YUM, "yum -t -y install x-1", "No package x available."),
        (TDNF, "tdnf -y install x-1", "x package not found or not installed"),
        (ZYPPER, "zypper --non-interactive install --auto-agree-with-licenses x=1", "No provider of 'x = 1' found."),
        (APK, "apk --no-interactive --wait 600 add x=1", "ERROR: unable to select packages:\n  x (no such package):"),
        (PACMAN, "pacman --noconfirm -S --needed x=1", "error: target not found: x"),
        (EMERGE, "emerge --ask=n --quiet --noreplace =x-1", "emerge: there are no ebuilds to satisfy \"x\"."),
        (SNAP, "snap install x 1", 'error: snap "x" not found'),
    ],
)  # fmt: skip
def test_every_tool_is_told_in_its_own_words_and_understood(tool, words, said, tmp_path):
    machine = kit.Machine(tmp_path, answers={tool.program[0]: Outcome(True, 1, stderr=said.encode())})
    assert packages.install(System(machine), tool, [Package("x", "1")]) == ("x",)
    assert machine.commands == [words]


def test_snap_takes_its_packages_one_by_one(tmp_path):
    machine = kit.Machine(tmp_path)
    packages.install(System(machine), SNAP, [Package("juju", "--edge"), Package("lxd", "--channel=5/stable")])
    assert machine.commands == ["snap install juju --edge", "snap install lxd --channel=5/stable"]


@pytest.mark.parametrize(
    ("family", "tools", "tool"),
    [
        ("debian", ("apt-get",), APT),
        ("ubuntu", (), APT),
        ("fedora", ("dnf", "yum"), DNF),
        ("rhel", ("yum",), YUM),
        ("rhel", ("tdnf", "yum"), TDNF),
        ("opensuse", ("zypper",), ZYPPER),
        ("alpine", (), APK),
        ("arch", (), PACMAN),
        ("gentoo", (), EMERGE),
        ("debian", ("apk",), APK),
    ],
)
def test_the_tool_is_the_familys_own_which_is_there(family, tools, tool, tmp_path):
    assert fitting(System(kit.Machine(tmp_path, tools=tools)), kit.DISTROS[family]) == tool


def test_a_root_that_takes_only_snapshots_has_a_tool_for_that(tmp_path):
    files = {"/proc/mounts": "/dev/vda2 / btrfs ro,relatime 0 0\n"}
    machine = kit.Machine(tmp_path, files=files, tools=("zypper",))
    assert fitting(System(machine), kit.DISTROS["opensuse"]).name == "transactional-update"


def test_no_tool_asks_anything():
    asking = {"apt-get": "--assume-yes", "dnf": "-y", "yum": "-y", "tdnf": "-y", "zypper": "--non-interactive",
              "apk": "--no-interactive", "pacman": "--noconfirm", "emerge": "--ask=n"}  # fmt: skip
    assert all(asking[tool.name] in tool.program for tool in ALL)


class Shop(kit.Machine):
    """A machine whose apt knows ``known``, and ``later`` once its lists are fresh; what is stale cannot be fetched."""

    known, later, stale = (), (), ()

    def _perform(self, action):
        if isinstance(action, Run):
            self.actions.append(action)
            name = action.argv[-1]
            if name == "update":
                self.known, self.stale = self.later, ()
            elif name in self.stale:
                return Outcome(True, 100, b"", b"E: Failed to fetch: 404 Not Found\n")
            elif name not in self.known:
                return Outcome(True, 100, b"", f"E: Unable to locate package {name}\n".encode())
            return Outcome(True)
        return super()._perform(action)

    def ensure_first(self):
        packages.ensure_first(System(self), kit.DISTROS["debian"], Package("a"), Package("b"))
        return [c.split()[-1] for c in self.commands]


def shop(root, **has):
    machine = Shop(root, tools=("apt-get",))
    for name, value in has.items():
        setattr(machine, name, value)
    return machine


def test_the_first_package_that_is_known_is_installed(tmp_path):
    assert shop(tmp_path / "1", known=("a", "b")).ensure_first() == ["a"]
    assert shop(tmp_path / "2", known=("b",)).ensure_first() == ["a", "b"]


def test_lists_are_fetched_where_none_is_known_or_they_are_too_old(tmp_path):
    assert shop(tmp_path / "1", later=("b",)).ensure_first() == ["a", "b", "update", "a", "b"]
    assert shop(tmp_path / "2", stale=("a",), later=("a",)).ensure_first() == ["a", "update", "a"]


def test_where_none_is_known_even_then_all_are_named(tmp_path):
    with pytest.raises(CloudbootError, match="no package a or b"):
        shop(tmp_path).ensure_first()
