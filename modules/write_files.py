"""write_files: files with the content, owner and mode you name.

    write_files:
      - path: /etc/app/app.conf
        content: |
          listen = 8080
        permissions: "0640"
        owner: root:root
      - path: /etc/motd
        content: V2VsY29tZQo=
        encoding: b64
      - path: /etc/environment
        content: "EDITOR=vi\\n"
        append: true

Encodings are text/plain, base64 (b64), gzip (gz) and both (gz+b64). With ``source: {uri, headers}`` the content is
fetched, three times at most; where that fails ``content`` stands in, or the file is left out with a warning. Missing
folders are made, root's own. The file has its owner and mode from its first byte. An entry that cannot be written (an
owner whom nobody knows) fails the module in the end, after the others are written.

Accounts exist by now, packages do not: a file that is to replace one of a package's says ``defer: true``, and
write_files_deferred writes it in the final stage. A file whose mode keeps everybody but its owner out is shown in a
plan by its size only.
"""

from __future__ import annotations

from cloudboot.admin.wanted_files import Entry, Wanted, write_all
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import ListOf
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple


class Options(Noun):
    write_files: Tuple[Wanted, ...] = option(ListOf(Entry, least=1, apart=True), default=(), help="files to write")


def apply(system: System, options: Options, boot: Boot) -> None:
    write_all(system, [file for file in options.write_files if not file.defer])


MODULE = Module("write_files", Stage.NETWORK, Every.INSTANCE, Options, apply, after=("bootcmd",))
