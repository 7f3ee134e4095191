"""mcollective: install MCollective's server, and give it its settings and keys.

    mcollective:
      conf:
        connector: activemq
        plugin.activemq.pool.1.host: broker.example.org
        plugin.activemq.pool.1.ssl: true
        public-cert: |
          -----BEGIN CERTIFICATE-----
          <cert data>
          -----END CERTIFICATE-----
        private-cert: |
          -----BEGIN PRIVATE KEY-----
          <key data>
          -----END PRIVATE KEY-----

``conf`` goes into /etc/mcollective/server.cfg, where settings that are not named stay; since it may hold passwords, it
is root's alone. ``public-cert`` and ``private-cert`` become files in /etc/mcollective/ssl, and make ssl the
securityprovider.
"""

from __future__ import annotations

from cloudboot.admin import packages, services, settings_text
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Int, MapOf, SecretText, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.schema.problem import Path

FILE = "/etc/mcollective/server.cfg"
SSL = "/etc/mcollective/ssl"
PUBLIC, PRIVATE = "public-cert", "private-cert"


class Settings(MapOf):
    """A mapping of settings, in which the two certificates are texts, and secret."""

    def __init__(self) -> None:
        super().__init__(AnyOf(Bool, Int, Text))

    def parse(self, value: Any, path: Path, found: List[Any]) -> Any:
        if not isinstance(value, dict):
            return self.bad(value, path, found)
        out = super().parse({k: v for k, v in value.items() if k not in (PUBLIC, PRIVATE)}, path, found)
        for key in (PUBLIC, PRIVATE):
            if key in value:
                out[key] = SecretText().parse(value[key], (*path, key), found)
        return out

    def schema(self) -> Dict[str, Any]:
        about = {PUBLIC: "the server's certificate, in PEM", PRIVATE: "its private key, in PEM"}
        return {**super().schema(), "properties": {k: {"type": "string", "description": about[k]} for k in about}}


class Options(Noun):
    conf: Optional[Mapping[str, Any]] = option(Settings, default=None, help="settings of the server, and its keys")


def apply(system: System, options: Options, boot: Boot) -> None:
    packages.ensure(system, boot.host.os, "mcollective")
    if options.conf is None:
        return
    settings = {name: settings_text.spelled(value) for name, value in options.conf.items()
                if name not in (PUBLIC, PRIVATE)}  # fmt: skip
    for key, name, mode in ((PUBLIC, "public", 0o644), (PRIVATE, "private", 0o600)):
        pem = options.conf.get(key)
        if pem:
            path = f"{SSL}/server-{name}.pem"
            system.write(path, pem.reveal(), mode=mode, secret=mode == 0o600)
            settings.update({f"plugin.ssl_server_{name}": path, "securityprovider": "ssl"})
    text = settings_text.with_settings(system.text(FILE) or "", {"": settings})
    system.write(FILE, text, mode=0o600, secret=True)
    services.restart(system, boot.host.os, "mcollective")


MODULE = Module("mcollective", Stage.FINAL, Every.INSTANCE, Options, apply, key="mcollective", after=("ansible",))
