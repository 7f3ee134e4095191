import pytest

from cloudboot.errors import Invalid
from modules import keyboard
from tests import kit

MACHINE = {"tools": ("setupcon",)}
MODULE = keyboard.MODULE


def applied(tmp_path, config, tools=("setupcon", "systemctl"), **about):
    machine = kit.Machine(tmp_path, tools=tools)
    kit.apply(MODULE, {"keyboard": config}, machine, **about)
    return machine


def test_debian_has_a_file_and_a_service(tmp_path):
    machine = applied(tmp_path, {"layout": "gb", "variant": "dvorak", "options": "compose:rwin"})
    assert machine.text("/etc/default/keyboard") == (
        'BACKSPACE="guess"\nXKBMODEL=pc105\nXKBLAYOUT=gb\nXKBVARIANT=dvorak\nXKBOPTIONS=compose:rwin\n'
    )
    assert machine.commands == ["systemctl --no-block restart console-setup"]


def test_without_a_console_to_set_up_the_file_is_enough(tmp_path):
    assert applied(tmp_path, {"layout": "us"}, ()).commands == []


@pytest.mark.parametrize(
    ("os", "config", "command"),
    [
        ("alpine", {"layout": "us"}, "setup-keymap us us"),
        ("alpine", {"layout": "us", "variant": "us-intl"}, "setup-keymap us us-intl"),
        ("fedora", {"layout": "de", "variant": "nodeadkeys"}, "localectl set-x11-keymap de pc105 nodeadkeys "),
        ("arch", {"layout": "de", "model": "pc104"}, "localectl set-x11-keymap de pc104  "),
    ],
)
def test_the_others_have_a_command(tmp_path, os, config, command):
    assert applied(tmp_path, config, os=os).commands == [command]


def test_a_layout_is_needed():
    with pytest.raises(Invalid, match="layout is missing"):
        MODULE.read({"keyboard": {"model": "pc105"}})
