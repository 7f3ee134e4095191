"""ubuntu_autoinstall: a document for Ubuntu's installer, which reads it itself.

    autoinstall:
      version: 1

Nothing is done here but to look whether the installer (subiquity, or that of the desktop) is on this machine: where it
is not, nobody reads the rest of the document, and a warning says so. The other keys are the installer's own.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import Noun, option
from cloudboot.schema import Int, Record
from cloudboot.system.door import System

INSTALLERS = ("subiquity", "ubuntu-desktop-installer", "ubuntu-desktop-bootstrap")


class Autoinstall(Noun):
    version: int = option(Int, required=True, default=1, help="the version of the installer's format")


class Options(Noun):
    autoinstall: Autoinstall = option(Record(Autoinstall, open=True), default=Autoinstall(), help="for the installer")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not any(system.exists(f"/snap/{name}") for name in INSTALLERS):
        system.warn("autoinstall is for Ubuntu's installer, which is not on this machine: nobody reads it")


MODULE = Module("ubuntu_autoinstall", Stage.CONFIG, Every.ONCE, Options, apply, distros=("ubuntu",),
                after=("snap",))  # fmt: skip
