"""raspberry_pi: the buses and serial lines of a Raspberry Pi, and its USB port as a network card.

    rpi:
      interfaces:
        spi: true
        i2c: true
        serial:
          console: false
          hardware: true
        onewire: false
      enable_usb_gadget: true

Said to ``raspi-config``, which writes config.txt; only what the document names is touched. ``serial: true`` is the
console. A board before the Raspberry Pi 5 has one serial line only: its console needs the hardware, which is switched
on with it. What was changed counts from the next start of the machine on, which follows at the end of this boot.
"""

from __future__ import annotations

from cloudboot.admin import power
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Record
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Iterator, Optional, Tuple, Union

MODEL = "/proc/device-tree/model"
SECONDS = 120.0


class Serial(Noun):
    console: bool = option(Bool, default=False, help="a login on the serial line")
    hardware: bool = option(Bool, default=False, help="the serial line itself")


class Interfaces(Noun):
    spi: Optional[bool] = option(Bool, default=None, help="the SPI bus")
    i2c: Optional[bool] = option(Bool, default=None, help="the I2C bus")
    serial: Union[bool, Serial, None] = option(
        AnyOf(Bool, Record(Serial, open=True)), default=None, help="the serial line: true for a console, or its parts"
    )
    onewire: Optional[bool] = option(Bool, default=None, help="the 1-Wire bus")


class Options(Noun):
    interfaces: Interfaces = option(Record(Interfaces, open=True), default=Interfaces(), help="buses and lines")
    enable_usb_gadget: bool = option(Bool, default=False, help="the USB port is a network card to whom it is put in")


def apply(system: System, options: Options, boot: Boot) -> None:
    orders = [*_orders(system, options.interfaces)]
    orders += [("rpi-usb-gadget", "on", "-f")] if options.enable_usb_gadget else []
    trouble, done = Trouble(), False
    for order in orders:
        with trouble:
            if not system.which(order[0]):
                raise CloudbootError(f"{order[0]} is not installed", "rpi is for Raspberry Pi OS, which has it")
            system.run(*order, timeout=SECONDS)
            done = True
    if done:
        power.go_down_later(system, boot.host.os, "reboot", message="Rebooting to apply config.txt")
    trouble.tell()


def _orders(system: System, wanted: Interfaces) -> Iterator[Tuple[str, ...]]:
    """What raspi-config is told; to it 0 means on, and 1 off."""
    for name in ("spi", "i2c", "onewire"):
        on = getattr(wanted, name)
        if on is not None:
            yield "raspi-config", "nonint", f"do_{name}", str(int(not on))
    if wanted.serial is not None:
        serial = wanted.serial if isinstance(wanted.serial, Serial) else Serial(console=wanted.serial)
        hardware = serial.hardware or (serial.console and "Raspberry Pi 5" not in (system.text(MODEL) or ""))
        yield "raspi-config", "nonint", "do_serial_cons", str(int(not serial.console))
        yield "raspi-config", "nonint", "do_serial_hw", str(int(not hardware))


MODULE = Module("raspberry_pi", Stage.CONFIG, Every.INSTANCE, Options, apply, key="rpi", distros=("raspberry-pi-os",),
                after=("timezone",))  # fmt: skip
