"""final_message: what the console says when a boot is over.

    final_message: "$datasource is done, up $uptime seconds"

``$version``, ``$timestamp``, ``$datasource`` and ``$uptime`` stand for themselves, also in capital letters; a text that
begins with ``## template: jinja`` is a template in Jinja with the same names. Every boot says it; from the end of the
first one on there is a file boot-finished in the instance's folder.
"""

from __future__ import annotations

import time

from cloudboot import __version__
from cloudboot.errors import Invalid
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Dict, Sequence, Tuple

MESSAGE = "cloudboot $version finished at $timestamp. Datasource $datasource."
UP = " Up $uptime seconds"


class Options(Noun):
    final_message: str = option(Text, default="", help="a line, or several")


def apply(system: System, options: Options, boot: Boot) -> None:
    running = (system.text("/proc/uptime") or "").split()[:1]
    usual = MESSAGE + UP if running else MESSAGE  # a tree that is prepared is not up
    uptime, timestamp = _now(system, running)
    values = {"version": __version__, "timestamp": timestamp, "datasource": boot.instance.datasource, "uptime": uptime}
    values.update({name.upper(): value for name, value in values.items()})
    try:
        message = _filled(options.final_message or usual, values)
    except Invalid as problem:
        system.warn(f"final_message: {problem}")
        message = _filled(usual, values)
    system.say(message.rstrip("\n"))
    # without the time, which would make every boot a change; the file's own date tells when the first one was over
    system.write(f"{boot.folder}/boot-finished", f"cloudboot {__version__}, {boot.instance.datasource}\n")
    if boot.instance.datasource.lower() == "none":
        system.warn("no datasource was found: this boot knew nothing but the image's own configuration")


def _filled(text: str, values: Dict[str, str]) -> str:
    from cloudboot.userdata import basic

    if text.lstrip("\ufeff \t\r\n").startswith("##"):
        from cloudboot.userdata import template

        if template.is_template(text):
            return template.render(text, template.variables(values), "final_message").text
    return basic.fill(text, values)


def _now(system: System, running: Sequence[str]) -> Tuple[str, str]:
    """Seconds since the machine started, and the date: by the machine's own account, where it gives one."""
    uptime = float(running[0]) if running else time.clock_gettime(time.CLOCK_BOOTTIME)
    started = [line.split()[1] for line in (system.text("/proc/stat") or "").splitlines() if line[:6] == "btime "]
    now = int(started[0]) + uptime if started else time.time()
    return f"{uptime:.2f}", time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(now))


MODULE = Module("final_message", Stage.FINAL, Every.BOOT, Options, apply, unasked=True, after=("phone_home",))
