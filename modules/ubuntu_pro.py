"""ubuntu_pro: attaches this machine to an Ubuntu Pro subscription, and chooses its services.

    ubuntu_pro:
      token: an example of a token
      enable: [fips, esm-infra]
      enable_beta: [realtime-kernel]
      config:
        http_proxy: http://proxy.example.org:3128
        https_proxy: null

With ``enable`` or ``enable_beta`` these services are enabled and no others; without, those that the subscription
recommends. ``config`` are settings of the client, made before anything else; nothing as a value unsets one. In a cloud
where the image itself is the subscription no token is needed: the machine is attached by itself unless
``features.disable_auto_attach`` is true. The token is handed over in a file for root alone, which is removed then. The
client is installed where it is not there.
"""

from __future__ import annotations

from cloudboot.admin import packages
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, ListOf, MapOf, Null, Problem, SecretText, Shape, Text, Uri
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Tuple

    from cloudboot.schema.problem import Path

ATTACH_SECONDS = 600.0
ASKED = "u.pro.attach.auto.should_auto_attach.v1"
PROXIES = {
    f"{prefix}{way}_proxy": f"the proxy for {way} {whom}"
    for prefix, whom in (("", "of the client"), ("global_apt_", "of all of apt"), ("ua_apt_", "of apt for Ubuntu Pro"))
    for way in ("http", "https")
}


class Config(Shape):
    """Settings of the client by name; those of proxies are URLs."""

    says = "a mapping"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        settings = MapOf(AnyOf(Text, Bool, Null)).parse(value, path, found)
        for name in PROXIES:
            if isinstance(value, dict) and isinstance(value.get(name), str):
                Uri().parse(value[name], (*path, name), found)
        return settings

    def schema(self) -> Dict[str, Any]:
        url = AnyOf(Uri, Null).schema()
        return {"type": "object", "properties": {name: {**url, "description": PROXIES[name]} for name in PROXIES}}


class Features(Noun):
    disable_auto_attach: bool = option(Bool, default=False, help="never attach this machine by itself")


class Options(Noun):
    token: Optional[Secret] = option(SecretText, default=None, help="the subscription's token")
    enable: Tuple[str, ...] = option(ListOf(Text), default=(), help="services to enable")
    enable_beta: Tuple[str, ...] = option(ListOf(Text), default=(), help="services to enable that are in beta")
    features: Features = option(Features, default=Features(), help="what the client does by itself")
    config: Mapping[str, Any] = option(Config, default={}, help="settings of the client, by name")


def apply(system: System, options: Options, boot: Boot) -> None:
    asks = options.token or options.enable or options.enable_beta or options.config
    itself = not options.features.disable_auto_attach and not options.token and _is_of_a_subscription(system)
    if not asks and not itself:
        return
    if not system.which("pro"):
        packages.ensure(system, boot.host.os, "ubuntu-advantage-tools")
    trouble = Trouble()
    for name, value in options.config.items():
        spelled = str(value).lower() if isinstance(value, bool) else value
        with trouble:
            system.run("pro", "config", *(("unset", name) if value is None else ("set", f"{name}={spelled}")),
                       describe=f"set {name} of the Ubuntu Pro client")  # fmt: skip
    if itself:
        system.run("pro", "auto-attach", timeout=ATTACH_SECONDS, machine=True)
    elif options.token:
        _attach(system, options.token, bool(options.enable or options.enable_beta), boot)
    elif options.enable or options.enable_beta:
        raise CloudbootError("ubuntu_pro has services to enable, and no token", "add token: the subscription's")
    for services, more in ((options.enable, ()), (options.enable_beta, ("--beta",))):
        for service in services:
            with trouble:
                _enable(system, service, more)
    trouble.tell()


def _is_of_a_subscription(system: System) -> bool:
    """Whether the cloud says of the image that it is a subscription itself."""
    from cloudboot import json

    done = system.query("pro", "api", ASKED, timeout=60.0)
    try:
        said = json.loads(done.stdout or b"{}")
        return done.code == 0 and said["data"]["attributes"]["should_auto_attach"] is True
    except (ValueError, KeyError, TypeError):
        return False


def _attach(system: System, token: Secret, chosen: bool, boot: Boot) -> None:
    """Attaches the machine; with ``chosen`` no service is enabled yet."""
    from cloudboot import json

    path = f"{boot.folder}/ubuntu-pro.yaml"
    system.write(path, json.dumps({"token": token.reveal(), **({"enable_services": []} if chosen else {})}) + "\n",
                 mode=0o600, secret=True)  # fmt: skip
    try:
        system.run("pro", "attach", "--attach-config", path, timeout=ATTACH_SECONDS, quiet=True, machine=True)
    finally:
        system.remove(path)


def _enable(system: System, service: str, more: Tuple[str, ...]) -> None:
    """Enables a service; one that is enabled already is as it should be."""
    argv = ("pro", "enable", "--assume-yes", "--format", "json", *more, "--", service)
    done = system.run(*argv, timeout=ATTACH_SECONDS, check=False, machine=True)
    if done.code and b"service-already-enabled" not in done.stdout:
        raise CloudbootError(f"pro could not enable {service}: it exited {done.code}", "see `pro status`")


MODULE = Module("ubuntu_pro", Stage.CONFIG, Every.INSTANCE, Options, apply, key="ubuntu_pro", distros=("ubuntu",),
                after=("apt_configure",), aliases={"ubuntu_advantage": "24.1"})  # fmt: skip
