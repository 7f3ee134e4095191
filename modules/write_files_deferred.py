"""write_files_deferred: the files of write_files that are to wait for packages.

    write_files:
      - path: /etc/nginx/conf.d/app.conf
        content: "server { listen 8080; }\\n"
        defer: true

As write_files, for the entries that say ``defer: true``: in the final stage, after packages are installed and before
any script runs.
"""

from __future__ import annotations

from cloudboot.admin.wanted_files import Entry, Wanted, write_all
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import ListOf
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple


class Options(Noun):
    write_files: Tuple[Wanted, ...] = option(ListOf(Entry, least=1, apart=True), default=(), help="files to write")


def apply(system: System, options: Options, boot: Boot) -> None:
    write_all(system, [file for file in options.write_files if file.defer])


MODULE = Module("write_files_deferred", Stage.FINAL, Every.INSTANCE, Options, apply,
                after=("package_update_upgrade_install",), work=Work(words=("defer",)))  # fmt: skip
