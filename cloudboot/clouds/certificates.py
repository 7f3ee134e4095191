"""Keys that Azure gives as certificates: packed for a key pair that is made for this one question, with openssl(1).

The pair is never written to a disk, and the private key is in no command line: openssl reads it from memory.
"""

from __future__ import annotations

import os

from cloudboot.clouds import wireserver
from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, Iterator, Sequence, Tuple

    from cloudboot.datasource import Probe
    from cloudboot.system.actions import Outcome
    from cloudboot.values import Host

SUBJECT = "/CN=LinuxTransport"
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
SECONDS = 60.0


class Transport(Noun):
    """A key pair: ``key`` in PEM, and the ``certificate`` as base64 of its DER, on one line."""

    key: bytes
    certificate: str


def given(probe: Probe, fingerprints: Sequence[str], place: str) -> Tuple[str, ...]:
    """The keys whose certificates have these fingerprints, of those that the wireserver at ``place`` has; what it has
    not is left out with a warning."""
    if not fingerprints:
        return ()
    service = wireserver.reached(probe, place)
    try:
        goal = wireserver.goal(service)
        pair = transport(probe.host)
        bag = wireserver.bag(service, goal, pair.certificate) if goal.certificates else b""
        known = keys(probe.host, bag, pair) if bag else {}
    except CloudbootError as problem:
        probe.warn(f"keys that are given as certificates cannot be had: {problem.reason}")
        return ()
    finally:
        service.close()
    if any(f.upper() not in known for f in fingerprints):
        probe.warn("the platform does not have all the certificates whose keys the owner gave")
    return tuple(known[f.upper()] for f in fingerprints if f.upper() in known)


def transport(host: Host) -> Transport:
    """A new one. Raises `Unreachable` where there is no openssl."""
    made = _openssl(host, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "365", "-subj", SUBJECT,
                    "-keyout", "/dev/stdout", "-out", "/dev/stdout", what="make a key pair")  # fmt: skip
    text = made.stdout.decode("ascii", "replace")
    certificate = next(_certificates(text), "")
    key, mark, _ = text.partition(BEGIN)
    if not mark or "PRIVATE KEY" not in key:
        raise Unreachable("openssl made no key pair")
    return Transport(key.encode(), "".join(certificate.splitlines()[1:-1]))


def keys(host: Host, bag: bytes, pair: Transport) -> Dict[str, str]:
    """The public keys in a CMS message that holds a PKCS#12 with an empty password: lines of OpenSSH, by the
    fingerprints of their certificates (SHA-1, forty upper-case digits). Raises `Unreachable`."""
    from binascii import a2b_base64
    from hashlib import sha1

    memory = os.memfd_create("key", os.MFD_CLOEXEC)
    try:
        os.write(memory, pair.key)
        packed = _openssl(host, "cms", "-decrypt", "-inform", "DER", "-inkey", f"/proc/{os.getpid()}/fd/{memory}",
                          stdin=bag, what="open the certificates").stdout  # fmt: skip
    finally:
        os.close(memory)
    opened = _unpacked(host, packed)
    found = {}
    for certificate in _certificates(opened.decode("ascii", "replace")):
        der = a2b_base64("".join(certificate.splitlines()[1:-1]))
        public = _openssl(host, "x509", "-noout", "-pubkey", stdin=certificate.encode(), what="read a certificate")
        line = _run(host, ("ssh-keygen", "-i", "-m", "PKCS8", "-f", "/dev/stdin"), public.stdout)
        if line.code == 0:
            found[sha1(der, usedforsecurity=False).hexdigest().upper()] = line.stdout.decode().strip()  # noqa: S324
    return found


def _unpacked(host: Host, packed: bytes) -> bytes:
    """The certificates of a PKCS#12; older ones use what newer releases of openssl keep in a provider of its own."""
    words = ("pkcs12", "-nokeys", "-passin", "pass:")
    first = _run(host, ("openssl", *words), packed)
    if first.code == 0:
        return first.stdout
    return _openssl(host, *words, "-legacy", stdin=packed, what="unpack the certificates").stdout


def _certificates(text: str) -> Iterator[str]:
    for piece in text.split(BEGIN)[1:]:
        body, mark, _ = piece.partition(END)
        if mark:
            yield f"{BEGIN}{body}{END}\n"


def _openssl(host: Host, *words: str, stdin: bytes = b"", what: str) -> Outcome:
    done = _run(host, ("openssl", *words), stdin)
    if done.code:
        why = "it is not installed" if done.code == 127 else f"it exited {done.code}"
        raise Unreachable(f"openssl could not {what}: {why}", "install openssl, or give keys as OpenSSH has them")
    return done


def _run(host: Host, argv: Sequence[str], stdin: bytes) -> Outcome:
    from cloudboot.system.actions import Outcome
    from cloudboot.system.spawn import spawn

    if not host.asks:
        return Outcome(False, 127)
    return spawn(argv, stdin=stdin, timeout=SECONDS, most=1 << 20)
