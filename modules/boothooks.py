"""boothooks: run the boothooks of user-data, at every boot, before commands and files.

    scripts_timeout: 3600

They are the parts that begin with ``#cloud-boothook``; the boot puts them in the instance's folder. They run in the
order of the user-data, after the owner's users and keys, each with INSTANCE_ID in its environment. One that fails is a
warning and stops nothing. One that a power cut interrupted is reported, not run again before the next boot.
"""

from __future__ import annotations

from cloudboot.admin.scripts import ScriptOptions, run_script
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.system.door import System, failure


def apply(system: System, options: ScriptOptions, boot: Boot) -> None:
    folder = f"{boot.folder}/boothooks"
    for name in system.names(folder):
        path = f"{folder}/{name}"
        done = run_script(system, options, path, (path,), boot.env)
        if done.code:
            system.warn(f"boothook {failure((name,), done, quiet=True).reason}")


MODULE = Module(
    "boothooks",
    Stage.NETWORK,
    Every.BOOT,
    ScriptOptions,
    apply,
    unasked=True,
    after=("ssh",),
    listed=False,
    work=Work(there=("{instance}/boothooks/",)),
)
