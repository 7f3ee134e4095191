"""fan: an overlay network by arithmetic, for containers on Ubuntu.

    fan:
      config: |
        # fan 240
        10.0.0.0/8 eth0/16 dhcp
        10.0.0.0/8 eth1/16 dhcp off
      config_path: /etc/network/fan

Writes the file and has it taken up. Each line is an overlay, an underlay (an interface or an address, with a prefix)
and options of fanctl(8); a line of which no fan can be made is refused before anything is written. ubuntu-fan is
installed where ``fanctl`` is missing, after the file, so that its first start finds it; its service does the rest.
Where fanctl has no service of its own, ifupdown gets a stanza for each fan, and where something else manages the
network, systemd a unit that runs fanctl; a fan that is ``off`` is left to its owner.
"""

from __future__ import annotations

from cloudboot.admin import packages, services
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.network import HEADER
from cloudboot.network.fan import fans
from cloudboot.network.program import choose_renderer
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Tuple

    from cloudboot.network.fan import Fan

SERVICE = "ubuntu-fan"
UNIT = "cloudboot-fan.service"
STANZAS = "/etc/network/interfaces.d/60-cloudboot-fan"
KNOWN = ("dhcp", "off")
FOLDERS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")


class Options(Noun):
    config: Optional[str] = option(Text, required=True, help="the whole content of the file, see fanctl(8)")
    config_path: str = option(Text, default="/etc/network/fan", help="the file")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.config:
        return
    found, os, fanctl = fans(options.config), boot.host.os, system.which("fanctl")
    served = not fanctl or any(system.exists(f"{folder}/{SERVICE}.service") for folder in FOLDERS) \
        or system.exists(f"/etc/init.d/{SERVICE}")  # fmt: skip
    for_ifupdown = not served and choose_renderer(system, os) == "eni"
    changed = system.write(options.config_path, options.config.rstrip("\n") + "\n")
    if not fanctl:
        packages.ensure(system, os, SERVICE)
    if served:
        if changed:
            services.restart(system, os, SERVICE)
        return
    for fan in found:
        for word in fan.options:
            if word not in KNOWN:
                system.warn(f"fan {fan.overlay}: {word}: only the service {SERVICE} takes it; left out")
    found = tuple(fan for fan in found if fan.is_automatic)
    if for_ifupdown:
        made = system.write(STANZAS, stanzas(found, str(fanctl)))
        for fan in found if made else ():
            system.run("ifup", fan.bridge, check=False, machine=True)
    elif system.write(f"/etc/systemd/system/{UNIT}", unit(found, str(fanctl))):
        system.run("systemctl", "daemon-reload", machine=True)
        services.enable(system, os, UNIT)
        services.restart(system, os, UNIT)


def stanzas(found: Tuple[Fan, ...], fanctl: str) -> str:
    """The bridge of each fan as an interface of ifupdown, which fanctl makes and takes away."""
    text = HEADER
    for fan in found:
        text += f"\n{_slice(fan)}auto {fan.bridge}\niface {fan.bridge} inet manual\n"
        text += f"    pre-up {fanctl} {' '.join(fan.command('up'))}\n"
        text += f"    post-down {fanctl} {' '.join(fan.command('down'))}\n"
    return text


def unit(found: Tuple[Fan, ...], fanctl: str) -> str:
    """A unit that makes the fans when the network is there, and takes them away in reverse."""
    up = "".join(f"{_slice(fan)}ExecStart={fanctl} {' '.join(fan.command('up'))}\n" for fan in found)
    down = "".join(f"ExecStop=-{fanctl} {' '.join(fan.command('down'))}\n" for fan in reversed(found))
    return (f"{HEADER}[Unit]\nDescription=Fan networks of this host\nWants=network-online.target\n"
            f"After=network-online.target\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutStartSec=60\n"
            f"{up}{down}\n[Install]\nWantedBy=multi-user.target\n")  # fmt: skip


def _slice(fan: Fan) -> str:
    return f"# this host has {fan.slice}\n" if fan.slice else ""


MODULE = Module("fan", Stage.FINAL, Every.INSTANCE, Options, apply, key="fan", distros=("ubuntu",),
                after=("package_update_upgrade_install",))  # fmt: skip
