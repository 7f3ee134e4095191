"""install_hotplug: follow network interfaces that come and go while the machine is up.

    updates:
      network: {when: [boot-new-instance, hotplug]}

At the end of each boot udev is told to ring at a pipe when an interface of the machine's hardware is added or removed;
systemd, which listens there, then starts ``cloudboot hotplug``: it asks the datasource what the network is now, writes
the files and brings up what came. Nothing stays in memory, and nothing of it outlives the boot. Some clouds (EC2,
Hetzner, VMware) have it so by themselves; what the owner writes takes the place of the cloud's own habit.

What came while the boot still ran is seen to as soon as it is over.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.network.nics import SEEN, nics_of
from cloudboot.network.source import HOTPLUG, Updates, events
from cloudboot.noun import Noun, option
from cloudboot.system.door import System

RULES = "/run/udev/rules.d/90-cloudboot-hotplug.rules"
RULE = """\
# By cloudboot, until the next boot: rings where cloudboot-hotplug.socket listens. What rang is found, not told: no name
# of an interface ever reaches a shell.
SUBSYSTEM!="net", GOTO="cloudboot_end"
ACTION!="add|remove", GOTO="cloudboot_end"
DEVPATH=="/devices/virtual/*", GOTO="cloudboot_end"
TEST=="/run/cloudboot/hotplug", RUN+="/bin/sh -c 'echo 1<>/run/cloudboot/hotplug'"
LABEL="cloudboot_end"
"""
SOCKET, SERVICE = "cloudboot-hotplug.socket", "cloudboot-hotplug.service"


class Options(Noun):
    updates: Updates = option(Updates, default=Updates(), apart=True, help="what is done again, and when")


def apply(system: System, options: Options, boot: Boot) -> None:
    if HOTPLUG not in events(options.updates, boot.instance):
        if system.remove(RULES):
            system.run("udevadm", "control", "--reload", check=False, machine=True)
            system.run("systemctl", "stop", SOCKET, check=False, machine=True)
        return
    if not (system.which("systemctl") and system.which("udevadm")):
        system.warn("network interfaces that come later are followed with systemd and udev, which are not here")
        return
    if system.write(RULES, RULE):
        system.run("udevadm", "control", "--reload", machine=True)
    system.run("systemctl", "--no-block", "start", SOCKET, machine=True)
    from cloudboot.network.plugged import change

    if change(system.text(SEEN) or "", nics_of(system)):
        system.run("systemctl", "--no-block", "start", SERVICE, machine=True)


MODULE = Module("install_hotplug", Stage.FINAL, Every.BOOT, Options, apply, unasked=True, after=("keys_to_console",),
                work=Work(there=(RULES,), brought=("updates=hotplug",)))  # fmt: skip
