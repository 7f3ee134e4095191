"""seed_random: give the kernel randomness that the cloud or the owner supplies.

    random_seed:
      data: bXkgcmFuZG9tIHN0cmluZw==
      encoding: base64
      command: [pollinate, --quiet]

``data`` and what the datasource brings are written to ``file``, added to it where it is a plain file; ``command`` then
runs with RANDOM_SEED_FILE in its environment. A command that is not installed is passed over unless
``command_required``. The kernel counts none of this as entropy, it can only gain: keys are never made before the
kernel's own generator is ready.
"""

from __future__ import annotations

from cloudboot.admin.wanted_files import Content, decoded
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, Choice, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple, Union

GZIP = {"gzip": "gz", "gz": "gz", "base64": "b64", "b64": "b64", "raw": "text/plain"}


class Options(Noun):
    file: str = option(Text, default="/dev/urandom", help="where the data is written")
    data: Union[str, bytes] = option(Content, default="", help="random text of the owner's choice")
    encoding: str = option(Choice("raw", "base64", "b64", "gzip", "gz"), default="raw", help="how data is encoded")
    command: Tuple[str, ...] = option(ListOf(Text), default=(), help="a program that fetches randomness, and its words")
    command_required: bool = option(Bool, default=False, help="fail when the program is not there")


def apply(system: System, options: Options, boot: Boot) -> None:
    data = decoded(options.data, GZIP[options.encoding]) + boot.instance.random_seed
    if data and (system.exists(options.file) or not options.file.startswith("/dev/")):
        system.append(options.file, data, mode=0o600, secret=True)
    if not options.command:
        if options.command_required:
            raise CloudbootError("random_seed.command_required is true, and there is no command", "name one")
        return
    program = options.command[0]
    is_there = system.exists(program) if program.startswith("/") else system.which(program)
    if is_there or options.command_required:
        env = {**boot.env, "RANDOM_SEED_FILE": options.file}
        system.run(*options.command, env=env, in_doubt="skip", stream=True)


MODULE = Module("seed_random", Stage.NETWORK, Every.INSTANCE, Options, apply, key="random_seed", unasked=True,
                after=("set_passwords", "ssh", "ssh_host_keys", "users_groups"),
                work=Work(brought=("random_seed",)))  # fmt: skip
