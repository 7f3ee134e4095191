"""Homes below a mount point: what is mounted there hides them, and with them the keys that let their owners in."""

from __future__ import annotations

from cloudboot.admin import accounts, authorized
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterable, Optional, Sequence, Tuple

    from cloudboot.admin.accounts import Account
    from cloudboot.system.door import System

SKELETON = "/etc/skel"


def below(system: System, people: Iterable[Tuple[str, Optional[str]]], points: Sequence[str]) -> str:
    """The first of these points below which a home is, of root or of people (name, and home where it is said)."""
    homes = [accounts.expected(system, name, home).home for name, home in (("root", None), *people)]
    return next((point for point in points if any(_is_below(home, point) for home in homes)), "")


def _is_below(home: str, point: str) -> bool:
    return f"{home}/".startswith(f"{point.rstrip('/')}/")


def remember(system: System, note: str, points: Sequence[str]) -> None:
    """Writes down, before anything is mounted, the keys of those whose home is below one of these points."""
    if not points or system.exists(note):
        return
    from cloudboot import json

    names = [line.partition(":")[0] for line in (system.text("/etc/passwd") or "").splitlines()]
    found = [account for account in (accounts.find(system, name) for name in names) if account]
    hidden = [a for a in found if any(_is_below(a.home, point) for point in points)]
    keys = {account.name: _keys(system, account) for account in hidden}
    keys = {name: theirs for name, theirs in keys.items() if theirs}
    if keys:
        system.write(note, json.dumps(keys) + "\n", mode=0o600)


def _keys(system: System, account: Account) -> Sequence[str]:
    try:
        return [str(key) for key in authorized.keys_of(system, account)]
    except CloudbootError as problem:  # sshd would not take keys from there either
        system.warn(f"the keys of {account.name} cannot be kept: {problem}")
        return []


def restore(system: System, note: str) -> None:
    """Lets them in again, by the same keys, with a home of their own where there is none now."""
    from cloudboot import json

    keys = json.loads(system.text(note) or "{}")
    for name, theirs in keys.items():
        account = accounts.find(system, name)
        if account:
            _make_home(system, account)
            authorized.grant(system, account, theirs)
    if keys:
        system.remove(note)


def _make_home(system: System, account: Account) -> None:
    """A home as useradd makes it. A folder of root's is one that a power cut left, or the top of a new file system;
    with anything else in it, it is root's on purpose, as sshd wants a home that it locks somebody in."""
    entry = system.look(account.home)
    if account.uid == 0 or (entry and (entry.uid != 0 or _holds_more(system, account.home))):
        return
    system.mkdir(account.home, mode=0o700)
    if system.exists(SKELETON):
        system.run("cp", "-R", f"{SKELETON}/.", account.home)
    system.chown(account.home, account.name, mode=0o750, tree=True)


def _holds_more(system: System, home: str) -> bool:
    return not set(system.names(home)) <= {*system.names(SKELETON), "lost+found"}
