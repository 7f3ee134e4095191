import pytest

from cloudboot.admin import time_clients
from cloudboot.errors import CloudbootError, Invalid
from modules import ntp
from tests import kit

MACHINE = {"tools": ("chronyd",)}
MODULE = ntp.MODULE
EXES = {
    "chrony": ("chronyd",),
    "ntp": ("ntpd",),
    "systemd-timesyncd": (),
    "openntpd": ("ntpd",),
    "ntpdate": ("ntpdate",),
}
DROP_IN = "/etc/systemd/timesyncd.conf.d/50-cloudboot.conf"
TIMESYNCD = {"/usr/lib/systemd/systemd-timesyncd": ""}


def applied(tmp_path, config, tools=(), files=None, **about):
    machine = kit.Machine(tmp_path, files=files, tools=("systemctl", *tools))
    machine.system = kit.apply(MODULE, {"ntp": config}, machine, **about)
    return machine


SOURCES = {"servers": ["s1", "s2"], "pools": ["p"], "peers": ["e"], "allow": ["10.0.0.0/8"]}


@pytest.mark.parametrize(
    ("name", "os", "path", "service", "lines"),
    [
        ("chrony", "debian", "/etc/chrony/chrony.conf", "chrony", ["server s1 iburst", "allow 10.0.0.0/8"]),
        ("chrony", "fedora", "/etc/chrony.conf", "chronyd", ["server s2 iburst", "peer e iburst"]),
        ("chrony", "alpine", "/etc/chrony/chrony.conf", "chronyd", ["pool p iburst"]),
        ("ntp", "ubuntu", "/etc/ntp.conf", "ntp", ["pool p iburst", "restrict 10.0.0.0/8 nomodify notrap"]),
        ("ntp", "rhel", "/etc/ntp.conf", "ntpd", ["peer e iburst"]),
        ("ntp", "alpine", "/etc/ntp.conf", "ntpd", ["server s1", "server p", "server e"]),
        ("openntpd", "debian", "/etc/openntpd/ntpd.conf", "openntpd", ["server s1", "servers p"]),
        ("systemd-timesyncd", "opensuse", DROP_IN, "systemd-timesyncd", ["[Time]", "NTP=s1 s2 p e"]),
    ],
)  # fmt: skip
def test_every_client_is_told_in_its_own_words(tmp_path, name, os, path, service, lines):
    machine = applied(tmp_path, {**SOURCES, "ntp_client": name}, EXES[name], TIMESYNCD, os=os)
    assert set(lines) <= set(machine.text(path).splitlines())
    assert machine.commands == [f"systemctl --no-block restart {service}"]


@pytest.mark.parametrize(
    ("tools", "files", "path"),
    [
        (("ntpd", "chronyd"), TIMESYNCD, "/etc/chrony/chrony.conf"),
        (("ntpd",), TIMESYNCD, "/etc/systemd/timesyncd.conf.d/50-cloudboot.conf"),
        (("ntpd",), {}, "/etc/ntp.conf"),
    ],
)
def test_the_client_is_the_first_that_is_there(tmp_path, tools, files, path):
    assert applied(tmp_path, {}, tools, files).look(path)


def test_where_there_is_none_one_is_installed(tmp_path):
    machine = applied(tmp_path, None, ("apt-get",))
    assert machine.commands[0].endswith("install chrony")
    assert machine.look("/etc/chrony/chrony.conf")


@pytest.mark.parametrize(
    ("os", "pool"),
    [("debian", "0.debian.pool.ntp.org"), ("opensuse", "0.opensuse.pool.ntp.org"), ("mint", "0.pool.ntp.org")],
)
def test_with_no_servers_the_distributions_pool_is_asked(os, pool):
    found = kit.DISTROS.get(os) or kit.Os(os, "debian")
    assert time_clients.default_pools(found)[0] == pool
    assert len(time_clients.default_pools(found)) == 4


def test_servers_alone_are_asked_alone(tmp_path):
    text = applied(tmp_path, {"servers": ["a"]}, ("chronyd",)).text("/etc/chrony/chrony.conf")
    assert [line for line in text.splitlines() if line.startswith(("server", "pool"))] == ["server a iburst"]


def test_the_file_that_was_there_is_kept_once(tmp_path):
    path = "/etc/chrony/chrony.conf"
    machine = applied(tmp_path, {"servers": ["a"]}, ("chronyd",), {path: "old"})
    assert machine.text(f"{path}.dist") == "old"
    kit.apply(MODULE, {"ntp": {"servers": ["b"]}}, machine)
    assert machine.text(f"{path}.dist") == "old"


TEMPLATE = "## template: jinja\nservers {{servers}}\npools {{pools}}\n"


def test_a_client_of_another_name_is_described_whole(tmp_path):
    config = {
        "confpath": "/etc/my.conf",
        "check_exe": "myntpd",
        "packages": ["myntp"],
        "service_name": "my",
        "template": TEMPLATE,
    }
    machine = applied(tmp_path, {"ntp_client": "myntpd", "pools": ["mypool.org"], "config": config}, ("apt-get",))
    assert machine.text("/etc/my.conf") == "servers []\npools ['mypool.org']\n"
    assert [c.split()[-1] for c in machine.commands] == ["myntp", "my"]
    with pytest.raises(CloudbootError, match="does not say its check_exe"):
        applied(tmp_path / "2", {"ntp_client": "myntpd", "config": {"confpath": "/x"}})


def test_a_part_of_a_known_client_may_be_different(tmp_path):
    config = {"confpath": "/etc/other.conf", "template": "ask $servers"}
    machine = applied(tmp_path, {"servers": ["a"], "config": config}, ("chronyd",))
    assert machine.text("/etc/other.conf") == "ask ['a']"


def test_it_can_be_switched_off(tmp_path):
    assert applied(tmp_path, {"enabled": False}).actions == []


@pytest.mark.parametrize("wrong", [{"pools": 123}, {"servers": "a"}, {"allow": ["a", None]}])
def test_what_is_no_list_of_names_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"ntp": wrong})


def test_an_empty_config_is_wrong():
    assert [p.path for p in MODULE.read({"ntp": {"config": {}}})[1]] == [("ntp", "config")]
