"""ansible: install Ansible, and let it make this machine what a repository says, or others from here.

    ansible:
      install_method: distro
      package_name: ansible-core
      galaxy:
        actions:
          - [ansible-galaxy, collection, install, community.general]
      pull:
        - url: https://github.com/example/site.git
          playbook_names: [ubuntu.yml, watermark.yml]
          accept_host_key: true
      setup_controller:
        repositories:
          - path: /srv/site
            source: https://github.com/example/fleet.git
        run_ansible:
          - playbook_dir: /srv/site
            playbook_name: start.yml
            forks: 2

First come the commands of ``galaxy``, then each entry of ``pull`` with ansible-pull, then ``setup_controller``: its
repositories are cloned by git, and each entry of ``run_ansible`` is a run of ansible-playbook in its ``playbook_dir``.
Their other keys are the options of those programs, with ``_`` or ``-``: true is the bare option, false leaves it out.
All of it runs as ``run_user``, root where there is none; pip then installs into that user's home. ``ansible_config`` is
the path of the configuration file. An ansible-pull before 2.12 takes one playbook at a time and is run for each.
"""

from __future__ import annotations

from cloudboot.admin import accounts, packages
from cloudboot.admin.program_words import Words, as_words
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Deprecated, ListOf, Number, Text
from cloudboot.system.door import System
from cloudboot.text import safe_url

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

    from cloudboot.system.actions import Outcome

RUN_SECONDS = 6 * 3600.0
PIP = {"alpine": "py3-pip", "arch": "python-pip", "gentoo": "dev-python/pip"}
"""The package that brings pip, where it is not python3-pip."""
PLAYBOOKS = ("playbook_names", "playbook_name")
BOTH = {
    "playbook_name": Text,
    "diff": Bool,
    **dict.fromkeys(("module_path", "vault_id", "vault_password_file", "inventory", "scp_extra_args", "private_key",
                     "sftp_extra_args", "connection", "module_name", "sleep", "tags", "skip_tags"), Text),
}  # fmt: skip
PULL = {
    **BOTH,
    **dict.fromkeys(("accept_host_key", "clean", "full", "verify_commit"), Bool),
    **dict.fromkeys(("ssh_common_args", "checkout", "timeout", "url"), Text),
    "playbook_name": Deprecated(Text, "25.2", "playbook_names"),
    "playbook_names": ListOf(Text),
}
PLAY = {
    **BOTH,
    **dict.fromkeys(("list_hosts", "syntax_check", "check"), Bool),
    **dict.fromkeys(("timeout", "background", "poll", "forks"), Number(least=0)),
    **dict.fromkeys(("playbook_dir", "become_password_file", "connection_password_file", "args", "extra_vars"), Text),
}


HELP = {
    "url": "the repository with the playbooks",
    "playbook_names": "playbooks to run, in this order",
    "playbook_name": "the playbook to run",
    "playbook_dir": "the folder to run it in",
    "args": "further arguments, as one text",
}
PULLS = Words("ansible-pull", PULL, needs=(("url",), PLAYBOOKS), help=HELP)


class Galaxy(Noun):
    actions: Tuple[Tuple[str, ...], ...] = option(ListOf(ListOf(Text)), default=(), required=True, help="commands")


class Repository(Noun):
    path: str = option(Text, default="", required=True, help="where the clone is to be")
    source: str = option(Text, default="", required=True, help="what to clone")


class Controller(Noun):
    repositories: Tuple[Repository, ...] = option(ListOf(Repository), default=(), help="what git clones, and where to")
    run_ansible: Tuple[Mapping[str, Any], ...] = option(
        ListOf(Words("ansible-playbook", PLAY, open=True, help=HELP)),
        default=(),
        help="runs of ansible-playbook: directory, playbook and options",
    )


