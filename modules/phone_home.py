"""phone_home: tell a URL that this machine is up, and who it is.

    phone_home:
      url: http://example.com/$INSTANCE_ID/
      post: [pub_key_ed25519, instance_id, hostname, fqdn]
      tries: 5

A POST of a form, near the end of the first boot, tried ``tries`` times three seconds apart. ``post: all`` sends
pub_key_rsa, pub_key_ecdsa, pub_key_ed25519 (the public host keys), instance_id, hostname and fqdn; what the machine has
not is sent as N/A. ``$INSTANCE_ID`` in the URL stands for the instance's id. A URL that does not answer is a warning.
"""

from __future__ import annotations

from cloudboot.admin import hostname
from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Choice, Int, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple, Union

KEYS = ("pub_key_rsa", "pub_key_ecdsa", "pub_key_ed25519")
ALL = (*KEYS, "instance_id", "hostname", "fqdn")


class Options(Noun):
    url: Optional[str] = option(Text, required=True, help="where to post; $INSTANCE_ID in it is the instance's id")
    post: Union[str, Tuple[str, ...]] = option(
        AnyOf(Choice("all"), ListOf(Choice(*ALL))), default="all", help="which facts to send: all, or a list of them"
    )
    tries: int = option(Int(least=1), default=10, help="how often to try")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.url:
        return
    from urllib.parse import urlencode

    known = _known(system, boot)
    facts = {name: known.get(name) or "N/A" for name in (ALL if options.post == "all" else options.post)}
    url = options.url
    for name in ("$INSTANCE_ID", "${INSTANCE_ID}"):
        url = url.replace(name, boot.instance.id)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        system.fetch(url, headers=headers, body=urlencode(facts).encode(), tries=options.tries, machine=True)
    except Unreachable as problem:
        system.warn(f"nobody was told that this machine is up: {problem.reason}")


def _known(system: System, boot: Boot) -> Dict[str, str]:
    try:
        names = hostname.names(boot.config, boot.instance)
    except CloudbootError:  # the module that sets it has said so
        names = hostname.Names()
    known = {name: (system.text(f"/etc/ssh/ssh_host_{name[8:]}_key.pub") or "").strip() for name in KEYS}
    return {**known, "instance_id": boot.instance.id, "hostname": names.short, "fqdn": names.full or names.short}


MODULE = Module("phone_home", Stage.FINAL, Every.INSTANCE, Options, apply, key="phone_home",
                after=("keys_to_console", "scripts_user", "ssh_authkey_fingerprints"))  # fmt: skip
