"""rsyslog: what this machine logs, and where to.

    rsyslog:
      configs:
        - "*.* @@192.158.1.1"
        - filename: 01-example.conf
          content: |
            module(load="imtcp")
            input(type="imtcp" port="514")
      remotes:
        maas: 192.168.1.1
        juju: "*.* @@[2001:db8::1]:10514 # by TCP"
      config_dir: /etc/rsyslog.d
      service_reload_command: [service, rsyslog, restart]

``configs`` are written to files of ``config_dir``, those without a name to ``config_filename``; entries of one name
make one file. ``remotes`` are names of log servers and how to reach them: ``[match] [@[@]]address[:port] [# comment]``
with one ``@`` for UDP (also where there is none) and two for TCP; they are added to ``config_filename``. rsyslog then
reads its configuration again. ``install_rsyslog`` installs ``packages`` where ``check_exe`` is missing.
"""

from __future__ import annotations

from cloudboot.admin import packages, services
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Anything, Bool, Choice, Deprecated, ListOf, MapOf, Record, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

FOLDER, FILE = "/etc/rsyslog.d", "20-cloudboot.conf"


class Part(Noun):
    content: str = option(Text, required=True, default="", help="lines of configuration")
    filename: str = option(Text, default="", help="the file they go to")


CONFIGS = ListOf(AnyOf(Text, Record(Part)), apart=True)


class Rsyslog(Noun):
    configs: Tuple[Union[str, Part], ...] = option(
        CONFIGS, default=(), help="configuration, as text or with a filename"
    )
    remotes: Mapping[str, Any] = option(MapOf(Anything), default={}, help="names of log servers, and how to reach them")
    config_dir: str = option(Text, default=FOLDER, help="the folder that rsyslog reads")
    config_filename: str = option(Text, default=FILE, help="the file for what has no filename of its own")
    service_reload_command: Union[str, Tuple[str, ...]] = option(
        AnyOf(ListOf(Text), Choice("auto")), default="auto", help="how to make rsyslog read its configuration again"
    )
    install_rsyslog: bool = option(Bool, default=False, help="install rsyslog where it is missing")
    check_exe: str = option(Text, default="rsyslogd", help="the program whose absence means that it is missing")
    packages: Tuple[str, ...] = option(ListOf(Text, unique=True), default=("rsyslog",), help="what to install then")


class Options(Noun):
    rsyslog: Union[Rsyslog, Tuple[Union[str, Part], ...], None] = option(
        AnyOf(Record(Rsyslog), Deprecated(CONFIGS, "18.0", "rsyslog.configs")), default=None, help="logging by rsyslog"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    wanted = Rsyslog(options.rsyslog) if isinstance(options.rsyslog, tuple) else options.rsyslog
    if wanted is None:
        return
    if wanted.install_rsyslog and not system.which(wanted.check_exe):
        packages.ensure(system, boot.host.os, *wanted.packages)
    files = _files(system, wanted)
    changed = [path for path, content in files.items() if system.write(path, content)]
    if changed and wanted.service_reload_command == "auto":
        services.reload(system, boot.host.os, "rsyslog")
    elif changed:
        system.run(*wanted.service_reload_command)


def _files(system: System, wanted: Rsyslog) -> Dict[str, str]:
    """What each file is to hold, by its path."""
    main = _path(wanted, wanted.config_filename)
    files: Dict[str, str] = {}
    for part in wanted.configs:
        content = part if isinstance(part, str) else part.content
        path = main if isinstance(part, str) or not part.filename else _path(wanted, part.filename)
        files[path] = files.get(path, "") + content.rstrip("\n") + "\n"
    lines: List[str] = []
    for name, value in wanted.remotes.items():
        line = _remote(name, str(value)) if value else ""
        if line is None:
            system.warn(f"rsyslog.remotes.{name} is not of the form [match] [@[@]]address[:port]; it is left out")
        elif line:
            lines.append(line)
    if lines:
        files[main] = files.get(main, "") + "".join(f"{line}\n" for line in ("# remotes", *lines))
    return files


def _path(wanted: Rsyslog, name: str) -> str:
    return name if name.startswith("/") else f"{wanted.config_dir.rstrip('/')}/{name}"


def _remote(name: str, value: str) -> Optional[str]:
    """A line of configuration for one log server; None for what describes none."""
    import re

    rule, _, comment = " ".join(value.split()).partition("#")
    match, _, target = rule.strip().rpartition(" ")
    found = re.fullmatch(r"(@{0,2})(?:\[([^\]]+)\]|([^\s:@\[\]]+))(?::(\d+))?", target.strip())
    if not found:
        return None
    how, bracketed, plain, port = found.groups()
    address = f"[{bracketed}]" if bracketed and ":" in bracketed else bracketed or plain
    return f"{match.strip() or '*.*'} {how or '@'}{address}{':' + port if port else ''} # {comment.strip() or name}"


MODULE = Module("rsyslog", Stage.NETWORK, Every.INSTANCE, Options, apply, after=("write_files", "ca_certs"))
