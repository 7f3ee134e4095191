"""rh_subscription: registers a Red Hat system, and chooses its repositories.

    rh_subscription:
      username: joe@example.org
      password: an example of a password
      auto_attach: true
      service_level: self-support
      add_pool: [8a8c9d0e]
      enable_repo: [codeready-builder-for-rhel-9-x86_64-rpms]
      disable_repo: [rhel-9-supplementary]
      release_version: "9.4"

With ``username`` and ``password``, or with ``org`` and ``activation_key``; the password goes to subscription-manager by
its standard input, but an activation key it takes as an argument only, which others on the machine can see while it
runs. A system that is registered already is not registered again. An activation key brings its own subscriptions, so
that ``auto_attach`` is for a user's account.
"""

from __future__ import annotations

from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Deprecated, Int, ListOf, SecretText, Text
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Optional, Tuple, Union

PROGRAM = "subscription-manager"
REGISTER_SECONDS = 300.0
SINCE = "25.3"


class Options(Noun):
    username: str = option(Text, default="", help="the account to register with")
    password: Optional[Secret] = option(SecretText, default=None, help="its password")
    activation_key: Optional[Secret] = option(
        SecretText, default=None, was=("activation-key", SINCE), help="a key to register with, beside org"
    )
    org: Union[str, int] = option(
        AnyOf(Text(), Deprecated(Int, "24.2", "a text")), default="", help="the organization's number"
    )
    auto_attach: bool = option(Bool, default=False, was=("auto-attach", SINCE), help="attach what suits the system")
    service_level: str = option(
        Text, default="", was=("service-level", SINCE), help="the level of support to attach for; with auto_attach"
    )
    add_pool: Tuple[str, ...] = option(ListOf(Text), default=(), was=("add-pool", SINCE), help="pools to attach, by id")
    enable_repo: Tuple[str, ...] = option(
        ListOf(Text), default=(), was=("enable-repo", SINCE), help="repositories to enable, by id"
    )
    disable_repo: Tuple[str, ...] = option(
        ListOf(Text), default=(), was=("disable-repo", SINCE), help="repositories to disable, by id"
    )
    release_version: str = option(Text, default="", help="the minor release to stay at")
    rhsm_baseurl: str = option(Text, default="", was=("rhsm-baseurl", SINCE), help="where content comes from")
    server_hostname: str = option(Text, default="", was=("server-hostname", SINCE), help="the subscription service")


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.service_level and not options.auto_attach:
        raise CloudbootError("rh_subscription.service_level is about auto_attach, which is not asked for")
    if system.query(PROGRAM, "identity").code:
        _register(system, options)
    trouble = Trouble()
    if options.auto_attach and not options.activation_key:
        level = [f"--servicelevel={options.service_level}"] if options.service_level else []
        with trouble:
            system.run(PROGRAM, "attach", "--auto", *level, timeout=REGISTER_SECONDS)
    if options.add_pool:
        with trouble:
            system.run(PROGRAM, "attach", *(f"--pool={pool}" for pool in options.add_pool), timeout=REGISTER_SECONDS)
    repositories = [*(f"--enable={name}" for name in options.enable_repo),
                    *(f"--disable={name}" for name in options.disable_repo)]  # fmt: skip
    if repositories:
        with trouble:
            system.run(PROGRAM, "repos", *repositories, timeout=REGISTER_SECONDS)
    if options.release_version:
        with trouble:
            system.run(PROGRAM, "release", f"--set={options.release_version}")
            system.run("dnf" if system.which("dnf") else "yum", "clean", "all")
    trouble.tell()


def _register(system: System, options: Options) -> None:
    """Registers the system, with a key or an account. Raises `CloudbootError` where there is neither."""
    words = [f"--serverurl={options.server_hostname}"] if options.server_hostname else []
    words += [f"--baseurl={options.rhsm_baseurl}"] if options.rhsm_baseurl else []
    words += [f"--org={options.org}"] if options.org else []
    if options.activation_key and options.org:
        key = f"--activationkey={options.activation_key.reveal()}"
        system.run(PROGRAM, "register", key, *words, timeout=REGISTER_SECONDS, quiet=True,
                   describe=f"register with {PROGRAM}, by an activation key")  # fmt: skip
    elif options.username and options.password:
        answer = Secret(options.password.reveal() + "\n")
        system.run(PROGRAM, "register", f"--username={options.username}", *words, stdin=answer, quiet=True,
                   timeout=REGISTER_SECONDS)  # fmt: skip
    else:
        raise CloudbootError("rh_subscription says not how to register",
                             "give username and password, or org and activation_key")  # fmt: skip


MODULE = Module("rh_subscription", Stage.CONFIG, Every.INSTANCE, Options, apply, key="rh_subscription",
                distros=("fedora", "rhel"), after=("ubuntu_pro",))  # fmt: skip
