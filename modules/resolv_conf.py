"""resolv_conf: whom this machine asks for addresses.

    manage_resolv_conf: true
    resolv_conf:
      nameservers: [8.8.8.8, 8.8.4.4]
      searchdomains: [foo.example.com, bar.example.com]
      domain: example.com
      options:
        rotate: true
        timeout: 1

Writes /etc/resolv.conf; where that is systemd-resolved's, a drop-in of its configuration. Only with
``manage_resolv_conf``, and only on the distributions that have no better place for it in their network configuration
(the Red Hat and SUSE families, Alpine). Elsewhere name servers are the affair of the network's configuration.
"""

from __future__ import annotations

from cloudboot.admin import services
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Int, ListOf, MapOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Iterator, Mapping, Optional, Tuple, Union

PATH = "/etc/resolv.conf"
DROP_IN = "/etc/systemd/resolved.conf.d/50-cloudboot.conf"
NOTE = "# Written by cloudboot for manage_resolv_conf.\n"


class Servers(Noun):
    nameservers: Tuple[str, ...] = option(ListOf(Text), default=(), help="addresses of name servers, asked in order")
    searchdomains: Tuple[str, ...] = option(ListOf(Text), default=(), help="domains that short names are looked up in")
    domain: str = option(Text, default="", help="the domain of this machine")
    sortlist: Tuple[str, ...] = option(ListOf(Text), default=(), help="networks whose addresses come first")
    options: Mapping[str, Union[bool, int, str]] = option(
        MapOf(AnyOf(Bool, Int, Text)), default={}, help="options of the resolver: true, or a value"
    )


class Options(Noun):
    manage_resolv_conf: bool = option(Bool, default=False, help="whether the file is written")
    resolv_conf: Optional[Servers] = option(Servers, default=None, help="what it is to say")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.manage_resolv_conf:
        return
    wanted = options.resolv_conf
    if wanted is None:
        system.warn("manage_resolv_conf is true, and there is no resolv_conf to write")
        return
    entry = system.look(PATH)
    if entry and entry.kind == "link" and "systemd/resolve" in entry.target:
        if system.write(DROP_IN, NOTE + "".join(_resolved(wanted))):
            services.restart(system, boot.host.os, "systemd-resolved")
    else:
        system.write(PATH, NOTE + "".join(_plain(wanted)))


def _plain(wanted: Servers) -> Iterator[str]:
    if wanted.domain:
        yield f"domain {wanted.domain}\n"
    for server in wanted.nameservers:
        yield f"nameserver {server}\n"
    for name, values in (("search", wanted.searchdomains), ("sortlist", wanted.sortlist)):
        if values:
            yield f"{name} {' '.join(values)}\n"
    flags = [n if v is True else f"{n}:{v}" for n, v in wanted.options.items() if v is not False]
    if flags:
        yield f"options {' '.join(flags)}\n"


def _resolved(wanted: Servers) -> Iterator[str]:
    yield "[Resolve]\n"
    if wanted.nameservers:
        yield f"DNS={' '.join(wanted.nameservers)}\n"
    domains = dict.fromkeys((*((wanted.domain,) if wanted.domain else ()), *wanted.searchdomains))
    if domains:
        yield f"Domains={' '.join(domains)}\n"


MODULE = Module("resolv_conf", Stage.NETWORK, Every.INSTANCE, Options, apply, after=("update_etc_hosts",),
                distros=("alpine", "redhat", "suse", "photon"))  # fmt: skip
