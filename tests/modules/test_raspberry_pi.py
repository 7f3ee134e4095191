import pytest

from cloudboot.errors import CloudbootError
from modules import raspberry_pi
from tests import kit

TOOLS = ("raspi-config", "rpi-usb-gadget")
MACHINE = {"tools": TOOLS}
FIVE = {"/proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0"}
FOUR = {"/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"}


def told(tmp_path, config, files=FIVE):
    machine = kit.Machine(tmp_path, files, tools=TOOLS)
    kit.apply(raspberry_pi.MODULE, {"rpi": config}, machine)
    return machine.commands


@pytest.mark.parametrize(
    ("interfaces", "files", "words"),
    [
        ({"i2c": True}, FIVE, ["do_i2c 0"]),
        ({"spi": False, "onewire": True}, FIVE, ["do_spi 1", "do_onewire 0"]),
        ({"serial": True}, FIVE, ["do_serial_cons 0", "do_serial_hw 1"]),
        ({"serial": True}, FOUR, ["do_serial_cons 0", "do_serial_hw 0"]),
        ({"serial": False}, FOUR, ["do_serial_cons 1", "do_serial_hw 1"]),
        ({"serial": {"hardware": True}}, FOUR, ["do_serial_cons 1", "do_serial_hw 0"]),
        ({"serial": {"console": True}}, FOUR, ["do_serial_cons 0", "do_serial_hw 0"]),
    ],
)
def test_raspi_config_is_told_in_its_own_words(tmp_path, interfaces, files, words):
    commands = told(tmp_path, {"interfaces": interfaces}, files)
    assert commands[:-1] == [f"raspi-config nonint {word}" for word in words]
    assert "shutdown -r now" in commands[-1]


def test_the_usb_port_becomes_a_network_card(tmp_path):
    assert told(tmp_path, {"enable_usb_gadget": True})[0] == "rpi-usb-gadget on -f"


def test_what_is_not_named_is_not_touched_and_nothing_reboots(tmp_path):
    assert told(tmp_path, {"interfaces": {}}) == []


def test_a_machine_without_its_programs_is_told_so_and_not_rebooted(tmp_path):
    machine = kit.Machine(tmp_path)
    with pytest.raises(CloudbootError, match="raspi-config is not installed"):
        kit.apply(raspberry_pi.MODULE, {"rpi": {"interfaces": {"spi": True}}}, machine)
    assert machine.actions == []


def test_an_order_that_fails_does_not_keep_the_others_from_counting(tmp_path):
    machine = kit.Machine(tmp_path, answers={"raspi-config nonint do_spi": 1}, tools=TOOLS)
    with pytest.raises(CloudbootError, match="raspi-config exited 1"):
        kit.apply(raspberry_pi.MODULE, {"rpi": {"interfaces": {"spi": True, "i2c": True}}}, machine)
    assert machine.commands[1] == "raspi-config nonint do_i2c 0"
    assert "shutdown" in machine.commands[2]


def test_what_nobody_knows_is_let_through_as_the_ecosystem_does():
    assert raspberry_pi.MODULE.check({"rpi": {"interfaces": {"spi": True}}}) == ()
    assert [p.path for p in raspberry_pi.MODULE.check({"rpi": {"interfaces": {"spi": "true"}}})] == [
        ("rpi", "interfaces", "spi")
    ]
