"""scripts_per_once: run the scripts that are to run once for as long as this disk lives.

    scripts_timeout: 3600

They are the executable files in /var/lib/cloudboot/scripts/per-once (user-data parts of type x-shellscript-per-once go
there) and in /var/lib/cloud/scripts/per-once (where images carry them), run in the order of their names. One that
fails stops none of the others, and fails the module. One that a power cut interrupted is reported, not run again.
"""

from __future__ import annotations

from cloudboot.admin.scripts import ScriptOptions, run_scripts
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.system.door import System

FOLDERS = ("/var/lib/cloudboot/scripts/per-once", "/var/lib/cloud/scripts/per-once")


def apply(system: System, options: ScriptOptions, boot: Boot) -> None:
    run_scripts(system, options, FOLDERS, boot.env)


MODULE = Module(
    "scripts_per_once",
    Stage.FINAL,
    Every.ONCE,
    ScriptOptions,
    apply,
    unasked=True,
    after=("scripts_vendor",),
    work=Work(there=tuple(f"{folder}/" for folder in FOLDERS)),
)
