"""spacewalk: registers a Red Hat system with a Spacewalk server.

    spacewalk:
      server: spacewalk.example.org
      proxy: proxy.example.org
      activation_key: an-example-of-a-key

The server is a host or the whole URL of its XML-RPC interface; the system is called there by its full name. The
programs are installed where they are not there. A system that is registered already stays so. rhnreg_ks takes the key
as an argument only, which others on the machine can see while it runs.
"""

from __future__ import annotations

from cloudboot.admin import hostname, packages
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import SecretText, Text
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Optional

CERTIFICATE = "/usr/share/rhn/RHN-ORG-TRUSTED-SSL-CERT"
PACKAGES = ("rhn-setup", "python-rhn", "rhn-client-tools", "rhn-check", "rhnsd", "m2crypto", "yum-rhn-plugin")
REGISTERED = "/etc/sysconfig/rhn/systemid"
REGISTER_SECONDS = 300.0


class Options(Noun):
    server: str = option(Text, default="", help="the server, by name or by URL")
    proxy: str = option(Text, default="", help="the proxy to it")
    activation_key: Optional[Secret] = option(SecretText, default=None, help="the key to register with")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.server:
        return
    if options.activation_key is None:
        raise CloudbootError("spacewalk needs an activation_key beside the server")
    if not system.which("rhnreg_ks"):
        packages.ensure(system, boot.host.os, *PACKAGES)
    elif system.exists(REGISTERED):
        return
    names = hostname.names(boot.config, boot.instance)
    server = options.server if "://" in options.server else f"https://{options.server}/XMLRPC"
    words = ["--serverUrl", server, "--sslCACert", CERTIFICATE]
    words += ["--profilename", names.full or names.short] if names.short else []
    words += ["--proxy", options.proxy] if options.proxy else []
    system.run("rhnreg_ks", *words, "--activationkey", options.activation_key.reveal(), timeout=REGISTER_SECONDS,
               quiet=True, describe="register with Spacewalk, by an activation key")  # fmt: skip


MODULE = Module("spacewalk", Stage.CONFIG, Every.INSTANCE, Options, apply, key="spacewalk",
                distros=("fedora", "openeuler", "rhel"), after=("rh_subscription",))  # fmt: skip
