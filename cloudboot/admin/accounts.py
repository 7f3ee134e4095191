"""Users and groups of the machine, by the tools it has: shadow's (useradd), or busybox' (adduser)."""

from __future__ import annotations

from cloudboot.admin import sshd
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.system.door import failure
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import List, Optional, Tuple

    from cloudboot.admin.people import Person
    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+-")
TAKEN, NO_GROUP = 9, 6  # useradd: the name is in use; a group is not there
SECONDS = 60.0


class Account(Noun):
    """A line of passwd(5)."""

    name: str
    home: str
    uid: int = -1
    gid: int = -1


def find(system: System, name: str) -> Optional[Account]:
    for line in (system.text("/etc/passwd") or "").splitlines():
        fields = line.split(":")
        if fields[0] == name and len(fields) > 6 and fields[2].isdigit() and fields[3].isdigit():
            return Account(name, fields[5], int(fields[2]), int(fields[3]))
    return None


def expected(system: System, name: str, home: Optional[str] = None) -> Account:
    """The account as it is, or as it will be once useradd has made it."""
    found = find(system, name)
    if found:
        return found
    folder = "/root" if name == "root" else f"{_home_folder(system)}/{name}"
    return Account(name, home or folder)


def can_add(system: System) -> bool:
    return bool(system.which("useradd") or system.which("adduser"))


def groups(system: System) -> Tuple[str, ...]:
    return tuple(line.partition(":")[0] for line in (system.text("/etc/group") or "").splitlines())


def add_group(system: System, name: str) -> None:
    check(name, "group")
    if _busybox(system):
        done = system.run("addgroup", name, timeout=SECONDS, check=False)
        if done.code and name not in groups(system):
            raise failure(("addgroup", name), done)
    else:
        system.run("groupadd", "-f", name, timeout=SECONDS)


def join(system: System, user: str, group: str) -> None:
    """Makes an existing user a member of an existing group."""
    check(user, "user")
    if _busybox(system):
        system.run("addgroup", user, group, timeout=SECONDS)
    else:
        system.run("usermod", "-a", "-G", group, user, timeout=SECONDS)


def add(system: System, person: Person) -> Outcome:
    """Makes the user in one call. It is no error that he is there already: a call that power loss ended may have made
    him."""
    check(person.name, "user")
    if _busybox(system):
        return _add_with_busybox(system, person)
    words = _useradd(person)
    done = system.run(*words, timeout=SECONDS, check=False)
    own_group = not (person.primary_group or person.no_user_group)
    if done.code == TAKEN and own_group and not find(system, person.name):  # a group has that name: it will be his
        done = system.run(*words[:-1], "--gid", person.name, person.name, timeout=SECONDS, check=False)
    if done.code == NO_GROUP and person.groups:  # that is no reason to keep the user out
        done = system.run(*_useradd(person.but(groups=None)), timeout=SECONDS, check=False)
        for group in person.group_names if done.code in (0, TAKEN) else ():
            if system.run("usermod", "-a", "-G", group, person.name, timeout=SECONDS, check=False).code:
                system.warn(f"user {person.name} is no member of {group}: there is no such group")
    if done.code not in (0, TAKEN):
        raise failure(("useradd", person.name), done)
    return done


def set_password(system: System, name: str, password: Secret, hashed: bool) -> None:
    check(name, "user")
    if "\n" in password.reveal():
        raise CloudbootError(f"the password of {name} has more than one line", "write it on one line")
    line = Secret(f"{name}:{password.reveal()}\n")
    words = ("chpasswd", "-e") if hashed else ("chpasswd",)
    done = system.run(*words, stdin=line, timeout=SECONDS, check=False, describe=f"set the password of {name}")
    if done.code:
        raise failure((f"chpasswd for {name}",), done)


def bars_keys(system: System) -> bool:
    """Whether a locked account is closed to SSH keys too: without PAM, sshd lets nobody in whose password field begins
    with an exclamation mark."""
    pam = sshd.value_of(system, "UsePAM")
    return system.exists(sshd.main_file(system)) and (pam is None or pam.value.lower() != "yes")


def lock(system: System, name: str) -> None:
    """No password lets this user in; keys still do."""
    if bars_keys(system):
        set_password(system, name, Secret("*"), hashed=True)
    else:
        system.run("passwd", "-l", name, timeout=SECONDS)


def unlock(system: System, name: str) -> None:
    system.run("passwd", "-u", name, timeout=SECONDS)


def clear_password(system: System, name: str) -> None:
    """An empty password: whoever the login program lets try gets in."""
    system.run("passwd", "-d", name, timeout=SECONDS)


def expire(system: System, name: str) -> None:
    """The password must be changed at the next login."""
    check(name, "user")
    if _busybox(system):
        system.warn(f"the password of {name} cannot be made to expire: this system has no passwd --expire")
    else:
        system.run("passwd", "--expire", name, timeout=SECONDS)


def has_password(system: System, name: str) -> bool:
    """A password is set, though it may be locked."""
    for line in (system.text("/etc/shadow") or "").splitlines():
        fields = line.split(":")
        if fields[0] == name and len(fields) > 1:
            return fields[1].lstrip("!*") != ""
    return False


def _add_with_busybox(system: System, person: Person) -> Outcome:
    words = ["adduser", "-D"]
    for flag, value in (("-g", person.gecos), ("-h", person.homedir), ("-s", person.shell), ("-u", person.uid),
                        ("-G", person.primary_group)):  # fmt: skip
        words += [flag, str(value)] if value is not None else []
    words += ["-S"] if person.system else []
    words += ["-H"] if person.system or person.no_create_home else []
    done = system.run(*words, person.name, timeout=SECONDS, check=False)
    if done.code and not find(system, person.name):
        raise failure(("adduser", person.name), done)
    for group in person.group_names:
        system.run("addgroup", person.name, group, timeout=SECONDS)
    for name in ("expiredate", "inactive", "selinux_user"):
        if getattr(person, name) is not None:
            system.warn(f"user {person.name}: adduser of busybox has no {name}; install the shadow package for it")
    return done


def _useradd(person: Person) -> List[str]:
    words = ["useradd"]
    for flag, value in (("--comment", person.gecos), ("--home-dir", person.homedir), ("--gid", person.primary_group),
                        ("--uid", person.uid), ("--groups", ",".join(person.group_names) or None),
                        ("--shell", person.shell), ("--expiredate", person.expiredate),
                        ("--inactive", person.inactive), ("--selinux-user", person.selinux_user)):  # fmt: skip
        words += [flag, str(value)] if value is not None else []
    for flag, wanted in (("--no-user-group", person.no_user_group), ("--system", person.system),
                         ("--no-log-init", person.no_log_init)):  # fmt: skip
        words += [flag] if wanted else []
    return [*words, "-M" if person.system or person.no_create_home else "-m", person.name]


def _busybox(system: System) -> bool:
    return not system.which("useradd") and bool(system.which("adduser"))


def check(name: str, kind: str) -> None:
    if not name or name[0] in "-+@" or not LETTERS.issuperset(name[:-1] if name.endswith("$") else name):
        raise CloudbootError(
            f"a {kind} name has characters that no {kind} name can have", "use letters, digits, - and _"
        )


def _home_folder(system: System) -> str:
    for line in (system.text("/etc/default/useradd") or "").splitlines():
        key, mark, value = line.partition("=")
        if key.strip() == "HOME" and mark and value.strip().startswith("/"):
            return value.strip().rstrip("/")
    return "/home"
