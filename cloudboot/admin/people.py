"""Who is to be on this machine: the keys ``users``, ``user`` and ``groups``, in all the forms they may have."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import (
    AnyOf,
    Anything,
    Bool,
    Choice,
    Deprecated,
    Int,
    ListOf,
    MapOf,
    Null,
    Problem,
    Record,
    SecretText,
    Text,
    option,
    parse,
)
from cloudboot.schema.problem import is_line

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union

    from cloudboot.schema.problem import Path
    from cloudboot.values import Secret

DAY = Text(r"^\d{4}-\d\d-\d\d$", "a day such as 2032-09-01")
KEYS = ListOf(Text, least=1, apart=True, lone=True)
UNSAID = ()


class Person(Noun):
    """One user. What a document does not say is None, so that the default user's own settings show through;
    ``sudo`` is `UNSAID` then, because null there means none."""

    name: str = option(Text, default="", help="login name")
    gecos: Optional[str] = option(Text, default=None, apart=True, help="full name, or any comment")
    homedir: Optional[str] = option(Text, default=None, help="home folder; /home/NAME where not given")
    primary_group: Optional[str] = option(
        Text, default=None, was=("primary-group", "24.2"), help="a group of the user's own where not given"
    )
    groups: Any = option(
        AnyOf(Text, ListOf(Text, least=1), Deprecated(MapOf(Null), "23.1", "a list")),
        default=None,
        apart=True,
        help="further groups, as a list or with commas",
    )
    uid: Any = option(
        AnyOf(Int(least=0), Deprecated(Text, "22.3", "a number")), default=None, help="user number; the next free one"
    )
    shell: Optional[str] = option(Text, default=None, apart=True, help="login shell")
    expiredate: Optional[str] = option(DAY, default=None, help="the day the account is closed")
    inactive: Optional[str] = option(Text, default=None, help="days between a password's expiry and the account's")
    selinux_user: Optional[str] = option(
        Text, default=None, was=("selinux-user", "24.2"), apart=True, help="SELinux user"
    )
    system: Optional[bool] = option(Bool, default=None, help="a system account, without a home")
    no_create_home: Optional[bool] = option(
        Bool, default=None, was=("no-create-home", "24.2"), help="make no home folder"
    )
    no_user_group: Optional[bool] = option(
        Bool, default=None, was=("no-user-group", "24.2"), help="make no group of the user's own"
    )
    no_log_init: Optional[bool] = option(
        Bool, default=None, was=("no-log-init", "24.2"), apart=True, help="leave lastlog and faillog alone"
    )
    create_groups: Optional[bool] = option(
        Bool, default=None, was=("create-groups", "24.2"), apart=True, help="make the groups that are missing (true)"
    )
    passwd: Optional[Secret] = option(SecretText, default=None, apart=True, help="password hash of a new user")
    hashed_passwd: Optional[Secret] = option(
        SecretText,
        default=None,
        was=("hashed-passwd", "24.2"),
        apart=True,
        help="password hash, also of a user who is there already",
    )
    plain_text_passwd: Optional[Secret] = option(
        SecretText, default=None, was=("plain-text-passwd", "24.2"), apart=True, help="password as it is typed"
    )
    lock_passwd: Optional[bool] = option(
        Bool, default=None, was=("lock-passwd", "22.3"), apart=True, help="no login by password (true)"
    )
    sudo: Any = option(
        AnyOf(Null, Text, ListOf(AnyOf(Text, Null)), Deprecated(Bool, "22.2", "null")),
        default=UNSAID,
        apart=True,
        help="rules of sudoers(5) without the name, or null for none",
    )
    doas: Tuple[str, ...] = option(
        ListOf(Text, least=1), default=(), apart=True, help="rules of doas.conf(5) that name the user"
    )
    ssh_authorized_keys: Tuple[str, ...] = option(
        KEYS, default=(), was=("ssh-authorized-keys", "18.3"), apart=True, help="public keys that let the user in"
    )
    ssh_import_id: Tuple[str, ...] = option(
        KEYS,
        default=(),
        was=("ssh-import-id", "24.2"),
        apart=True,
        help="accounts elsewhere whose keys let the user in",
    )
    ssh_redirect_user: Any = option(
        AnyOf(Bool, Choice("default")),
        default=None,
        was=("ssh-redirect-user", "24.2"),
        help="whoever logs in by a key of the cloud is told to use the default user",
    )
    snapuser: Optional[str] = option(Text, default=None, apart=True, help="an Ubuntu SSO address, for snap create-user")

    def over(self, weaker: Person) -> Person:
        """This person, with what is not said here taken from the other."""
        mine, blank = self.items(), Person()
        return weaker.but(**{f: v for f, v in mine.items() if v != getattr(blank, f)})

    @property
    def group_names(self) -> Tuple[str, ...]:
        return tuple(_names(self.groups))

    @property
    def rules(self) -> Tuple[str, ...]:
        """The sudo rules, none for null and false."""
        rules = (self.sudo,) if isinstance(self.sudo, str) else self.sudo or ()
        return tuple(r for r in rules if r) if isinstance(rules, tuple) else ()


class _PersonShape(Record):
    """A mapping that names a user. Without a name it means the default user, which the reference's own schema calls
    wrong, and its users write all the same."""

    def __init__(self) -> None:
        super().__init__(Person)

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if isinstance(value, dict) and ("name" in value) == ("snapuser" in value):
            problem = "has both name and snapuser" if "name" in value else "has no name"
            found.append(Problem(path, f"this user {problem}", "write one of name and snapuser", "wrong"))
        return super().parse(value, path, found)


class _Name(Text):
    """A number is no name that anybody meant."""

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        return super().parse(value, path, found) if isinstance(value, str) else self.bad(value, path, found)


PERSON, NAME = _PersonShape(), _Name()
MEMBERS = AnyOf(Text, ListOf(Text, least=1))
GROUP = MapOf(MEMBERS, keys="^.+$", fits=is_line)


class Who(Noun):
    """The three keys as a document has them."""

    users: Any = option(
        AnyOf(ListOf(AnyOf(NAME, ListOf(NAME), PERSON), apart=True), NAME, MapOf(Anything)),
        default=("default",),
        apart=True,
        help="users to make; default is the distribution's own, and an empty list is nobody",
    )
    user: Any = option(
        AnyOf(NAME, PERSON), default=None, apart=True, help="changes to the default user, or another name for it"
    )
    groups: Any = option(
        AnyOf(NAME, ListOf(AnyOf(NAME, GROUP), least=1), GROUP),
        default=None,
        apart=True,
        help="groups to make, each with the users who are to be its members",
    )


class Roster(Noun):
    """Everybody, settled: ``default`` is the name of the default user, empty where there is none; ``groups`` are
    names with their members."""

    people: Tuple[Person, ...] = ()
    default: str = ""
    groups: Tuple[Tuple[str, Tuple[str, ...]], ...] = ()

    def person(self, name: str) -> Optional[Person]:
        return next((p for p in self.people if p.name == name), None)


def roster(config: Mapping[str, Any]) -> Roster:
    """Who a merged config asks for. What is wrong in it is the affair of the module that makes users."""
    return settled(parse(Record(Who, open=True), dict(config))[0], config)


def settled(who: Who, config: Mapping[str, Any]) -> Roster:
    """The same of options that are read already; ``config`` tells the image's default user."""
    image = (config.get("system_info") or {}).get("default_user")
    default = parse(Record(Person, open=True), image)[0] if isinstance(image, dict) else Person()
    if who.user is not None:
        mine = Person(name=who.user) if isinstance(who.user, str) else who.user
        default = mine.over(default)
    people: Dict[str, Person] = {}
    named = ""
    for person in (*_people(who.users), *([Person(name="default")] if who.user is not None else [])):
        if person.name in ("", "default") and not person.snapuser:
            named = default.name
            person = person.but(name=named).over(default)
        if person.name or person.snapuser:
            key = person.name or f"snap {person.snapuser}"
            people[key] = person.over(people[key]) if key in people else person
    return Roster(tuple(people.values()), named, tuple(_groups(who.groups)))


def _people(users: Union[str, Tuple[Any, ...], Mapping[str, Any], None]) -> Iterator[Person]:
    if isinstance(users, str):
        yield from (Person(name=name) for name in _names(users))
    elif isinstance(users, dict):
        for name, about in users.items():
            if about is not False:
                given = parse(Record(Person, open=True), about)[0] if isinstance(about, dict) else Person()
                yield given.but(name=name)
    else:
        for item in users or ():
            if isinstance(item, Person):
                yield item
            else:
                yield from (Person(name=name) for name in _names(item))


def _groups(groups: Any) -> Iterator[Tuple[str, Tuple[str, ...]]]:
    if isinstance(groups, dict):
        for name, members in groups.items():
            yield name, tuple(_names(members))
    elif isinstance(groups, str):
        yield from ((name, ()) for name in _names(groups))
    else:
        for item in groups or ():
            yield from _groups(item)


def _names(value: Any) -> Iterator[str]:
    """Names in a list, in a mapping's keys, or in a text with commas."""
    for part in [value] if isinstance(value, str) else value or ():
        yield from (name.strip() for name in str(part).split(",") if name.strip())