class Options(Noun):
    install_method: str = option(Choice("distro", "pip"), default="distro", help="a package, or pip")
    package_name: str = option(Text, default="ansible", help="what is installed")
    run_user: Optional[str] = option(Text, default=None, help="the user that all of it runs as")
    ansible_config: Optional[str] = option(Text, default=None, help="path of the configuration file")
    galaxy: Optional[Galaxy] = option(Galaxy, default=None, help="collections and roles to install first")
    pull: Any = option(
        AnyOf(ListOf(PULLS), Deprecated(PULLS, "25.2", "a list")), default=(), help="runs of ansible-pull"
    )
    setup_controller: Optional[Controller] = option(Controller, default=None, help="what to run on other machines")


def apply(system: System, options: Options, boot: Boot) -> None:
    _install(system, options, boot)
    for action in options.galaxy.actions if options.galaxy else ():
        if action:
            _run(system, options, *action)
    for pull in (options.pull,) if isinstance(options.pull, dict) else options.pull:
        _pull(system, options, pull)
    control = options.setup_controller or Controller()
    for repository in control.repositories:
        _clone(system, options, repository)
    for play in control.run_ansible:
        given = {name.replace("-", "_"): value for name, value in play.items()}
        folder, book = given.pop("playbook_dir", "/"), given.pop("playbook_name", None)
        words = (*([book] if book else []), *as_words(given))
        _run(system, options, "ansible-playbook", *words, cwd=folder, machine=True,
             describe=f"run ansible-playbook {book or ''}".rstrip())  # fmt: skip


def _install(system: System, options: Options, boot: Boot) -> None:
    os = boot.host.os
    if options.install_method == "distro":
        packages.ensure(system, os, options.package_name)
        return
    packages.ensure(system, os, PIP.get(os.family, "python3-pip"))
    pythons = [name for name in system.names("/usr/lib") if name.startswith("python3")]
    managed = any(system.exists(f"/usr/lib/{name}/EXTERNALLY-MANAGED") for name in pythons)
    words = (*(("--break-system-packages",) if managed else ()), *(("--user",) if options.run_user else ()))
    _run(system, options, "python3", "-m", "pip", "install", "--no-input", *words, options.package_name)


def _pull(system: System, options: Options, pull: Mapping[str, Any]) -> None:
    books = pull.get("playbook_names") or [book for book in (pull.get("playbook_name"),) if book]
    words = tuple(as_words({name: value for name, value in pull.items() if name not in PLAYBOOKS}))
    for some in [[book] for book in books] if _is_old(system) else [books]:
        _run(system, options, "ansible-pull", *words, *some, machine=True,
             describe=f"run ansible-pull of {safe_url(pull['url'])}: {' '.join(some)}")  # fmt: skip


def _is_old(system: System) -> bool:
    """Whether ansible-pull is one that takes a single playbook; one that cannot be asked is none."""
    import re

    found = re.search(rb"(\d+)\.(\d+)", system.query("ansible-pull", "--version").stdout)
    return found is not None and (int(found[1]), int(found[2])) < (2, 12)


def _clone(system: System, options: Options, repository: Repository) -> None:
    words = ("git", "clone", repository.source, repository.path)
    about = f"clone {safe_url(repository.source)} to {repository.path}"
    if _run(system, options, *words, in_doubt="skip", describe=about).doubted:  # the power may have left half of it
        system.remove(repository.path, tree=True)
        _run(system, options, *words, describe=f"{about} again")


def _run(system: System, options: Options, *argv: str, **more: Any) -> Outcome:
    env = {"ANSIBLE_CONFIG": options.ansible_config} if options.ansible_config else {}
    if options.run_user:
        home = accounts.expected(system, options.run_user).home
        env["PATH"] = f"{home}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        more.setdefault("cwd", home)
    return system.run(*argv, user=options.run_user, env=env, timeout=RUN_SECONDS, stream=True, **more)


MODULE = Module("ansible", Stage.FINAL, Every.INSTANCE, Options, apply, key="ansible", after=("chef",))
