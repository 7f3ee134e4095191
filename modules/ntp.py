"""ntp: whom this machine asks for the time, and with which program.

    ntp:
      enabled: true
      ntp_client: chrony
      pools: [0.example.pool.ntp.org, 1.example.pool.ntp.org]
      servers: [ntp.example.org, 192.168.23.2]
      peers: [km001]
      allow: [10.0.0.0/8]

``ntp_client`` is chrony, systemd-timesyncd, ntp, ntpdate or openntpd; ``auto`` is the first of them that is installed,
else chrony, which is installed then. Without servers and pools the distribution's own pool is asked. The file that was
there is kept beside the new one, with ``.dist`` at the end of its name. ``config`` changes where and how: its template
(in Jinja after a first line ``## template: jinja``, else with ``$servers`` and so on) is filled in with the lists; a
client of another name has to say all of it. ``enabled: false`` leaves the clock alone.
"""

from __future__ import annotations

from cloudboot.admin import packages, services, time_clients
from cloudboot.admin.time_clients import Client, Sources
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Tuple

    from cloudboot.values import Os

NAMES = ListOf(Text, unique=True)


class Config(Noun):
    _least = 1
    confpath: Optional[str] = option(Text, default=None, help="the file of its configuration")
    check_exe: Optional[str] = option(Text, default=None, help="the program that is there when it is installed")
    packages: Optional[Tuple[str, ...]] = option(NAMES, default=None, help="what to install where it is not")
    service_name: Optional[str] = option(Text, default=None, help="the service to restart")
    template: Optional[str] = option(Text, default=None, help="the file's content, with names for the lists")


class Options(Noun):
    pools: Tuple[str, ...] = option(NAMES, default=(), help="names that each stand for many servers")
    servers: Tuple[str, ...] = option(NAMES, default=(), help="servers to ask")
    peers: Tuple[str, ...] = option(NAMES, default=(), help="machines that ask each other")
    allow: Tuple[str, ...] = option(NAMES, default=(), help="networks that may ask this machine")
    ntp_client: str = option(Text, default="auto", help="the program, or auto for the one that is there")
    enabled: bool = option(Bool, default=True, help="whether anything is done")
    config: Optional[Config] = option(Config, default=None, help="what is different about the program")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.enabled:
        return
    os = boot.host.os
    config = options.config or Config()
    client = _client(system, options, os)
    pools = options.pools or (() if options.servers else time_clients.default_pools(os))
    content = _content(client, config, Sources(options.servers, pools, options.peers, options.allow))
    if client.packages and not time_clients.is_there(system, client):
        packages.ensure(system, os, *client.packages)
    before = system.text(client.confpath)
    if before not in (None, content) and not system.exists(f"{client.confpath}.dist"):
        system.write(f"{client.confpath}.dist", before or "")
    if system.write(client.confpath, content):
        services.restart(system, os, client.service_name)


def _client(system: System, options: Options, os: Os) -> Client:
    """The program asked for, as the distribution has it and ``config`` changes it."""
    changes = {k: v for k, v in (options.config or Config()).items().items() if v is not None and k != "template"}
    if options.ntp_client == "auto":
        return time_clients.fitting(system, os).but(**changes)
    try:
        return time_clients.client(options.ntp_client, os).but(**changes)
    except KeyError:
        pass
    missing = [k for k, v in (options.config or Config()).items().items() if v is None]
    if missing:
        known = ", ".join(c.name for c in time_clients.ALL)
        raise CloudbootError(
            f"ntp.ntp_client is none of {known}, and ntp.config does not say its {missing[0]}",
            "write the name of one of these, or describe the program whole",
        )
    return time_clients.CHRONY.but(name=options.ntp_client, **changes)


def _content(client: Client, config: Config, sources: Sources) -> str:
    if config.template is None:
        return "# Written by cloudboot for ntp.\n" + "".join(line + "\n" for line in client.write(sources))
    from cloudboot.userdata import basic, template

    values = {name: list(names) for name, names in sources.items().items()}
    if template.is_template(config.template):
        return template.render(config.template, template.variables(values), "ntp.config.template").text
    return basic.fill(config.template, values)


MODULE = Module(
    "ntp",
    Stage.CONFIG,
    Every.INSTANCE,
    Options,
    apply,
    key="ntp",
    after=("apk_configure", "apt_configure", "locale", "ubuntu_pro", "yum_add_repo", "zypper_add_repo"),
    bare=True,
)
