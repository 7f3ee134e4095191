"""Keys that let a user in: the user's own authorized_keys file, wherever sshd looks for it."""

from __future__ import annotations

from cloudboot.admin.publickey import merged, public_keys
from cloudboot.admin.sshd import value_of
from cloudboot.errors import CloudbootError, UnsafePath
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Sequence, Tuple

    from cloudboot.admin.accounts import Account
    from cloudboot.admin.publickey import PublicKey
    from cloudboot.system.door import System

USUAL = ".ssh/authorized_keys"
MOST = 1 << 20
INSTEAD = (
    'no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="'
    'echo \'Log in as the user \\"$USER\\", not as the user \\"$DISABLE_USER\\".\';echo;sleep 10;exit 142"'
)


def instead(template: str, user: str, refused: str) -> str:
    """Options of a key that tells whoever uses it to log in as another user, and lets nobody in."""
    return template.replace("$USER", user or "NONE").replace("$DISABLE_USER", refused)


def path_of(system: System, account: Account) -> str:
    """Where sshd looks for this user's keys: the first place of AuthorizedKeysFile that is the user's alone. One file
    for all users would let each user's keys in as every other."""
    setting = value_of(system, "AuthorizedKeysFile")
    for place in setting.value.split() if setting else ():
        if place.lower() == "none":
            continue
        if not place.startswith(("/", "%h")):
            place = f"%h/{place}"
        if place.startswith("%h/") or "%u" in place:
            return _expanded(place, account)
    return f"{account.home.rstrip('/')}/{USUAL}"


def grant(system: System, account: Account, keys: Sequence[str], options: str = "") -> None:
    """Lets the holders of these public keys in as this user; ``options`` take the place of those the keys bring.

    A key that is there already is renewed in its place, and every other line of the file stays.
    """
    found, others = public_keys(keys)
    if others:
        system.warn(f"{others} of the SSH keys for {account.name} cannot be read as public keys and are left out")
    if not found:
        return
    if options:
        found = tuple(key.but(options=options) for key in found)
    path = path_of(system, account)
    home = account.home.rstrip("/") + "/"
    if path.startswith(home):
        if not system.exists(account.home):  # useradd makes it last, and may not have come to it
            system.mkdir(account.home, mode=0o750, owner=account.name)
        inside = path[len(home) :].split("/")[:-1]
        for depth in range(1, len(inside) + 1):
            system.mkdir(home + "/".join(inside[:depth]), mode=0o700, owner=account.name, exact=inside[0] == ".ssh")
    changed = system.write(path, merged(_old(system, path, home), found), mode=0o600, owner=account.name)
    if changed and system.exists("/sys/fs/selinux/enforce") and system.which("restorecon"):
        # the policy lets sshd read only what bears the label of keys
        system.run("restorecon", "-R", path.rpartition("/")[0], check=False, timeout=60.0)


def keys_of(system: System, account: Account) -> Tuple[PublicKey, ...]:
    """The keys that let this user in now."""
    return public_keys([_old(system, path_of(system, account), account.home.rstrip("/") + "/")])[0]


def _old(system: System, path: str, home: str) -> str:
    """What the file holds now. A link in somebody's home could lead to what only root may read, and copying that into
    the file would show it."""
    walked = home.rstrip("/")
    for part in path[len(home) :].split("/") if path.startswith(home) else ():
        walked += f"/{part}"
        entry = system.look(walked)
        if entry and entry.kind == "link":
            raise UnsafePath(f"{walked} is a link", "put a folder or file in its place")
    entry = system.look(path)
    if entry and entry.size > MOST:
        raise CloudbootError(f"{path} is larger than {MOST >> 20} MiB", "shorten it")
    return system.text(path) or ""


def _expanded(place: str, account: Account) -> str:
    out, i = "", 0
    tokens: Tuple[Tuple[str, str], ...] = (
        ("%%", "%"), ("%h", account.home.rstrip("/")), ("%u", account.name), ("%U", str(account.uid))
    )  # fmt: skip
    while i < len(place):
        token = next(((t, v) for t, v in tokens if place.startswith(t, i)), None)
        out += token[1] if token else place[i]
        i += 2 if token else 1
    return out
