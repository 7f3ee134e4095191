"""injected_files: the files that a cloud puts into a machine (OpenStack's "personality").

    injected_files: true

They come with the metadata, are the machine's own once it has booted, and are written for a new instance only: root's,
readable by its group. What the owner's write_files says of the same path comes later. ``injected_files: false`` leaves
them out.
"""

from __future__ import annotations

from cloudboot.admin.wanted_files import Wanted, write_all
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import Noun, option
from cloudboot.schema import Bool
from cloudboot.system.door import System

MODE = 0o660


class Options(Noun):
    injected_files: bool = option(Bool, default=True, help="write the files that came with the metadata")


def apply(system: System, options: Options, boot: Boot) -> None:
    given = boot.instance.metadata.get("injected-files") if options.injected_files else None
    if isinstance(given, (list, tuple)):
        files = [Wanted(str(f["path"]), f["content"], None, encoding="b64", permissions=MODE) for f in given]
        write_all(system, files)


MODULE = Module("injected_files", Stage.NETWORK, Every.INSTANCE, Options, apply, unasked=True, after=("bootcmd",),
                work=Work(brought=("injected-files",)))  # fmt: skip
