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
        central:
          host: logs.example.org
          protocol: relp
          tls: true
          match: "*.info;cron.none"
      config_dir: /etc/rsyslog.d
      service_reload_command: [service, rsyslog, restart]

``configs`` are written to files of ``config_dir``, those without a name to ``config_filename``; entries of one name
make one file. ``remotes`` are names of log servers and how to reach them: ``[match] [@[@]]address[:port] [# comment]``
with one ``@`` for UDP (also where there is none) and two for TCP; they are added to ``config_filename``. A running
rsyslog is then restarted: nothing else has it read its configuration again. ``install_rsyslog`` installs ``packages``
where ``check_exe`` is missing.

A remote that is a mapping is a central log server: by relp, tcp or udp, with TLS where ``tls`` is true. Messages for
one that is away wait on disk, up to ``queue_size``, and arrive when it is back. Each bears the instance's id, as
structured data and as the property ``$!instance_id``, so that one search finds all that a machine said. What rsyslog
needs for that is installed, and rsyslog itself where it is missing. TLS over tcp needs rsyslog 8.2108 or newer.
"""

from __future__ import annotations

from cloudboot.admin import accounts, forwarding, packages, services
from cloudboot.admin.forwarding import Remote, Target
from cloudboot.errors import Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Deprecated, ListOf, MapOf, Record, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union

FOLDER, FILE = "/etc/rsyslog.d", "20-cloudboot.conf"


class Part(Noun):
    content: str = option(Text, required=True, default="", help="lines of configuration")
    filename: str = option(Text, default="", help="the file they go to")


CONFIGS = ListOf(AnyOf(Text, Record(Part)), apart=True)


class Rsyslog(Noun):
    configs: Tuple[Union[str, Part], ...] = option(
        CONFIGS, default=(), help="configuration, as text or with a filename"
    )
    remotes: Mapping[str, Any] = option(MapOf(Remote), default={}, help="names of log servers, and how to reach them")
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
    targets = {_plain(name): value for name, value in wanted.remotes.items() if isinstance(value, Target)}
    needed = wanted.install_rsyslog or bool(targets)
    is_here = bool(system.which(wanted.check_exe))
    trouble = Trouble()
    if needed and not is_here:
        with trouble:
            packages.ensure(system, boot.host.os, *wanted.packages)
    files = _files(system, wanted)
    changed = []
    if targets:
        with trouble:
            _ensure(system, targets, boot)
        changed = _place(system, wanted, targets)
        main = _path(wanted, wanted.config_filename)
        files[main] = files.get(main, "") + "\n".join(_forwarding(system, wanted, targets, boot)) + "\n"
    changed += [path for path, content in files.items() if system.write(path, content)]
    if changed and wanted.service_reload_command == "auto":
        if needed:
            services.enable(system, boot.host.os, "rsyslog")
            services.restart(system, boot.host.os, "rsyslog")
        elif is_here:  # else it starts with these files when its package comes
            services.restart_running(system, boot.host.os, "rsyslog")
    elif changed:
        system.run(*wanted.service_reload_command)
    trouble.tell()


def _ensure(system: System, targets: Mapping[str, Target], boot: Boot) -> None:
    """Has the libraries installed that these servers are reached with."""
    found = {library: any(library in system.names(folder) for folder in _folders(system))
             for library in forwarding.LIBRARY.values()}  # fmt: skip
    names = forwarding.missing(boot.host.os, targets, found)
    if names:
        packages.ensure(system, boot.host.os, *names)


def _folders(system: System) -> Iterator[str]:
    for folder in ("/usr/lib", "/usr/lib64"):
        yield f"{folder}/rsyslog"
        yield from (f"{folder}/{name}/rsyslog" for name in system.names(folder) if name.endswith("-linux-gnu"))


def _place(system: System, wanted: Rsyslog, targets: Mapping[str, Target]) -> List[str]:
    """Writes keys and certificates, before what refers to them; which of them are new. The key is for whom rsyslog
    runs as, which is not root everywhere."""
    who = "syslog" if accounts.find(system, "syslog") else None
    files = {path: about for name, target in targets.items()
             for path, about in forwarding.files_of(name, target, wanted.config_dir.rstrip("/")).items()}  # fmt: skip
    return [path for path, (text, secret) in files.items()
            if system.write(path, text, mode=0o600 if secret else 0o644, owner=who if secret else None,
                            secret=secret)]  # fmt: skip


def _forwarding(system: System, wanted: Rsyslog, targets: Mapping[str, Target], boot: Boot) -> Iterator[str]:
    folder = wanted.config_dir.rstrip("/")
    spool = next((path for path in forwarding.SPOOLS if system.exists(path)), forwarding.SPOOLS[0])
    system.mkdir(spool, mode=0o700)
    yield from forwarding.head(boot.instance.id, targets)
    for name, target in targets.items():
        yield from forwarding.lines(name, target, boot.host.os, folder, spool)


def _plain(name: str) -> str:
    """A name that a file can have."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)


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
        line = _remote(name, str(value)) if value and not isinstance(value, Target) else ""
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
