"""keyboard: the layout of the keyboard on the console.

    keyboard:
      layout: de
      model: pc105
      variant: nodeadkeys
      options: compose:rwin

Names are XKB's. Debian keeps them in /etc/default/keyboard, Alpine has setup-keymap, the others localectl.
"""

from __future__ import annotations

from cloudboot.admin import services
from cloudboot.admin.assignments import assigned
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional

PATH = "/etc/default/keyboard"


class Options(Noun):
    layout: Optional[str] = option(Text, required=True, help="keyboard layout, such as us or gb")
    model: str = option(Text, default="pc105", help="keyboard model")
    variant: str = option(Text, default="", help="variant of the layout, such as dvorak")
    options: str = option(Text, default="", help="further options, with commas")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.layout:
        return
    family = boot.host.os.family
    if family == "debian":
        values = {
            "XKBMODEL": options.model,
            "XKBLAYOUT": options.layout,
            "XKBVARIANT": options.variant,
            "XKBOPTIONS": options.options,
        }
        changed = system.write(PATH, assigned(system.text(PATH) or 'BACKSPACE="guess"\n', values))
        if changed and system.which("setupcon"):
            services.restart(system, boot.host.os, "console-setup")
    elif family == "alpine":
        system.run("setup-keymap", options.layout, options.variant or options.layout)
    else:
        system.run("localectl", "set-x11-keymap", options.layout, options.model, options.variant, options.options)


MODULE = Module("keyboard", Stage.CONFIG, Every.INSTANCE, Options, apply, key="keyboard",
                distros=("alpine", "arch", "debian", "redhat", "suse"), after=("ssh_import_id",))  # fmt: skip
