"""apk_configure: where apk takes packages from.

    apk_repos:
      alpine_repo:
        base_url: https://mirror.example.org/alpine
        version: v3.20
        community_enabled: true
        testing_enabled: true
      local_repo_base_url: https://packages.example.org/alpine

/etc/apk/repositories is written anew: main of that version, and community and testing where they are enabled. There is
testing for edge only; on another version its packages may need newer ones of everything. A local repository is asked
for the same version; alone, it is added to what is in the file, for the version of this machine. With
``preserve_repositories: true`` the file stays as it is.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Null, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import List, Optional

PATH = "/etc/apk/repositories"
HEAD = "# Written by cloudboot for apk_repos. To keep a list of your own: preserve_repositories.\n"


class Alpine(Noun):
    _least = 1
    version: str = option(Text, required=True, help="v3.20, latest-stable, edge, ...")
    base_url: str = option(Text, default="https://dl-cdn.alpinelinux.org/alpine", help="the mirror")
    community_enabled: bool = option(Bool, default=False, help="take packages of community too")
    testing_enabled: bool = option(Bool, default=False, help="take packages of testing too")


class Options(Noun):
    _least = 1
    preserve_repositories: bool = option(Bool, default=False, help="leave the list as it is")
    alpine_repo: Optional[Alpine] = option(AnyOf(Alpine, Null), default=None, help="Alpine's own packages")
    local_repo_base_url: str = option(Text, default="", help="a repository of one's own, laid out as Alpine's")


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.preserve_repositories:
        return
    local = options.local_repo_base_url.rstrip("/")
    if options.alpine_repo:
        lines = _lines(options.alpine_repo) + ([f"{local}/{options.alpine_repo.version}"] if local else [])
        system.write(PATH, HEAD + "".join(line + "\n" for line in lines))
    elif local:
        before = (system.text(PATH) or "").splitlines()
        line = f"{local}/v{'.'.join(boot.host.os.version.split('.')[:2])}"
        if line not in before:
            system.write(PATH, "".join(each + "\n" for each in (*before, line)))


def _lines(alpine: Alpine) -> List[str]:
    mirror = alpine.base_url.rstrip("/")
    community = [f"{mirror}/{alpine.version}/community"] if alpine.community_enabled else []
    return [f"{mirror}/{alpine.version}/main", *community] + (
        [f"{mirror}/edge/testing"] if alpine.testing_enabled else []
    )


MODULE = Module("apk_configure", Stage.CONFIG, Every.INSTANCE, Options, apply, key="apk_repos", distros=("alpine",),
                after=("locale",))  # fmt: skip
