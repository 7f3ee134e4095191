"""The keys by which clients know this machine again."""

from __future__ import annotations

from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Tuple

    from cloudboot.admin.publickey import PublicKey
    from cloudboot.system.door import System
    from cloudboot.values import Os

FOLDER = "/etc/ssh"
TYPES = ("rsa", "ecdsa", "ed25519")
ENDS = ("", ".pub", "-cert.pub")
BEGIN, END = b"-----BEGIN ", b"-----END "
# The keys are made in a folder of their own and handed over as words, so that what lands in /etc/ssh comes through the
# door: whole, with its mode, and on the disk before anything counts on it. ssh-keygen itself syncs nothing.
MAKE = """set -eu; umask 077; [ -d /run/cloudboot ] || mkdir -p /run/cloudboot
d=/run/cloudboot/keys.$$; trap 'rm -f "$d".*' EXIT
for t in "$@"; do ssh-keygen -q -t "$t" -N '' -C '' -f "$d.$t" >&2 & done
wait
for t in "$@"; do
    shift
    if [ -s "$d.$t.pub" ]; then echo "$t" >"$d.$t.kind"; set -- "$@" "$d.$t.kind" "$d.$t" "$d.$t.pub"; fi
done
[ $# = 0 ] || cat "$@" """
SECONDS = 120.0


class Pair(Noun):
    """A private key file's bytes and its public line."""

    private: bytes
    public: str


def path_of(kind: str, end: str = "") -> str:
    return f"{FOLDER}/ssh_host_{kind}_key{end}"


def is_private(content: Optional[bytes]) -> bool:
    """A whole private key, as far as its first and last line tell: power loss leaves empty files and zeros."""
    lines = (content or b"").strip().split(b"\n")
    return len(lines) > 2 and lines[0].startswith(BEGIN) and lines[-1].startswith(END) and b"\0" not in b"".join(lines)


def public(system: System) -> Tuple[PublicKey, ...]:
    """The public host keys that are there, with the machine's files as they are now."""
    from cloudboot.admin.publickey import public_key

    found: List[PublicKey] = []
    for name in system.names(FOLDER):
        if name.startswith("ssh_host_") and name.endswith("_key.pub"):
            key = public_key((system.text(f"{FOLDER}/{name}") or "").partition("\n")[0])
            if key:
                found.append(key)
    return tuple(found)


def remove(system: System, keep: Sequence[str] = ()) -> None:
    """Takes away every host key but those of the kinds to keep: in a clone they are another machine's."""
    kept = [path_of(kind, end) for kind in keep for end in ENDS]
    for name in system.names(FOLDER):
        if name.startswith("ssh_host_") and "_key" in name and f"{FOLDER}/{name}" not in kept:
            system.remove(f"{FOLDER}/{name}")


def missing(system: System, kinds: Sequence[str]) -> Tuple[str, ...]:
    """The kinds of which there is no whole private key."""
    return tuple(kind for kind in kinds if not is_private(system.read(path_of(kind))))


def broken(system: System) -> Tuple[str, ...]:
    """The kinds whose private key is there and no key at all."""
    there = {kind: system.look(path_of(kind)) for kind in missing(system, TYPES)}
    return tuple(kind for kind, entry in there.items() if entry and entry.size >= 0)


def generate(system: System, os: Os, kinds: Sequence[str]) -> Tuple[PublicKey, ...]:
    """Makes keys of these kinds in one go; the public ones, nothing where that waits for the first real boot.

    A kind that cannot be made here, as a policy of the machine may forbid one, is told after the others are in place.
    """
    if not kinds:
        return ()
    done = system.run("sh", "-c", MAKE, "ssh-keygen", *kinds, timeout=SECONDS, quiet=True,
                      describe=f"make SSH host keys: {', '.join(kinds)}")  # fmt: skip
    if done.left:
        return ()
    pairs = dict.fromkeys(kinds, Pair(b"", "")) if done.planned else _pairs(done.stdout)
    for kind, pair in pairs.items():
        # the private half last: where it is, the pair is whole, and a run that power loss ended makes no other
        system.write(path_of(kind, ".pub"), pair.public, origin="" if pair.public else "ssh-keygen")
        write_private(system, os, kind, pair.private)
    lost = [kind for kind in kinds if kind not in pairs]
    if lost:
        raise CloudbootError(f"ssh-keygen made no host key of the type {' and '.join(lost)}", "is there room in /run?")
    from cloudboot.admin.publickey import public_key

    return tuple(key for key in (public_key(pair.public) for pair in pairs.values()) if key)


def write_private(system: System, os: Os, kind: str, content: bytes) -> None:
    group = os.family == "redhat" and any(
        g.startswith("ssh_keys:") for g in (system.text("/etc/group") or "").split("\n")
    )
    # before OpenSSH 9 the host-based helper of these distributions reads the keys as that group
    mode = 0o640 if group and os.version.partition(".")[0] in ("7", "8") else 0o600
    owner = "root:ssh_keys" if group else None
    system.write(path_of(kind), content, mode=mode, owner=owner, secret=True, origin="" if content else "ssh-keygen")


def write_public(system: System, kind: str) -> None:
    """Derives the public half of a key that came without it."""
    done = system.run("ssh-keygen", "-y", "-f", path_of(kind), check=False, timeout=SECONDS)
    if done.code:
        system.warn(f"the {kind} host key is no key that ssh-keygen can read")
    elif not done.left:
        system.write(path_of(kind, ".pub"), done.stdout, origin="ssh-keygen" if done.planned else "")


def _pairs(words: bytes) -> Dict[str, Pair]:
    """What `MAKE` said: each kind, its private key, and the line of the public half. Only whole pairs count."""
    pairs: Dict[str, Pair] = {}
    kind, private = "", b""
    for line in words.splitlines(keepends=True):
        if not kind:
            kind = line.decode("ascii", "replace").strip()
        elif is_private(private):
            pairs[kind] = Pair(private, line.decode("ascii", "replace"))
            kind, private = "", b""
        else:
            private += line
    return pairs
