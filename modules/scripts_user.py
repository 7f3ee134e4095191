"""scripts_user: run the scripts of user-data, and what runcmd asked for.

    scripts_timeout: 7200

Every part of user-data that starts with #! lies in the instance's folder scripts/ by now, and the commands of runcmd
are one more script there, named runcmd. They run in the order of their names, once for an instance, as root, with
INSTANCE_ID and CLOUDBOOT_STAGE in their environment. One that fails stops none of the others, and fails the module.
One that a power cut interrupted is reported, not run again: it may be half done.
"""

from __future__ import annotations

from cloudboot.admin.scripts import ScriptOptions, run_scripts
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.system.door import System


def apply(system: System, options: ScriptOptions, boot: Boot) -> None:
    run_scripts(system, options, (f"{boot.folder}/scripts",), boot.env)


MODULE = Module(
    "scripts_user",
    Stage.FINAL,
    Every.INSTANCE,
    ScriptOptions,
    apply,
    unasked=True,
    after=("scripts_per_instance",),
    work=Work(there=("{instance}/scripts/",)),
)
