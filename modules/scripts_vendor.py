"""scripts_vendor: run the scripts that the cloud's vendor-data brought.

    vendor_data:
      enabled: true
      prefix: [timeout, 300]

They lie in the instance's folder scripts/vendor by now, unless the owner switched vendor-data off, and run in the order
of their names, each with the words of ``prefix`` in front of it. Otherwise as the owner's own scripts.
"""

from __future__ import annotations

from cloudboot.admin.scripts import ScriptOptions, run_scripts
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Deprecated, Int, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple, Union


class VendorData(Noun):
    enabled: Union[bool, str] = option(
        AnyOf(Bool, Deprecated(Text, "22.3", "a boolean")), default=True, help="whether vendor-data counts at all"
    )
    prefix: Union[str, Tuple[Union[str, int], ...]] = option(
        AnyOf(ListOf(AnyOf(Text, Int)), Text), default=(), help="a program and its arguments, in front of each script"
    )
    disabled_handlers: Tuple[str, ...] = option(
        ListOf(Text), default=(), help="types of parts that vendor-data may not bring"
    )


class Options(ScriptOptions):
    vendor_data: VendorData = option(VendorData, default=VendorData(), help="whether and how vendor-data is used")


def apply(system: System, options: Options, boot: Boot) -> None:
    prefix = options.vendor_data.prefix
    words = (prefix,) if isinstance(prefix, str) else tuple(str(word) for word in prefix)
    if str(options.vendor_data.enabled).lower() in ("true", "yes", "on", "1"):
        run_scripts(system, options, (f"{boot.folder}/scripts/vendor",), boot.env, words)


MODULE = Module(
    "scripts_vendor",
    Stage.FINAL,
    Every.INSTANCE,
    Options,
    apply,
    unasked=True,
    after=("reset_rmc",),
    work=Work(there=("{instance}/scripts/vendor/",), tuning=("vendor_data",)),
)
