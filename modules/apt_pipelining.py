"""apt_pipelining: how many requests apt sends a mirror before the first is answered.

    apt_pipelining: false

False or 0 is one at a time, a number that many; ``os`` leaves apt as it is. Some proxies and object stores garble
pipelined answers. Written to /etc/apt/apt.conf.d/90cloudboot-pipelining.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Deprecated, Int
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Union

PATH = "/etc/apt/apt.conf.d/90cloudboot-pipelining"
OLD = Deprecated(Choice("none", "unchanged"), "22.4", "os")


class Options(Noun):
    apt_pipelining: Union[bool, int, str] = option(
        AnyOf(Bool, Int(least=0), Choice("os"), OLD), default="os", help="false, a number, or os to leave it alone"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    depth = options.apt_pipelining
    if depth is False:
        depth = 0
    if isinstance(depth, int) and depth is not True:
        system.write(PATH, f'Acquire::http::Pipeline-Depth "{depth}";\n')


MODULE = Module("apt_pipelining", Stage.CONFIG, Every.INSTANCE, Options, apply, distros=("debian",),
                after=("grub_dpkg",))  # fmt: skip
