"""users_groups: makes the users and groups of this machine, with their keys, passwords and rights.

    groups:
      - admins: [alice]
    users:
      - default
      - name: alice
        gecos: Alice Example
        groups: [adm, video]
        shell: /bin/bash
        sudo: ["ALL=(ALL) NOPASSWD:ALL"]
        ssh_authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6 alice@example.com
      - name: deploy
        lock_passwd: false
        plain_text_passwd: correct horse battery staple
        doas: [permit nopass deploy]

It comes before anything that can fail or wait. One user who cannot be made does not keep the others out: what went
wrong is told at the end. A user who is there already keeps his account; passwd is for new users, everything else of his
entry is applied. The members of a group may be users made in the same document. sudo rules go to a file of our own,
which visudo has seen before it counts, and which holds nothing but the rules of this instance.
"""

from __future__ import annotations

from cloudboot.admin import accounts, authorized, people, sudo
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import List, Sequence, Set

    from cloudboot.admin.people import Person, Roster

SNAP_SECONDS = 120.0


def apply(system: System, options: people.Who, boot: Boot) -> None:
    roster, trouble = people.settled(options, boot.config), Trouble()
    sound: List[Person] = []
    for person in roster.people:
        with trouble:
            if person.name and _is_sound(person):
                sound.append(person)
    _make_groups(system, roster, trouble)
    ours = _ours(system, sound, boot)
    here: List[Person] = []
    left: Set[str] = set()
    for person in sound:
        with trouble:
            if not accounts.find(system, person.name) and accounts.add(system, person).left:
                left.add(person.name)
            here.append(person)
    with trouble:
        sudo.allow(system, [(p.name, rule) for p in here for rule in p.rules])
    with trouble:
        sudo.permit(system, [(p.name, rule) for p in here for rule in p.doas])
    for person in here:
        if person.name in left:
            system.left.append(f"the keys and the password of {person.name}")
            continue
        with trouble:
            _grant(system, person, roster, boot)
        with trouble:
            _secure(system, person, person.name in ours, person.name in _awaited(boot, roster))
    _join(system, roster, {p.name for p in here}, trouble)
    for person in roster.people:
        if person.snapuser:
            with trouble:
                system.run("snap", "create-user", "--sudoer", "--json", person.snapuser, timeout=SNAP_SECONDS)
    trouble.tell()


def _ours(system: System, people: Sequence[Person], boot: Boot) -> Set[str]:
    """Who was not there before this instance came. That is written down before anybody is made: looked up afterwards,
    a user made just before a power cut would be taken for the image's."""
    path = f"{boot.folder}/users"
    known = set((system.text(path) or "").split())
    ours = known | {p.name for p in people if not accounts.find(system, p.name)}
    if ours != known:
        system.write(path, "".join(f"{name}\n" for name in sorted(ours)), mode=0o600)
    return ours


def _is_sound(person: Person) -> bool:
    """True, or what is wrong raised."""
    accounts.check(person.name, "user")
    homeless = "system" if person.system else "no_create_home" if person.no_create_home else ""
    keys = "ssh_authorized_keys" if person.ssh_authorized_keys else "ssh_import_id" if person.ssh_import_id else ""
    redirect = "ssh_redirect_user" if person.ssh_redirect_user else ""
    for one, other in ((homeless, keys or redirect), (redirect, keys)):
        if one and other:
            raise CloudbootError(f"user {person.name}: {one} and {other} exclude each other", f"leave {one} out")
    return True


def _make_groups(system: System, roster: Roster, trouble: Trouble) -> None:
    wanted = [name for name, _ in roster.groups]
    for person in roster.people:
        if person.create_groups is not False:
            wanted += [*person.group_names, *([person.primary_group] if person.primary_group else [])]
    here = accounts.groups(system)
    for name in dict.fromkeys(wanted):
        if name not in here:
            with trouble:
                accounts.add_group(system, name)


def _grant(system: System, person: Person, roster: Roster, boot: Boot) -> None:
    account = accounts.expected(system, person.name, person.homedir)
    authorized.grant(system, account, person.ssh_authorized_keys)
    if person.ssh_redirect_user:
        if not roster.default:
            raise CloudbootError(f"user {person.name}: there is no default user to redirect to", "add default to users")
        if not boot.instance.ssh_keys:
            system.warn(f"user {person.name}: the cloud gave no SSH keys to redirect")
        instead = authorized.instead(authorized.INSTEAD, roster.default, person.name)
        authorized.grant(system, account, boot.instance.ssh_keys, instead)


def _awaited(boot: Boot, roster: Roster) -> Set[str]:
    """Who is given a password by ``chpasswd`` or ``password``, in a module that comes after this one."""
    given = boot.config.get("chpasswd")
    lines, users = (given.get("list"), given.get("users")) if isinstance(given, dict) else (None, None)
    lines = lines.splitlines() if isinstance(lines, str) else lines if isinstance(lines, list) else ()
    names = [line.partition(":")[0].strip() for line in lines if isinstance(line, str)]
    names += [str(user.get("name")) for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    return {*names, *([roster.default] if boot.config.get("password") else [])}


def _secure(system: System, person: Person, new: bool, awaited: bool) -> None:
    """Sets the password and locks or unlocks it; for one that is ``awaited`` that is done with the password."""
    name, password, hashed = person.name, person.hashed_passwd, True
    if not password:
        password, hashed = person.plain_text_passwd, False
    if not password and person.passwd is not None:
        if new:
            password, hashed = person.passwd, True
        else:
            system.warn(f"user {name} was there already, so passwd is not set; hashed_passwd would be")
    given = password.reveal() if password is not None else None
    if password is not None and given:
        accounts.set_password(system, name, password, hashed)
    if person.lock_passwd is not False:
        if given or not new or accounts.bars_keys(system):
            accounts.lock(system, name)
    elif given == "":
        accounts.clear_password(system, name)
    elif given is None:
        if not new and accounts.has_password(system, name):
            accounts.unlock(system, name)
        elif not awaited:
            system.warn(f"user {name}: lock_passwd is false, but there is no password to unlock")


def _join(system: System, roster: Roster, made: Set[str], trouble: Trouble) -> None:
    for group, members in roster.groups:
        for member in members:
            if member in made or accounts.find(system, member):
                with trouble:
                    accounts.join(system, member, group)
            else:
                system.warn(f"group {group}: there is no user {member}")


MODULE = Module("users_groups", Stage.LOCAL, Every.INSTANCE, people.Who, apply, unasked=True)
