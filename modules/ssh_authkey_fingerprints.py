"""ssh_authkey_fingerprints: shows on the console which SSH keys let whom in.

    no_ssh_fingerprints: false
    authkey_hash: sha256

The fingerprints are those of `ssh-keygen -l -E HASH`, so that they can be compared with what the owner's own machine
says of a key.
"""

from __future__ import annotations

from cloudboot.admin import accounts, authorized, people
from cloudboot.admin.publickey import fingerprint
from cloudboot.errors import Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Bool, Text, option
from cloudboot.system.door import System

if TYPE_CHECKING:
    from cloudboot.admin.publickey import PublicKey


class Options(Noun):
    """Whether, and how."""

    no_ssh_fingerprints: bool = option(Bool, default=False, help="show nothing")
    authkey_hash: str = option(Text, default="sha256", help="what the fingerprints are made with: sha256, sha512, md5")


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.no_ssh_fingerprints:
        return
    trouble = Trouble()
    for person in people.roster(boot.config).people:
        account = accounts.find(system, person.name)
        if account and not (person.system or person.no_create_home):
            with trouble:
                lines = [_line(key, options.authkey_hash) for key in authorized.keys_of(system, account)]
                system.say("\n  ".join((f"SSH keys of {person.name}:", *(lines or ["none"]))))
    trouble.tell()


def _line(key: PublicKey, algorithm: str) -> str:
    try:
        mark = fingerprint(key, algorithm)
    except ValueError:
        mark = f"no {algorithm} fingerprint"
    return " ".join(word for word in (key.kind, mark, key.options and "(with options)", key.comment) if word)


MODULE = Module(
    "ssh_authkey_fingerprints", Stage.FINAL, Every.INSTANCE, Options, apply, unasked=True, after=("scripts_user",)
)
