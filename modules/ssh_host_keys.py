"""ssh_host_keys: replaces host keys that are broken, at every boot.

    {}

A file of no bytes or of zeros, as a full disk or a power cut may leave one, keeps sshd from starting and so everybody
out. A whole key is never touched, and a missing one not missed: which there are was decided when the machine was new.
"""

from __future__ import annotations

from cloudboot.admin import hostkeys
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import Noun
from cloudboot.system.door import System


class Options(Noun):
    """Nothing to choose."""


def apply(system: System, options: Options, boot: Boot) -> None:
    broken = hostkeys.broken(system)
    for kind in broken:
        system.warn(f"the {kind} host key was broken, and is a new one now: clients will notice")
    hostkeys.generate(system, boot.host.os, broken)


MODULE = Module("ssh_host_keys", Stage.LOCAL, Every.BOOT, Options, apply, unasked=True, after=("ssh",),
                listed=False)  # fmt: skip
