"""yum_add_repo: further repositories for dnf and yum.

    yum_repos:
      epel-testing:
        name: Extra Packages for Enterprise Linux - Testing
        baseurl: https://dl.example.org/pub/epel/testing/9/$basearch
        enabled: false
        gpgcheck: true
        gpgkey: file:///etc/pki/rpm-gpg/RPM-GPG-KEY-EPEL

Each becomes a file of its own in ``yum_repo_dir``. It needs one of baseurl, metalink and mirrorlist; one that has none
of them is left out. All else is as in dnf.conf(5), true and false written as 1 and 0. A file of that name that somebody
else made stays as it is.
"""

from __future__ import annotations

from cloudboot.admin import rpm_repositories
from cloudboot.admin.rpm_repositories import HEAD, NAMES, URLS, Settings
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, MapOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

KNOWN = {"name": Text(), "enabled": Bool()}
IDS = r"^[0-9a-zA-Z -_]+$"


class Options(Noun):
    yum_repo_dir: str = option(Text, default="/etc/yum.repos.d", help="the folder of the files")
    yum_repos: Mapping[str, Optional[Mapping[str, Any]]] = option(
        MapOf(Settings(one_of=URLS, keys=NAMES, known=KNOWN), keys=IDS, least=1),
        default={},
        help="repositories, by name",
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    for name, settings in options.yum_repos.items():
        if settings is None:
            continue
        repository = rpm_repositories.repository(name, settings)
        path = f"{options.yum_repo_dir.rstrip('/')}/{repository.file}"
        before = system.text(path)
        if before is None or before.startswith(HEAD):
            system.write(path, str(repository))


MODULE = Module("yum_add_repo", Stage.CONFIG, Every.INSTANCE, Options, apply, distros=("redhat",),
                after=("rh_subscription", "spacewalk"))  # fmt: skip
