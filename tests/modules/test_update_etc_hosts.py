import pytest

from cloudboot.schema import parse
from cloudboot.values import Instance
from modules import update_etc_hosts
from tests import kit

MACHINE = {"files": {"/etc/hosts": "127.0.0.1 localhost\n10.0.0.9 mine\n"}}


def applied(tmp_path, config, files=None, **about):
    machine = kit.Machine(tmp_path / "m", {**MACHINE["files"], **(files or {})})
    about.setdefault("instance", Instance("i-1"))
    return machine, kit.apply(update_etc_hosts.MODULE, config, machine, **about)


def test_one_line_is_seen_to_and_the_others_stay(tmp_path):
    for os, address in (("debian", "127.0.1.1"), ("rhel", "127.0.0.1")):
        machine, _ = applied(tmp_path / os, "{manage_etc_hosts: localhost, fqdn: a.b.c}", os=os)
        assert machine.text("/etc/hosts") == f"127.0.0.1 localhost\n10.0.0.9 mine\n{address} a.b.c a\n"


def test_a_line_that_is_right_stays_as_it_is(tmp_path):
    hosts = "127.0.1.1\ta.b.c  x a # me"
    machine, _ = applied(tmp_path, "{manage_etc_hosts: localhost, fqdn: a.b.c}", {"/etc/hosts": hosts})
    assert machine.text("/etc/hosts") == hosts


def test_the_whole_file_is_ours_where_the_document_says_true(tmp_path):
    machine, _ = applied(tmp_path, "{manage_etc_hosts: true, fqdn: a.b.c}")
    lines = machine.text("/etc/hosts").splitlines()
    assert lines[:2] == ["127.0.1.1 a.b.c a", "127.0.0.1 localhost"]
    assert "10.0.0.9 mine" not in lines


@pytest.mark.parametrize(
    "text",
    ["## template: jinja\n{{hostname}} {{fqdn}}", "$hostname ${fqdn}"],
    ids=["jinja", "plain"],
)
def test_an_images_own_template_is_filled_in(tmp_path, text):
    files = {"/etc/cloud/templates/hosts.debian.tmpl": text}
    machine, _ = applied(tmp_path, "{manage_etc_hosts: true, fqdn: a.b.c}", files)
    assert machine.text("/etc/hosts").strip() == "a a.b.c"


def test_nothing_is_done_unasked_or_without_a_name(tmp_path):
    machine, _ = applied(tmp_path / "1", "{manage_etc_hosts: false, hostname: a}")
    assert machine.actions == []
    machine, system = applied(tmp_path / "2", "manage_etc_hosts: true")
    assert machine.actions == []
    assert len(system.notes) == 1


def test_a_misspelt_choice_is_refused():
    assert parse(update_etc_hosts.Options, {"manage_etc_hosts": "templatey"})[1][0].level == "error"
    assert parse(update_etc_hosts.Options, {"manage_etc_hosts": "template"})[1][0].level == "deprecated"
