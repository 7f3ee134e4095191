import pytest

from cloudboot.admin import hostname
from cloudboot.errors import CloudbootError
from cloudboot.system.actions import Outcome, TakeName
from cloudboot.values import Host, Instance
from modules import set_hostname
from tests import kit

SYSTEMD = {"/usr/lib/systemd/systemd": ""}


def applied(tmp_path, config, files=None, name=None, answers=None, **about):
    machine = kit.Machine(tmp_path / "m", files, answers)
    system = kit.apply(set_hostname.MODULE, config, machine, instance=Instance("i-1", hostname=name), **about)
    return machine, system


@pytest.mark.parametrize(
    "config,cloud,short,full",
    [
        ("hostname: a", None, "a", ""),
        ("hostname: a.b.c", None, "a", "a.b.c"),
        ("fqdn: a.b.c", None, "a", "a.b.c"),
        ("{hostname: x, fqdn: a.b.c}", "z.y", "x", "a.b.c"),
        ("{}", "a.b", "a", "a.b"),
        ("{}", "a", "a", ""),
        ("{}", "10.1.2.3", "ip-10-1-2-3", ""),
        ("{}", None, "", ""),
        ("hostname: a", "z.y.x", "a", "a.y.x"),
    ],
)
def test_the_document_names_the_machine_and_else_the_cloud_does(config, cloud, short, full):
    boot = kit.boot_of(config, instance=Instance("i", hostname=cloud))
    assert hostname.names(boot.config, boot.instance) == hostname.Names(short, full)


def test_the_name_is_kept_taken_on_and_remembered(tmp_path):
    machine, _ = applied(tmp_path, "hostname: web1.example.com", {"/etc/hostname": "old\n"})
    assert machine.text("/etc/hostname") == "web1\n"
    assert TakeName("web1") in machine.actions
    assert machine.text("/var/lib/cloudboot/data/previous-hostname") == "web1\n"


def test_a_machine_that_nobody_names_keeps_its_name(tmp_path):
    for config in ("{}", "{hostname: x, preserve_hostname: true}"):
        machine, _ = applied(tmp_path / str(len(config)), config, {"/etc/hostname": "old\n"})
        assert (machine.text("/etc/hostname"), machine.actions) == ("old\n", [])


def test_localhost_is_a_name_where_the_document_says_it(tmp_path):
    machine, _ = applied(tmp_path, "hostname: localhost")
    assert machine.text("/etc/hostname") == "localhost\n"


@pytest.mark.parametrize(
    "os,prefer,name",
    [("debian", "", "a"), ("debian", "true", "a.b.c"), ("rhel", "", "a.b.c"), ("rhel", "false", "a")],
)
def test_the_full_name_is_taken_where_the_family_or_the_document_prefers_it(tmp_path, os, prefer, name):
    more = f", prefer_fqdn_over_hostname: {prefer}" if prefer else ""
    machine, _ = applied(tmp_path, f"{{hostname: a, fqdn: a.b.c{more}}}", SYSTEMD, os=os)
    assert machine.text("/etc/hostname") == f"{name}\n"


@pytest.mark.parametrize(
    "os,files,path,content",
    [
        ("opensuse", {}, "/etc/HOSTNAME", "a\n"),
        ("opensuse", SYSTEMD, "/etc/hostname", "a\n"),
        (
            "gentoo",
            {"/etc/conf.d/hostname": '# mine\nhostname="x"\n'},
            "/etc/conf.d/hostname",
            '# mine\nhostname="a"\n',
        ),
        ("rhel", {"/etc/sysconfig/network": "X=1\nHOSTNAME=x\n"}, "/etc/sysconfig/network", "X=1\nHOSTNAME=a\n"),
        ("alpine", {}, "/etc/hostname", "a\n"),
    ],
)
def test_each_family_keeps_the_name_where_it_reads_it(tmp_path, os, files, path, content):
    machine, _ = applied(tmp_path, "hostname: a", files, os=os)
    assert machine.text(path) == content


def test_a_missing_file_is_not_made_where_the_document_says_so(tmp_path):
    machine, _ = applied(tmp_path, "{hostname: a, create_hostname_file: false}")
    assert not machine.look("/etc/hostname")
    assert TakeName("a") in machine.actions


def test_a_name_the_kernel_has_already_is_not_set_again(tmp_path):
    machine, _ = applied(tmp_path, "hostname: a", {"/proc/sys/kernel/hostname": "a\n"})
    assert TakeName("a") not in machine.actions


def test_a_container_that_may_not_be_renamed_is_renamed_at_its_next_boot(tmp_path):
    answers = {"take name": Outcome(True, 1, stderr=b"Operation not permitted")}
    machine, system = applied(tmp_path, "hostname: a", answers=answers)
    assert "(Operation not permitted)" in system.notes[0]
    assert machine.text("/etc/hostname") == "a\n"


def test_building_an_image_does_not_rename_the_builder(tmp_path):
    machine, _ = applied(tmp_path, "hostname: a", host=Host(root="/mnt/image", os=kit.DISTROS["debian"]))
    assert (TakeName("a") in machine.actions, machine.text("/etc/hostname")) == (False, "a\n")


@pytest.mark.parametrize("name", ["a b", "a\nb", "-a", "ä", "x" * 65])
def test_what_is_no_host_name_is_refused_and_not_shown(tmp_path, name):
    with pytest.raises(CloudbootError) as caught:
        applied(tmp_path, {"hostname": name})
    assert name not in str(caught.value)


def test_a_full_name_too_long_for_the_kernel_gives_way_to_the_short_one(tmp_path):
    machine, _ = applied(tmp_path, {"fqdn": "a." + "b" * 80, "prefer_fqdn_over_hostname": True})
    assert machine.text("/etc/hostname") == "a\n"
