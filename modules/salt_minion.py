"""salt_minion: install a Salt minion, and give it its configuration, its keys and what it knows of itself.

    salt_minion:
      pkg_name: salt-minion
      service_name: salt-minion
      config_dir: /etc/salt
      conf:
        master: salt.example.com
      grains:
        role: [web]
      public_key: |
        -----BEGIN PUBLIC KEY-----
        <key data>
        -----END PUBLIC KEY-----
      private_key: |
        -----BEGIN PRIVATE KEY-----
        <key data>
        -----END PRIVATE KEY-----

``conf`` becomes the file minion and ``grains`` the file grains, in ``config_dir``. The keys, which a master that knows
them accepts at once, go to ``pki_dir`` (pki/minion in ``config_dir``); they are written when both are there.

With ``file_client: local`` in ``conf`` there is no master: the states are applied once, and the service is stopped and
does not start again.
"""

from __future__ import annotations

from cloudboot.admin import packages, services
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Anything, MapOf, SecretText, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.values import Secret

RUN_SECONDS = 3600.0
SETTINGS = MapOf(Anything)


class Options(Noun):
    pkg_name: str = option(Text, default="salt-minion", help="the package to install")
    service_name: str = option(Text, default="salt-minion", help="its service")
    config_dir: str = option(Text, default="/etc/salt", help="the folder of its configuration")
    conf: Optional[Mapping[str, Any]] = option(SETTINGS, default=None, help="the minion's settings")
    grains: Optional[Mapping[str, Any]] = option(SETTINGS, default=None, help="what the machine tells of itself")
    public_key: Optional[Secret] = option(SecretText, default=None, help="its public key, in PEM")
    private_key: Optional[Secret] = option(SecretText, default=None, help="its private key, in PEM")
    pki_dir: Optional[str] = option(Text, default=None, help="the folder of its keys")


def apply(system: System, options: Options, boot: Boot) -> None:
    os = boot.host.os
    packages.ensure(system, os, options.pkg_name)
    _configure(system, options)
    if (options.conf or {}).get("file_client") == "local":
        services.disable(system, os, options.service_name)
        system.run("salt-call", "--local", "--retcode-passthrough", "--config-dir", options.config_dir, "state.apply",
                   timeout=RUN_SECONDS, stream=True, machine=True)  # fmt: skip
        return
    services.enable(system, os, options.service_name)
    services.restart(system, os, options.service_name)


def _configure(system: System, options: Options) -> None:
    """The files that the minion reads; its settings may hold passwords."""
    from cloudboot.userdata import document

    folder = options.config_dir.rstrip("/")
    if options.conf is not None:
        system.write(f"{folder}/minion", document.dump(dict(options.conf)), mode=0o600, secret=True)
    if options.grains is not None:
        system.write(f"{folder}/grains", document.dump(dict(options.grains)))
    if options.public_key and options.private_key:
        keys = (options.pki_dir or f"{folder}/pki/minion").rstrip("/")
        system.mkdir(keys, mode=0o700)
        system.write(f"{keys}/minion.pub", options.public_key.reveal())
        system.write(f"{keys}/minion.pem", options.private_key.reveal(), mode=0o600, secret=True)
    elif options.public_key or options.private_key:
        system.warn("salt_minion has one key of two; write public_key and private_key both, or neither")


MODULE = Module("salt_minion", Stage.FINAL, Every.INSTANCE, Options, apply, key="salt_minion",
                after=("mcollective",))  # fmt: skip
