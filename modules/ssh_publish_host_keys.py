"""ssh_publish_host_keys: hands the public host keys to the cloud, where it takes them.

    ssh_publish_hostkeys:
      enabled: true
      blacklist: [rsa]

Google's metadata service shows them to whoever may see the instance. It is told once the network is up; the keys are
made long before. A tree that is no running machine tells nobody; where guest
attributes are switched off nobody hears it.
"""

from __future__ import annotations

from cloudboot.admin import hostkeys
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage, Work
from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.schema import Bool, ListOf, Text, option
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple

GUEST = "/computeMetadata/v1/instance/guest-attributes/hostkeys"
HEADERS = {"Metadata-Flavor": "Google"}


class Publish(Noun):
    """Whether the cloud learns the public host keys."""

    enabled: bool = option(Bool, default=True, help="hand the public host keys to the cloud, where it takes them")
    blacklist: Tuple[str, ...] = option(ListOf(Text), default=(), help="types that are kept back")


def apply(system: System, options: Publish, boot: Boot) -> None:
    if not options.enabled or boot.instance.datasource.lower() != "gce":
        return
    from cloudboot.clouds import thanks

    where = thanks.service(boot.instance)
    for key in hostkeys.public(system):
        if any(word in key.kind for word in options.blacklist):
            continue
        try:
            if not thanks.offer(system, where, f"{GUEST}/{key.kind}", key.blob.encode(), "PUT", HEADERS):
                return
        except CloudbootError as problem:
            system.warn(f"the cloud was not told the public host keys: {problem.reason}")
            return


MODULE = Module("ssh_publish_host_keys", Stage.NETWORK, Every.INSTANCE, Publish, apply, key="ssh_publish_hostkeys",
                unasked=True, listed=False, after=("boothooks", "mounts"),
                work=Work(brought=("datasource=gce",)))  # fmt: skip
