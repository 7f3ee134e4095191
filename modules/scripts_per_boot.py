"""scripts_per_boot: run the scripts that are to run at every boot.

    scripts_timeout: 3600

They are the executable files in /var/lib/cloudboot/scripts/per-boot (user-data parts of type x-shellscript-per-boot go
there) and in /var/lib/cloud/scripts/per-boot (where images carry them), run in the order of their names. One that
fails stops none of the others, and fails the module. One that a power cut interrupted is reported, not run again.
"""

from __future__ import annotations

from cloudboot.admin.scripts import ScriptOptions, run_scripts
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.system.door import System

FOLDERS = ("/var/lib/cloudboot/scripts/per-boot", "/var/lib/cloud/scripts/per-boot")


def apply(system: System, options: ScriptOptions, boot: Boot) -> None:
    run_scripts(system, options, FOLDERS, boot.env)


MODULE = Module(
    "scripts_per_boot",
    Stage.FINAL,
    Every.BOOT,
    ScriptOptions,
    apply,
    unasked=True,
    after=("scripts_per_once",),
    work=Work(there=tuple(f"{folder}/" for folder in FOLDERS)),
)
