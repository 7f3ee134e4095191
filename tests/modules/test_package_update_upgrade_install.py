import pytest

from cloudboot.errors import CloudbootError, Invalid
from cloudboot.system.actions import Outcome
from modules import package_update_upgrade_install
from tests import kit

MACHINE = {"tools": ("apt-get",)}
MODULE = package_update_upgrade_install.MODULE


def applied(tmp_path, config, answers=None, tools=("apt-get",), files=None, **about):
    machine = kit.Machine(tmp_path, files=files, answers=answers, tools=tools)
    return machine, lambda: kit.apply(MODULE, config, machine, **about)


def tasks(machine):
    """What was told to which tool, without the words that keep apt quiet."""
    quiet = ("--option", "--assume-yes", "--quiet")
    return [" ".join(w for w in c.split() if not w.startswith(quiet)) for c in machine.commands]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("package_update: true", ["apt-get update"]),
        ("package_update: false", []),
        ("package_upgrade: true", ["apt-get update", "apt-get dist-upgrade"]),
        ("apt_upgrade: true", ["apt-get update", "apt-get dist-upgrade"]),
        ("packages: [a, [b, '1.2']]", ["apt-get update", "apt-get install a b=1.2"]),
        ("packages: [c, apt: [a, [b, '1']]]", ["apt-get update", "apt-get install c a b=1"]),
        ("packages: [snap: [a, [b, --edge]]]", ["apt-get update", "snap install a", "snap install b --edge"]),
        ("{package_upgrade: true, apt_get_upgrade_subcommand: upgrade}", ["apt-get update", "apt-get upgrade"]),
        (
            "{package_update: true, apt_get_wrapper: {enabled: true, command: eatmydata}}",
            ["eatmydata apt-get update"],
        ),
        ("{package_update: true, apt_get_wrapper: {enabled: auto, command: eatmydata}}", ["apt-get update"]),
        ("{package_update: true, apt_get_command: [my-apt, -x]}", ["my-apt -x update"]),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_done_in_order(tmp_path, config, expected):
    machine, go = applied(tmp_path, config)
    go()
    assert tasks(machine) == expected


def test_a_version_reads_as_the_distribution_writes_it(tmp_path):
    machine, go = applied(tmp_path, "packages: [[nginx, '1.2']]", tools=("dnf",), os="fedora")
    go()
    assert machine.commands == ["dnf -y makecache", "dnf -y install nginx-1.2"]


def test_apt_asks_nobody_and_keeps_changed_files(tmp_path):
    machine, go = applied(tmp_path, "package_update: true")
    go()
    assert machine.actions[-1].env["DEBIAN_FRONTEND"] == "noninteractive"
    assert "--option=Dpkg::Options::=--force-confold" in machine.actions[-1].argv


def missing(machine, argv):
    names = [name for name in ("nosuch", "other") if name in argv]
    said = "".join(f"E: Unable to locate package {name}\n" for name in names)
    return Outcome(True, 100 if names else 0, stderr=said.encode())


def test_a_package_that_nobody_knows_is_named_after_the_rest_is_in_place(tmp_path):
    machine, go = applied(tmp_path, "packages: [a, nosuch, b]", answers={"apt-get": missing})
    with pytest.raises(CloudbootError, match="there is no package nosuch"):
        go()
    assert tasks(machine)[-1] == "apt-get install a b"


def test_on_ubuntu_a_package_that_apt_does_not_know_is_asked_of_snap(tmp_path):
    config = "packages: [a, nosuch, apt: [other]]"
    machine, go = applied(tmp_path, config, {"apt-get": missing}, ("apt-get", "snap"), os="ubuntu")
    with pytest.raises(CloudbootError, match="there is no package other$|there is no package other;"):
        go()
    assert tasks(machine)[1:] == ["apt-get install a nosuch other", "apt-get install a", "snap install nosuch"]


def test_lists_that_cannot_be_fetched_do_not_keep_packages_from_being_installed(tmp_path):
    fails = lambda machine, argv: 100 if argv[-1] == "update" else 0  # noqa: E731
    machine, go = applied(tmp_path, "packages: [a]", {"apt-get": fails})
    with pytest.raises(CloudbootError, match="apt-get exited 100"):
        go()
    assert tasks(machine) == ["apt-get update", "apt-get install a"]


@pytest.mark.parametrize(
    ("config", "marker", "reboots"),
    [
        ("{packages: [a], package_reboot_if_required: true}", "/run/reboot-required", True),
        ("{package_upgrade: true, package_reboot_if_required: true}", "/run/reboot-needed", True),
        ("{package_upgrade: true}", "/run/reboot-required", False),
        ("{package_update: true, package_reboot_if_required: true}", "/run/reboot-required", False),
        ("{packages: [a], package_reboot_if_required: true}", "/run/other", False),
    ],
)
def test_a_reboot_comes_last_and_only_if_it_is_needed(tmp_path, config, marker, reboots):
    machine, go = applied(tmp_path, config, files={marker: ""})
    go()
    last = machine.actions[-1]
    assert str(last).startswith("reboot now: ") == reboots
    if reboots:
        assert last.in_doubt == "skip"
        assert last.argv[-4:-1] == ("shutdown", "-r", "now")


def test_a_name_in_a_list_of_its_own_is_wrong_but_plain(tmp_path):
    options, problems = MODULE.read({"packages": ["a", ["b"]]})
    assert options.packages == ("a", ("b",))
    assert [(p.path, p.level) for p in problems] == [(("packages", 1), "wrong")]


def test_an_item_that_cannot_be_meant_is_left_out(tmp_path):
    options, problems = MODULE.read({"packages": ["a", ["b", "1", "2"], {"brew": ["x"]}]})
    assert options.packages[0] == "a"
    assert [p.path[:2] for p in problems] == [("packages", 1), ("packages", 2)]


def test_packages_are_a_list():
    with pytest.raises(Invalid):
        MODULE.read({"packages": 7})
