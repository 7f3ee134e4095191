"""zypper_add_repo: further repositories for zypper, and settings of its library.

    zypper:
      repos:
        - id: example
          name: Packages of Example
          baseurl: https://packages.example.org/opensuse
          gpgcheck: true
      config:
        solver.onlyRequires: true

Each repository becomes a file in /etc/zypp/repos.d, enabled and refreshed by itself unless it says otherwise; a file of
that name that somebody else made stays as it is. ``config`` are settings of /etc/zypp/zypp.conf: one that is in the
file, as a comment too, is set where it stands. ``configdir`` cannot be set: the file that would say so is in it.
"""

from __future__ import annotations

from cloudboot.admin import rpm_repositories
from cloudboot.admin.rpm_repositories import HEAD, Settings, Value, spelled
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import ListOf, MapOf, Record, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple

FOLDER, CONF = "/etc/zypp/repos.d", "/etc/zypp/zypp.conf"
DEFAULTS = {"enabled": True, "autorefresh": True}


class Zypper(Noun):
    _least = 1
    repos: Tuple[Optional[Mapping[str, Any]], ...] = option(
        ListOf(Settings(all_of=("id", "baseurl"), known={"id": Text()}), least=1), default=(), help="repositories"
    )
    config: Mapping[str, Any] = option(MapOf(Value), default={}, help="settings of zypp.conf")


class Options(Noun):
    zypper: Zypper = option(Record(Zypper, open=True), default=Zypper(), help="what zypper is told")


def apply(system: System, options: Options, boot: Boot) -> None:
    for given in options.zypper.repos:
        if given is None:
            continue
        settings = {**DEFAULTS, **{name: value for name, value in given.items() if name != "id"}}
        repository = rpm_repositories.repository(str(given["id"]), settings)
        path = f"{FOLDER}/{repository.file}"
        before = system.text(path)
        if before is None or before.startswith(HEAD):
            system.write(path, str(repository))
    config = {name: spelled(value) for name, value in options.zypper.config.items() if name != "configdir"}
    if "configdir" in options.zypper.config:
        system.warn("zypper.config.configdir cannot be set and is left out")
    if config:
        system.write(CONF, _set(system.text(CONF) or "[main]\n", config))


def _set(text: str, config: Mapping[str, str]) -> str:
    """The file with these settings in the section main, which is its only one."""
    lines = text.splitlines()
    for name, value in config.items():
        said = [i for i, line in enumerate(lines) if _name(line) == name]
        said = said or [i for i, line in enumerate(lines) if _name(line.lstrip("# ")) == name][-1:]
        lines[said[0] if said else len(lines) : said[0] + 1 if said else len(lines)] = [f"{name} = {value}"]
        lines = [line for i, line in enumerate(lines) if _name(line) != name or line == f"{name} = {value}"]
    return "".join(line + "\n" for line in lines)


def _name(line: str) -> str:
    return line.partition("=")[0].strip() if "=" in line else ""


MODULE = Module("zypper_add_repo", Stage.CONFIG, Every.BOOT, Options, apply, distros=("suse",),
                after=("locale",))  # fmt: skip
