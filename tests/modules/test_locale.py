import pytest

from cloudboot.errors import Invalid
from modules import locale
from tests import kit

MODULE = locale.MODULE
MACHINE = {"tools": ("locale-gen",), "files": {"/etc/locale.gen": "# en_GB.UTF-8 UTF-8\n# de_DE.UTF-8 UTF-8\n"}}


def applied(tmp_path, config, answers=None, files=None, tools=("locale-gen",), **about):
    machine = kit.Machine(tmp_path, answers=answers, files={**MACHINE["files"], **(files or {})}, tools=tools)
    kit.apply(MODULE, config, machine, **about)
    return machine


def test_a_locale_is_generated_and_named(tmp_path):
    machine = applied(tmp_path, "locale: en_GB.UTF-8", files={"/etc/default/locale": "LC_TIME=C\n"})
    assert machine.text("/etc/locale.gen") == "en_GB.UTF-8 UTF-8\n# de_DE.UTF-8 UTF-8\n"
    assert machine.commands == ["locale-gen"]
    assert machine.text("/etc/default/locale") == "LC_TIME=C\nLANG=en_GB.UTF-8\n"


def test_one_that_the_list_has_not_got_is_added_with_its_character_set(tmp_path):
    supported = {"/usr/share/i18n/SUPPORTED": "ar_AE.UTF-8 UTF-8\nar_AE ISO-8859-6\n"}
    machine = applied(tmp_path, "locale: ar_AE", files=supported)
    assert machine.text("/etc/locale.gen").splitlines()[-1] == "ar_AE ISO-8859-6"


def test_what_is_there_is_not_generated_again(tmp_path):
    machine = applied(tmp_path, "locale: en_GB.UTF-8", {"locale -a": "C\nen_GB.utf8\n"})
    assert machine.commands == []
    assert machine.text("/etc/default/locale") == "LANG=en_GB.UTF-8\n"
    assert applied(tmp_path / "2", "locale: C.UTF-8").commands == []


def test_the_generator_is_installed_where_it_is_missing(tmp_path):
    machine = applied(tmp_path, "locale: en_GB.UTF-8", tools=("apt-get",))
    assert [c.split()[-1] for c in machine.commands] == ["locales", "locale-gen"]


@pytest.mark.parametrize(
    ("os", "path", "text"),
    [
        ("fedora", "/etc/locale.conf", "LANG=de_DE.UTF-8\n"),
        ("opensuse", "/etc/locale.conf", "LANG=de_DE.UTF-8\n"),
        ("alpine", "/etc/profile.d/50-cloudboot-locale.sh", "export LANG=de_DE.UTF-8\n"),
        ("arch", "/etc/locale.conf", "LANG=de_DE.UTF-8\n"),
        ("gentoo", "/etc/env.d/02locale", "LANG=de_DE.UTF-8\n"),
    ],
)
def test_every_distribution_has_its_file(tmp_path, os, path, text):
    assert applied(tmp_path, "locale: de_DE.UTF-8", os=os).text(path) == text


def test_another_file_may_be_named(tmp_path):
    machine = applied(tmp_path, "{locale: C.UTF-8, locale_configfile: /etc/locale.conf}")
    assert machine.text("/etc/locale.conf") == "LANG=C.UTF-8\n"
    assert not machine.look("/etc/default/locale")


def test_unasked_a_machine_without_a_locale_gets_a_plain_one_and_another_keeps_its_own(tmp_path):
    assert applied(tmp_path / "1", {}).text("/etc/default/locale") == "LANG=C.UTF-8\n"
    machine = applied(tmp_path / "2", {}, files={"/etc/default/locale": 'LANG="de_DE"\n'})
    assert machine.actions == []
    assert applied(tmp_path / "3", "locale: false").actions == []


def test_what_is_no_locale_is_refused():
    with pytest.raises(Invalid):
        MODULE.read({"locale": "en_GB; rm -rf /"})
