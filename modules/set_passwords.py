"""set_passwords: sets passwords, and says whether sshd takes any.

    ssh_pwauth: false
    chpasswd:
      expire: false
      users:
        - {name: root, type: text, password: correct horse battery staple}
        - {name: nobody, password: $6$rounds=4096$salt$hash}

{name: root, type: RANDOM} makes a password up; it is shown on the console, once, and written nowhere. password is the
default user's, and counts only where chpasswd names nobody. Passwords expire at once, hashes too, unless expire is
false. In the older list form a value that looks like a hash of crypt(5) is taken for one, and R or RANDOM asks for a
made-up password. sshd is told to take passwords, or not, in a file of our own where its main file includes such.
"""

from __future__ import annotations

from cloudboot.admin import accounts, people, sshd
from cloudboot.errors import Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import AnyOf, Bool, Choice, Deprecated, ListOf, SecretText, Text, option
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Tuple, Union

# Letters and digits that nobody mistakes for each other; 24 of them are 139 bits.
ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 24
HASHES = ("1", "2a", "2b", "2x", "2y", "5", "6", "7", "gy", "y")
RANDOM, HASH, PLAIN = "RANDOM", "hash", "text"


class Drawn(Noun):
    """A user whose password is made up."""

    name: str = option(Text, required=True, help="login name")
    type: str = option(
        Choice(RANDOM, says="RANDOM, or a password beside it"),
        required=True,
        help="RANDOM: made up, and shown on the console",
    )


class Given(Noun):
    """A user whose password the document gives."""

    name: str = option(Text, required=True, help="login name")
    password: Secret = option(SecretText, required=True, help="the password or its hash")
    type: str = option(Choice(HASH, PLAIN), default=HASH, help="what password is: a hash, or the password as typed")


class Chpasswd(Noun):
    """Whose password is set."""

    expire: bool = option(Bool, default=True, apart=True, help="each must be changed at the next login")
    users: Tuple[Union[Drawn, Given], ...] = option(
        ListOf(AnyOf(Given, Drawn), apart=True), default=(), apart=True, help="users, each with a password or RANDOM"
    )
    list: Any = option(
        AnyOf(SecretText(least=1), ListOf(SecretText(r"^.+:.+$", "NAME:PASSWORD"), least=1, apart=True)),
        default=(), apart=True, since="22.2", instead="users", help="lines of NAME:PASSWORD",
    )  # fmt: skip


class Options(Noun):
    """Passwords, and whether they open the door."""

    password: Optional[Secret] = option(SecretText, default=None, apart=True, help="password of the default user")
    chpasswd: Chpasswd = option(Chpasswd, default=Chpasswd(), apart=True, help="passwords of users")
    ssh_pwauth: Any = option(
        AnyOf(Bool, Choice("unchanged"), Deprecated(Text, "22.3", "true, false or unchanged")),
        default=None, apart=True, help="whether sshd takes passwords; as the image has it where not given",
    )  # fmt: skip


class Change(Noun):
    """A password to set; ``password`` is None for one to draw."""

    name: str
    password: Optional[Secret]
    hashed: bool = False


def apply(system: System, options: Options, boot: Boot) -> None:
    trouble, shown = Trouble(), []
    changes = list(_changes(options.chpasswd)) or _default_user(system, options, boot)
    for change in changes:
        with trouble:
            password = change.password or system.draw(f"password of {change.name}", LENGTH, ALPHABET)
            accounts.set_password(system, change.name, password, change.hashed)
            if change.password is None:
                shown.append(f"{change.name}:{password.reveal()}")
            if options.chpasswd.expire:
                accounts.expire(system, change.name)
    if shown:
        system.say(Secret("\n".join(("passwords made up for this machine:", *shown))))
    wanted = _answer(options.ssh_pwauth)
    if wanted and sshd.configure(system, {"PasswordAuthentication": [wanted]}):
        sshd.reload(system, boot.host.os, boot.config)
    trouble.tell()


def _changes(asked: Chpasswd) -> Iterator[Change]:
    for user in asked.users:
        if isinstance(user, Drawn):
            yield Change(user.name, None)
        else:
            yield Change(user.name, user.password, user.type == HASH)
    lines = asked.list.reveal().splitlines() if isinstance(asked.list, Secret) else [s.reveal() for s in asked.list]
    for line in lines:
        name, colon, word = line.strip().partition(":")
        if name and colon:
            drawn = word in ("R", RANDOM)
            yield Change(name, None if drawn else Secret(word), not drawn and _is_hash(word))


def _default_user(system: System, options: Options, boot: Boot) -> List[Change]:
    if options.password is None or not options.password.reveal():
        return []
    name = people.roster(boot.config).default
    if not name:
        system.warn("there is no default user whose password to set")
        return []
    word = options.password.reveal()
    drawn = word in ("R", RANDOM)
    return [Change(name, None if drawn else options.password, not drawn and _is_hash(word))]


def _is_hash(word: str) -> bool:
    parts = word.split("$")
    return len(parts) > 3 and not parts[0] and parts[1] in HASHES


def _answer(asked: Any) -> str:
    """The value of PasswordAuthentication, empty where sshd is to be left as it is."""
    word = str(asked).lower()
    return "yes" if word in ("true", "yes", "on", "1") else "no" if word in ("false", "no", "off", "0") else ""


MODULE = Module("set_passwords", Stage.LOCAL, Every.INSTANCE, Options, apply, after=("ssh",))
