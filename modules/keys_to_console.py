"""keys_to_console: shows the host keys on the console, where the owner can read them before the first login.

    ssh:
      emit_keys_to_console: true
    ssh_fp_console_blacklist: [ssh-rsa]

Tools of clouds look for the marks around the two blocks in a machine's console log.
"""

from __future__ import annotations

from cloudboot.admin import hostkeys
from cloudboot.admin.publickey import described
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Bool, ListOf, Text, option
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Iterable, Tuple


class Emit(Noun):
    """Of the key ``ssh`` only this is left."""

    emit_keys_to_console: bool = option(
        Bool, default=True, required=True, apart=True, help="show fingerprints and keys"
    )


class Options(Noun):
    """Whether, and which."""

    ssh: Emit = option(Emit, default=Emit(), help="whether the host keys are shown")
    ssh_key_console_blacklist: Tuple[str, ...] = option(
        ListOf(Text, unique=True), default=(), help="types whose keys are not shown"
    )
    ssh_fp_console_blacklist: Tuple[str, ...] = option(
        ListOf(Text, unique=True), default=(), help="types whose fingerprints are not shown"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    keys = hostkeys.public(system)
    if not options.ssh.emit_keys_to_console or not keys:
        return
    marks = (described(key) for key in keys if key.kind not in options.ssh_fp_console_blacklist)
    whole = (str(key) for key in keys if key.kind not in options.ssh_key_console_blacklist)
    system.say("\n".join((*_block("FINGERPRINTS", marks), *_block("KEYS", whole))))


def _block(what: str, lines: Iterable[str]) -> Tuple[str, ...]:
    return (f"-----BEGIN SSH HOST KEY {what}-----", *lines, f"-----END SSH HOST KEY {what}-----")


MODULE = Module(
    "keys_to_console", Stage.FINAL, Every.INSTANCE, Options, apply, unasked=True, after=("ssh_authkey_fingerprints",)
)
