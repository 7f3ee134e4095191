"""ssh: gives this machine host keys of its own, and lets its owner in.

    ssh_authorized_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6 owner@example.com
    ssh_genkeytypes: [ed25519, rsa]
    disable_root: true
    ssh_deletekeys: true

The keys given here and by the cloud let in the default user, and root where disable_root is false; where it is true,
root's keys only say which user to take. Host keys that an image brought are removed first, because every clone has the
same. Keys given in ssh_keys are used as they are and no others are made, unless none of them is a key: a server without
host keys would let nobody in. Keys are made in one go and written through the door, on the disk before sshd may start.
"""

from __future__ import annotations

from cloudboot.admin import accounts, authorized, hostkeys, people, sshd
from cloudboot.admin.publickey import described
from cloudboot.errors import Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Bool, Choice, ListOf, MapOf, SecretText, Text, option
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Mapping, Sequence, Tuple

    from cloudboot.admin.people import Roster
    from cloudboot.values import Secret

GIVEN = r"^(ecdsa|ed25519|rsa)_(public|private|certificate)$"


class Options(Noun):
    """One that cannot be read loses nobody what the others give."""

    ssh_keys: Mapping[str, Secret] = option(
        MapOf(SecretText, keys=GIVEN),
        default={},
        apart=True,
        help="host keys: TYPE_private, TYPE_public, TYPE_certificate",
    )
    ssh_authorized_keys: Tuple[str, ...] = option(
        ListOf(Text, least=1, apart=True, lone=True), default=(), apart=True, help="public keys of the default user"
    )
    ssh_deletekeys: bool = option(Bool, default=True, apart=True, help="remove the host keys that the image brought")
    ssh_genkeytypes: Tuple[str, ...] = option(
        ListOf(Choice(*hostkeys.TYPES), least=1, apart=True),
        default=hostkeys.TYPES,
        apart=True,
        help="host keys to make",
    )
    disable_root: bool = option(Bool, default=True, apart=True, help="root's keys only tell which user to log in as")
    disable_root_opts: str = option(
        Text, default=authorized.INSTEAD, apart=True, help="options of those keys; $USER and $DISABLE_USER are replaced"
    )
    allow_public_ssh_keys: bool = option(
        Bool, default=True, apart=True, help="also let in the keys that the cloud gives"
    )
    ssh_quiet_keygen: bool = option(Bool, default=False, apart=True, help="do not show fingerprints of new host keys")


def apply(system: System, options: Options, boot: Boot) -> None:
    trouble, roster = Trouble(), people.roster(boot.config)
    with trouble:
        _make_host_keys(system, options, boot)
    keys = (*options.ssh_authorized_keys, *(boot.instance.ssh_keys if options.allow_public_ssh_keys else ()))
    with trouble:
        _let_in(system, roster, keys)
    with trouble:
        closed = authorized.instead(options.disable_root_opts, roster.default, "root") if options.disable_root else ""
        authorized.grant(system, accounts.expected(system, "root"), keys, closed)
    trouble.tell()


def _make_host_keys(system: System, options: Options, boot: Boot) -> None:
    if not system.which("ssh-keygen") and not system.exists(hostkeys.FOLDER) and not options.ssh_keys:
        return  # keys of the document are put in place for a server that is installed later
    fips = (system.text("/proc/sys/crypto/fips_enabled") or "").strip() == "1"
    kinds = [kind for kind in options.ssh_genkeytypes if not (fips and kind == "ed25519")]
    if options.ssh_deletekeys:
        given = [kind for kind in hostkeys.TYPES if f"{kind}_private" in options.ssh_keys]
        _remove_foreign(system, given or kinds, boot)
    if options.ssh_keys:
        kinds = [] if _use_given(system, options.ssh_keys, boot) else kinds
    made = hostkeys.generate(system, boot.host.os, hostkeys.missing(system, kinds))
    if made and not options.ssh_quiet_keygen:
        system.say("\n".join(("new SSH host keys:", *(described(key) for key in made))))


def _remove_foreign(system: System, kinds: Sequence[str], boot: Boot) -> None:
    """Removes the keys that are not this instance's own. Once they are gone that is written down: what is there from
    then on was made here, and neither a power cut nor a second run takes it away."""
    note = f"{boot.folder}/host-keys"
    if system.exists(note):
        hostkeys.remove(system, keep=kinds)
    else:
        hostkeys.remove(system)
        system.write(note, "The SSH host keys are this instance's own.\n", mode=0o600)


def _use_given(system: System, given: Mapping[str, Secret], boot: Boot) -> bool:
    """Puts the keys of the document in place; whether there is a key among them that sshd can use."""
    usable, certificates = False, []
    for kind in hostkeys.TYPES:
        private, public, certificate = (given.get(f"{kind}_{part}") for part in ("private", "public", "certificate"))
        if private:
            content = private.reveal().replace("\r\n", "\n").rstrip("\n").encode() + b"\n"
            if not hostkeys.is_private(content):
                system.warn(f"ssh_keys.{kind}_private is no private key and is left out")
                continue
            usable = True
            hostkeys.write_private(system, boot.host.os, kind, content)
        if public:
            system.write(hostkeys.path_of(kind, ".pub"), f"{public.reveal().strip()}\n")
        elif private:
            hostkeys.write_public(system, kind)
        if certificate:
            system.write(hostkeys.path_of(kind, "-cert.pub"), f"{certificate.reveal().strip()}\n")
            certificates.append(hostkeys.path_of(kind, "-cert.pub"))
    if certificates and sshd.configure(system, {"HostCertificate": certificates}):
        sshd.reload(system, boot.host.os, boot.config)
    return usable


def _let_in(system: System, roster: Roster, keys: Sequence[str]) -> None:
    person = roster.person(roster.default)
    if not person or not keys:
        return
    if not accounts.find(system, person.name) and not accounts.can_add(system):
        system.left.append(f"the keys of {person.name}")
        return
    authorized.grant(system, accounts.expected(system, person.name, person.homedir), keys)


MODULE = Module("ssh", Stage.LOCAL, Every.INSTANCE, Options, apply, unasked=True, after=("users_groups",))
