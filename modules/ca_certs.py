"""ca_certs: whom this machine trusts to vouch for others.

    ca_certs:
      remove_defaults: true
      trusted:
        - |
          -----BEGIN CERTIFICATE-----
          YOUR-ORGS-TRUSTED-CA-CERT-HERE
          -----END CERTIFICATE-----

Each certificate of ``trusted`` becomes a file cloudboot-ca-cert-N.crt where the distribution looks for those of the
machine's owner, and its own program then makes the bundles. ``remove_defaults`` takes away everybody else: on Debian
and Alpine by a ``!`` in /etc/ca-certificates.conf (and new ones are not trusted when packages bring them), elsewhere by
removing their files.
"""

from __future__ import annotations

from cloudboot.admin import debconf
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.values import Os

NAME = "cloudboot-ca-cert-"


class Store(Noun):
    """Where a distribution keeps certificates: the owner's in ``own``, all others in ``others`` or, switched on one by
    one, in the file ``chosen``; ``update`` makes the bundles."""

    own: str
    update: str
    others: Tuple[str, ...] = ()
    chosen: str = ""


DEBIAN = Store("/usr/local/share/ca-certificates", "update-ca-certificates", chosen="/etc/ca-certificates.conf")
STORES = {
    "debian": DEBIAN,
    "alpine": DEBIAN,
    "redhat": Store(
        "/etc/pki/ca-trust/source/anchors",
        "update-ca-trust",
        (
            "/usr/share/pki/ca-trust-source",
            "/usr/share/pki/ca-trust-source/anchors",
            "/etc/pki/ca-trust/source/anchors",
        ),
    ),
    "suse": Store(
        "/etc/pki/trust/anchors",
        "update-ca-certificates",
        ("/usr/share/pki/trust", "/usr/share/pki/trust/anchors", "/etc/pki/trust/anchors"),
    ),
    "photon": Store("/etc/ssl/certs", "rehash_ca_certificates.sh", ("/etc/ssl/certs",)),
}


class Options(Noun):
    _least = 1
    remove_defaults: bool = option(
        Bool, default=False, was=("remove-defaults", "22.3"), help="trust nobody but those named here"
    )
    trusted: Tuple[str, ...] = option(ListOf(Text, least=1), default=(), help="certificates in PEM form")


def apply(system: System, options: Options, boot: Boot) -> None:
    store = _store(boot.host.os)
    if options.remove_defaults:
        _distrust(system, store, boot.host.os)
    names = [f"{NAME}{n}.crt" for n in range(1, len(options.trusted) + 1)]
    for name, certificate in zip(names, options.trusted):
        system.write(f"{store.own}/{name}", certificate.rstrip("\n") + "\n")
    for name in system.names(store.own):
        if name.startswith(NAME) and name not in names:
            system.remove(f"{store.own}/{name}")
    if options.trusted or options.remove_defaults:
        system.run(store.update)


def _store(os: Os) -> Store:
    return STORES.get(os.id) or STORES.get(os.family) or DEBIAN


def _distrust(system: System, store: Store, os: Os) -> None:
    if store.chosen:
        lines = (system.text(store.chosen) or "").splitlines()
        off = [line if not line or line[0] in "#!" else f"!{line}" for line in lines]
        if lines:
            system.write(store.chosen, "".join(line + "\n" for line in off))
        if os.family == "debian":
            debconf.answer(system, "ca-certificates ca-certificates/trust_new_crts select no")
    for folder in store.others:
        for name in system.names(folder):
            entry = system.look(f"{folder}/{name}")
            if entry and entry.kind != "folder" and not name.startswith(NAME):
                system.remove(f"{folder}/{name}")


MODULE = Module("ca_certs", Stage.NETWORK, Every.INSTANCE, Options, apply, key="ca_certs",
                after=("resolv_conf", "update_etc_hosts"), aliases={"ca-certs": "22.3"},
                distros=("alpine", "debian", "redhat", "suse", "photon"))  # fmt: skip
