"""update_etc_hosts: keeps the machine's own name in /etc/hosts.

    manage_etc_hosts: localhost

With localhost, only the line of the machine's own address is seen to (127.0.1.1 on the Debian family, else 127.0.0.1)
and every other line stays. With true, the whole file is written anew at every boot, from hosts.FAMILY.tmpl in
/etc/cloudboot/templates or /etc/cloud/templates where the image has one: `hostname` and `fqdn` are filled in, in Jinja
or as $hostname and $fqdn.
"""

from __future__ import annotations

from cloudboot.admin import hostname
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import AnyOf, Choice, Deprecated, option
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any

    from cloudboot.admin.hostname import Names

HOSTS = "/etc/hosts"
TEMPLATES = ("/etc/cloudboot/templates", "/etc/cloud/templates")
SIX = """::1 localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
"""


class Options(Noun):
    """Whether, and how."""

    manage_etc_hosts: Any = option(
        AnyOf(Choice(True, False, "localhost"), Deprecated(Choice("template"), "22.3", "true")),
        default=False, help="true: the whole file; localhost: the line of the machine's own address; false: nothing",
    )  # fmt: skip


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.manage_etc_hosts is False:
        return
    names = hostname.names(boot.config, boot.instance)
    if not names.short:
        system.warn("/etc/hosts is left as it is: neither the document nor the cloud gives a host name")
        return
    family = boot.host.os.family
    if options.manage_etc_hosts == "localhost":
        _see_to_line(system, "127.0.1.1" if family == "debian" else "127.0.0.1", names)
    else:
        system.write(HOSTS, _whole(system, family, boot.host.os.id, names))


def _see_to_line(system: System, address: str, names: Names) -> None:
    """Adds the line, unless one of this address has both names already."""
    text = system.text(HOSTS) or ""
    wanted = names.full or names.short
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words[:2] == [address, wanted] and names.short in words[1:]:
            return
    end = "" if not text or text.endswith("\n") else "\n"
    system.write(HOSTS, f"{text}{end}{_line(address, names)}\n")


def _line(address: str, names: Names) -> str:
    return " ".join(dict.fromkeys(word for word in (address, names.full, names.short) if word))


def _whole(system: System, family: str, distro: str, names: Names) -> str:
    for folder in TEMPLATES:
        for name in dict.fromkeys((distro, family)):
            text = system.text(f"{folder}/hosts.{name}.tmpl")
            if text is not None:
                return _filled(text, names)
    if family == "debian":
        return f"{_line('127.0.1.1', names)}\n127.0.0.1 localhost\n{SIX}"
    return f"{_line('127.0.0.1', names)}\n127.0.0.1 localhost localhost.localdomain\n{_line('::1', names)}\n{SIX}"


def _filled(text: str, names: Names) -> str:
    from cloudboot.userdata.basic import fill
    from cloudboot.userdata.template import is_template, render

    data = {"hostname": names.short, "fqdn": names.full or names.short}
    return render(text, data).text if is_template(text) else fill(text, data)


MODULE = Module("update_etc_hosts", Stage.NETWORK, Every.BOOT, Options, apply, after=("mounts", "write_files"))
