import pytest

from cloudboot.errors import Invalid
from modules import byobu
from tests import kit

MACHINE = {"tools": ("byobu",)}
IMAGE = {"system_info": {"default_user": {"name": "debian"}}}
SYSTEM = ["debconf-set-selections", "dpkg-reconfigure --frontend=noninteractive byobu"]


@pytest.mark.parametrize(
    ("word", "commands", "answer"),
    [
        ("enable-system", SYSTEM, "true"),
        ("system", SYSTEM, "true"),
        ("enable", SYSTEM, "true"),
        ("user", ["byobu-launcher-install", *SYSTEM], "true"),
        ("enable-user", ["byobu-launcher-install", *SYSTEM], "true"),
        ("disable", ["byobu-launcher-uninstall", *SYSTEM], "false"),
        ("disable-system", SYSTEM, "false"),
        ("disable-user", ["byobu-launcher-uninstall"], None),
    ],
)
def test_every_word_means_what_it_says(tmp_path, word, commands, answer):
    machine = kit.Machine(tmp_path, tools=("byobu",))
    kit.apply(byobu.MODULE, {"byobu_by_default": word, **IMAGE}, machine)
    assert machine.commands == commands
    said = [a.stdin.decode() for a in machine.actions if a.stdin]
    assert said == ([f"byobu byobu/launch-by-default boolean {answer}\n"] if answer else [])
    assert {a.user for a in machine.actions if a.argv[0].startswith("byobu")} <= {"debian"}


def test_it_is_installed_where_it_is_missing(tmp_path):
    machine = kit.Machine(tmp_path, tools=("apt-get",))
    kit.apply(byobu.MODULE, {"byobu_by_default": "system"}, machine)
    assert machine.commands[0].endswith("install byobu")


def test_other_words_are_refused():
    with pytest.raises(Invalid):
        byobu.MODULE.read({"byobu_by_default": "always"})
