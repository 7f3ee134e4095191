"""A password that OpenStack's owner reads with ``nova get-password``: made here, encrypted to the machine's RSA key,
and kept by the metadata service, which takes one and never another.

Source: nova's api/metadata/password.py, as "Password" in the datasources reference has it.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Optional

    from cloudboot.datasource import Probe
    from cloudboot.system.door import System
    from cloudboot.values import Instance

PATH = "/openstack/latest/password"
LENGTH = 20
ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def post(system: System, probe: Probe, instance: Instance, url: str) -> None:
    """Gives the default user a password and posts it to the service at ``url``; nothing where one was posted before.

    Raises `CloudbootError`.
    """
    from binascii import b2a_base64

    from cloudboot.admin import accounts
    from cloudboot.http.reach import reach
    from cloudboot.metadata.rsa import encrypted

    blob = rsa_key(instance)
    if blob is None or not probe.user:
        lacks = "an ssh-rsa key" if probe.user else "a default user"
        system.warn(f"no password is posted: that needs {lacks}")
        return
    service = reach(probe, "OpenStack metadata", [url])
    try:
        there = service.find(PATH)
    finally:
        service.close()
    if there:
        return
    password = system.draw(f"password of {probe.user}", LENGTH, ALPHABET)
    accounts.set_password(system, probe.user, password, False)
    system.tell(url, PATH, b2a_base64(encrypted(blob, password.reveal().encode()), newline=False))


def rsa_key(instance: Instance) -> Optional[str]:
    """The first key of RSA's that the cloud gave."""
    from cloudboot.admin.publickey import public_keys

    return next((key.blob for key in public_keys(instance.ssh_keys)[0] if key.kind == "ssh-rsa"), None)
