"""landscape: registers this machine with Canonical's Landscape.

    landscape:
      client:
        account_name: example
        computer_title: web1
        url: https://landscape.example.org/message-system
        registration_key: an example of a key
        tags: server,cloud

The client is installed where it is not there. All keys of ``client`` are its own options; the registration key goes
into its configuration, which others cannot read, and the rest to landscape-config. A machine that is registered already
stays as it is, and a warning says so.
"""

from __future__ import annotations

from cloudboot.admin import packages
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Choice, Record, SecretText, Shape, Text
from cloudboot.system.door import System
from cloudboot.values import Secret

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional

    from cloudboot.schema import Problem
    from cloudboot.schema.problem import Path

CONF = "/etc/landscape/client.conf"
REGISTER_SECONDS = 300.0


class Known(Noun):
    account_name: str = option(Text, required=True, default="", help="the account that is to have the machine")
    computer_title: str = option(Text, required=True, default="", help="what the machine is called there")
    url: str = option(Text, default="https://landscape.canonical.com/message-system", help="where messages go")
    ping_url: str = option(Text, default="https://landscape.canonical.com/ping", help="where it asks for messages")
    data_path: str = option(Text, default="/var/lib/landscape/client", help="the folder of its data")
    log_level: str = option(
        Choice("debug", "info", "warning", "error", "critical"), default="info", help="what it logs"
    )
    registration_key: Optional[Secret] = option(SecretText, default=None, help="the account's key")
    tags: Optional[str] = option(
        Text(r"^[-_0-9a-zA-Z]+(,[-_0-9a-zA-Z]+)*$", "tags with commas between them"), default=None, help="its tags"
    )
    http_proxy: Optional[str] = option(Text, default=None, help="the proxy for http")
    https_proxy: Optional[str] = option(Text, default=None, help="the proxy for https")


class Client(Shape):
    """The options that are known here, and beside them any others of the client's own."""

    says = "a mapping"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        known = Record(Known, open=True).parse(value, path, found)
        if not isinstance(known, Known):
            return None
        return {**known.items(), **{str(k): v for k, v in value.items() if k not in Known._fields}}

    def schema(self) -> Dict[str, Any]:
        return Record(Known, open=True).schema()


class Options(Noun):
    client: Mapping[str, Any] = option(Client, required=True, default={}, help="what the client is told")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not system.which("landscape-config"):
        packages.ensure(system, boot.host.os, "landscape-client")
    elif system.query("landscape-config", "--silent", "--is-registered").code == 0:
        system.warn("landscape: this machine is registered already, and stays as it is")
        return
    key = options.client["registration_key"]
    if key is not None:
        text = _with_key(system.text(CONF) or "", key.reveal())
        system.write(CONF, text, mode=0o640, owner="landscape:root", secret=True)
    words: List[str] = []
    for name, value in sorted(options.client.items()):
        if value is not None and name != "registration_key":
            words += [f"--{name.replace('_', '-')}", str(value)]
    system.run("landscape-config", "--silent", *words, timeout=REGISTER_SECONDS)


def _with_key(text: str, key: str) -> str:
    """The client's configuration with this registration key in its section."""
    lines = [line for line in text.splitlines() if line.partition("=")[0].strip() != "registration_key"]
    if "[client]" not in lines:
        lines.insert(0, "[client]")
    lines.insert(lines.index("[client]") + 1, f"registration_key = {key}")
    return "".join(line + "\n" for line in lines)


MODULE = Module("landscape", Stage.FINAL, Every.INSTANCE, Options, apply, key="landscape", distros=("ubuntu",),
                after=("package_update_upgrade_install",))  # fmt: skip
