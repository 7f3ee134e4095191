"""wireguard: tunnels, up before anything that needs them is fetched.

    wireguard:
      interfaces:
        - name: wg0
          config_path: /etc/wireguard/wg0.conf
          content: |
            [Interface]
            PrivateKey = aGFyZGx5IGEga2V5LCBqdXN0IGFuIGV4YW1wbGUuLi4=
            Address = 192.0.2.1/24
      readinessprobe:
        - ping -c 3 192.0.2.2

Each interface's file is for root alone, and goes to /etc/wireguard/NAME.conf unless ``config_path`` says otherwise; its
wg-quick service is enabled and started now. The probes are shell commands, run in order when all tunnels are up, a
minute each; the module fails when one does. The tools are installed where they are not there.
"""

from __future__ import annotations

from cloudboot.admin import packages, services
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import ListOf, SecretText, Text
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Optional, Tuple

PROBE_SECONDS = 60.0


class Interface(Noun):
    name: Optional[str] = option(Text, default=None, help="its name, such as wg0")
    config_path: Optional[str] = option(Text, default=None, help="its file; /etc/wireguard/NAME.conf if not given")
    content: Optional[Secret] = option(SecretText, default=None, help="its configuration, as wg-quick(8) has it")


class Options(Noun):
    _least = 1
    interfaces: Tuple[Interface, ...] = option(
        ListOf(Interface, least=1), required=True, default=(), help="the tunnels"
    )
    readinessprobe: Tuple[str, ...] = option(
        ListOf(Text, unique=True), default=(), help="shell commands that succeed when the tunnels work"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.interfaces:
        return
    if not system.which("wg-quick"):
        packages.ensure(system, boot.host.os, "wireguard-tools")
    trouble = Trouble()
    for n, interface in enumerate(options.interfaces):
        with trouble:
            _raise(system, boot, n, interface)
    for n, probe in enumerate(options.readinessprobe):
        with trouble:
            system.run("/bin/sh", "-c", probe, timeout=PROBE_SECONDS, machine=True,
                       describe=f"run wireguard.readinessprobe[{n}]")  # fmt: skip
    trouble.tell()


def _raise(system: System, boot: Boot, n: int, interface: Interface) -> None:
    """Writes an interface's file and starts it."""
    if not interface.name or not interface.content:
        raise CloudbootError(f"wireguard.interfaces[{n}] needs a name and content")
    path = interface.config_path or f"/etc/wireguard/{interface.name}.conf"
    system.write(path, interface.content.reveal().rstrip("\n") + "\n", mode=0o600, secret=True)
    unit = f"wg-quick@{interface.name}" if boot.host.os.family not in services.OPENRC else f"wg-quick.{interface.name}"
    if unit.startswith("wg-quick."):
        system.link(f"/etc/init.d/{unit}", "/etc/init.d/wg-quick")
    services.enable(system, boot.host.os, unit)
    services.start_now(system, boot.host.os, unit)


MODULE = Module("wireguard", Stage.CONFIG, Every.INSTANCE, Options, apply, key="wireguard", bare=True)
