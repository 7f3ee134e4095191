"""SSH public keys as text: one line each, as in authorized_keys(5) and ``*.pub`` files. Values in, values out."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import List, Optional, Sequence, Tuple

_PLAIN = ("ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
          "rsa-sha2-256", "rsa-sha2-512")  # fmt: skip
_VENDOR = ("sk-ssh-ed25519", "sk-ecdsa-sha2-nistp256", "ssh-xmss")
KINDS = frozenset((
    *_PLAIN,
    *(f"{kind}@openssh.com" for kind in _VENDOR),
    *(f"{kind}-cert-v01@openssh.com" for kind in (*_PLAIN, *_VENDOR)),
))  # fmt: skip
SHORT = {"ssh-ed25519": "ED25519", "ssh-rsa": "RSA", "ssh-dss": "DSA"}


class PublicKey(Noun):
    """``options kind blob comment``; the blob is base64 and names the key, the rest is what somebody says of it."""

    kind: str
    blob: str
    options: str = ""
    comment: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.options, self.kind, self.blob, self.comment) if word)


def public_key(line: str) -> Optional[PublicKey]:
    """The key on this line, None where there is none: a blank line, a comment, or no key of a kind that sshd knows."""
    line = line.strip()
    if not line or line[0] == "#":
        return None
    options = ""
    if line.split(None, 1)[0] not in KINDS:
        options, line = _options(line)
    words = line.split(None, 2)
    if len(words) < 2 or words[0] not in KINDS:
        return None
    return PublicKey(words[0], words[1], options, words[2] if len(words) > 2 else "")


def public_keys(texts: Sequence[str]) -> Tuple[Tuple[PublicKey, ...], int]:
    """The keys in these texts, each once, and how many lines were none. A text may hold several lines."""
    found, others = {}, 0
    for text in texts:
        for line in text.splitlines():
            key = public_key(line)
            if key:
                found[key.blob] = key
            elif line.strip() and line.strip()[0] != "#":
                others += 1
    return tuple(found.values()), others


def merged(old: str, keys: Sequence[PublicKey]) -> str:
    """An authorized_keys file with these keys in it: one already there takes the new options and comment, in its
    place; every other line stays as it is."""
    new = {key.blob: key for key in keys}
    lines: List[str] = []
    for line in old.splitlines():
        known = public_key(line)
        if known is None or known.blob not in {key.blob for key in keys}:
            lines.append(line)
        elif known.blob in new:
            lines.append(str(new.pop(known.blob)))
    return "".join(f"{line}\n" for line in (*lines, *map(str, new.values())))


def fingerprint(key: PublicKey, algorithm: str = "sha256") -> str:
    """``SHA256:...`` as ``ssh-keygen -l`` shows it; hexadecimal pairs for md5. Raises ValueError for a blob or an
    algorithm that is none."""
    from binascii import b2a_base64

    if algorithm == "sha256":
        from cloudboot.digests import sha256

        digest = sha256(_raw(key)).digest()
    else:
        from hashlib import new

        digest = new(algorithm, _raw(key)).digest()
    if algorithm.lower() == "md5":
        return "MD5:" + ":".join(f"{byte:02x}" for byte in digest)
    return f"{algorithm.upper()}:{b2a_base64(digest, newline=False).decode().rstrip('=')}"


def bits(key: PublicKey) -> int:
    """How long the key is, 0 where that cannot be told."""
    kind = key.kind.partition("@")[0].replace("-cert-v01", "")
    if kind.endswith("ed25519"):
        return 256
    if "nistp" in kind:
        return int(kind.rpartition("nistp")[2])
    try:
        fields = _fields(_raw(key))
    except ValueError:
        return 0
    number = fields[2] if kind == "ssh-rsa" and "cert" not in key.kind and len(fields) > 2 else b""
    return int.from_bytes(number, "big").bit_length()


def described(key: PublicKey) -> str:
    """The line that ``ssh-keygen -l`` prints for the key."""
    kind = SHORT.get(key.kind) or ("ECDSA" if key.kind.startswith("ecdsa") else key.kind.partition("@")[0].upper())
    try:
        mark = fingerprint(key)
    except ValueError:
        mark = "unreadable"
    return f"{bits(key)} {mark} {key.comment or 'no comment'} ({kind})"


def _options(line: str) -> Tuple[str, str]:
    """The options a line begins with, and the rest; a blank in quotes ends nothing."""
    quoted = escaped = False
    for i, char in enumerate(line):
        if char in " \t" and not quoted:
            return line[:i], line[i:].strip()
        if char == '"' and not escaped:
            quoted = not quoted
        escaped = char == "\\" and not escaped
    return line, ""


def _raw(key: PublicKey) -> bytes:
    from binascii import a2b_base64

    raw = a2b_base64(key.blob)
    if not raw:
        raise ValueError("no base64")
    return raw


def _fields(raw: bytes) -> List[bytes]:
    """The length-prefixed strings a blob is made of (RFC 4253, section 6.6)."""
    out: List[bytes] = []
    while len(raw) >= 4:
        size = int.from_bytes(raw[:4], "big")
        out.append(raw[4 : 4 + size])
        raw = raw[4 + size :]
    return out
